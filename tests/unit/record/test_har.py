"""Recorded traffic: what is in a HAR is believed no further than it says, and what is no HAR is one clear error."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.core.clock import MS, SECOND
from ackord.core.event import Begin, Complete, LedgerRead, Movement
from ackord.core.operation import Observation, OperationKind
from ackord.errors import FileError
from ackord.record.har import MAX_BYTES, read_har
from ackord.record.har_import import RecordedTraffic, read_recording

BY_ID = """\
provider: by-id
version: 1
environment: sandbox
base_url: http://127.0.0.1:1/api
accounts:
  main: {auth: {bearer: "${env:BY_ID_KEY}"}, id: acc_1}
  other: {auth: {bearer: "${env:BY_ID_OTHER}"}}
submit:
  request: {method: POST, path: /pay, form: {ref: "${order_no}", amount: "${amount.major}", to: "${payee}"}}
  answers:
    - {when: {status: 201}, observation: ACK}
    - {when: {status: 409}, observation: CONFLICT}
  extract: {provider_id: $.id, state: $.state}
query:
  request: {method: GET, path: "/pay/${provider_id}"}
  answers:
    - {when: {status: 200}, observation: STATUS}
    - {when: {status: 404, $.code: NONE}, observation: NOT_FOUND}
  extract: {provider_id: $.id, state: $.state}
states: {new: RECEIVED, paid: SUCCEEDED}
"""


def entry(**changes: Any) -> dict[str, Any]:
    """One submit to the reference's contract, with changes."""
    body = {"order_no": "shop-000001", "amount": 500, "currency": "EUR", "payee": "p"}
    answer = {"provider_id": "po_1", "order_no": "shop-000001", "status": "ACCEPTED", "amount": 500}
    made: dict[str, Any] = {
        "startedDateTime": "2026-01-02T03:04:05.000Z",
        "time": 20,
        "request": {
            "method": "POST",
            "url": "https://api.example.com/v1/orders",
            "headers": [{"name": "Authorization", "value": "Bearer sk_main"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(body)},
        },
        "response": {"status": 202, "headers": [], "content": {"text": json.dumps(answer)}},
    }
    return made | changes


def query(at: str = "2026-01-02T03:04:06.000Z", **response: Any) -> dict[str, Any]:
    answer = {"status": 200, "headers": [], "content": {"text": '{"status":"PAID","amount":500}'}} | response
    request = {"method": "GET", "url": "https://api.example.com/v1/orders/shop-000001", "headers": []}
    return entry(startedDateTime=at, request=request, response=answer)


def har(folder: Path, *entries: Any) -> Path:
    path = folder / "traffic.har"
    path.write_text(json.dumps({"log": {"entries": entries}}))
    return path


def recorded(folder: Path, *entries: Any, contract: str | Path = "reference") -> RecordedTraffic:
    return read_recording(har(folder, *entries), load_contract(contract, env=PlaceholderEnv()))


def begins(recording: RecordedTraffic) -> list[Begin]:
    return [event for event in recording.history.events if type(event) is Begin]


def completes(recording: RecordedTraffic) -> list[Complete]:
    return [event for event in recording.history.events if type(event) is Complete]


@pytest.mark.parametrize(
    ("text", "ns", "resolution_ns"),
    [
        ("2026-01-02T03:04:05Z", 0, SECOND),
        ("2026-01-02T03:04:05.25Z", 250 * MS, 10 * MS),
        ("2026-01-02T04:04:05.123+01:00", 123 * MS, MS),
        ("2026-01-01T22:34:05.123456-0430", 123_456_000, 1000),
        ("2026-01-02T03:04:05.123456789Z", 123_456_789, 1),
        ("2026-01-02T03:04:05.1234567891Z", 123_456_789, 1),
    ],
)
def test_an_instant_is_as_coarse_as_it_was_written(tmp_path: Path, text: str, ns: int, resolution_ns: int) -> None:
    (found,), _ = read_har(har(tmp_path, entry(startedDateTime=text)))
    origin_ns = 1_767_323_045 * SECOND
    assert found.begin_ns == origin_ns + ns
    assert found.complete_ns == found.begin_ns + 20 * MS + resolution_ns


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (entry(startedDateTime="2026-01-02T03:04:05"), "no startedDateTime with a zone"),
        (entry(startedDateTime="2026-02-30T03:04:05Z"), "no startedDateTime with a zone"),
        (entry(startedDateTime=7), "no startedDateTime with a zone"),
        (entry(time=-1), "no time"),
        (entry(time="20", timings={"wait": -1}), "no time"),
        (entry(request={"method": "GET"}), "no method or address"),
        (entry(request=None), "no request"),
        ("text", "no request"),
    ],
)
def test_what_says_too_little_is_left_out_and_counted(tmp_path: Path, item: Any, reason: str) -> None:
    recording = recorded(tmp_path, item, entry())
    assert len(begins(recording)) == 1
    assert f"1 left out: {reason}" in recording.notes
    assert "1 of 2 entries are operations of the contract" in recording.notes


def test_the_time_is_the_sum_of_its_parts_where_it_is_not_told(tmp_path: Path) -> None:
    timings = {"blocked": -1, "dns": 2, "connect": 3, "ssl": 1, "send": 0, "wait": 10, "receive": 5}
    (found,), _ = read_har(har(tmp_path, entry(time=None, timings=timings)))
    assert found.complete_ns - found.begin_ns == 21 * MS


@pytest.mark.parametrize(
    ("content", "observation"),
    [
        ({"text": '{"status":"PAID"}'}, Observation.STATUS),
        ({"text": '{"status":"PAID"}', "size": 17}, Observation.STATUS),
        ({"text": base64.b64encode(b'{"status":"PAID"}').decode(), "encoding": "base64"}, Observation.STATUS),
        ({"text": '{"status":"PAID"}', "size": 18}, Observation.UNREADABLE),
        ({"size": 17}, Observation.UNREADABLE),
        ({"text": "not base64!", "encoding": "base64"}, Observation.UNREADABLE),
        ({}, Observation.UNREADABLE),
        (None, Observation.UNREADABLE),
    ],
)
def test_a_body_that_is_not_whole_proves_nothing(tmp_path: Path, content: Any, observation: Observation) -> None:
    recording = recorded(tmp_path, entry(), query(content=content))
    assert completes(recording)[1].observation is observation


def test_a_compressed_answer_is_in_a_har_as_it_was_read(tmp_path: Path) -> None:
    headers = [{"name": "Content-Encoding", "value": "br"}, {"name": ":status", "value": "200"}]
    recording = recorded(tmp_path, entry(), query(headers=headers))
    assert completes(recording)[1].observation is Observation.STATUS


@pytest.mark.parametrize("response", [None, {"status": 0}, {"status": "200"}])
def test_an_answer_that_never_came_proves_nothing(tmp_path: Path, response: Any) -> None:
    (complete,) = completes(recorded(tmp_path, entry(response=response)))
    assert (complete.observation, complete.detail) == (None, "no answer was recorded")


def test_a_number_s_second_submit_is_a_resubmission_and_another_payload_has_another_fingerprint(tmp_path: Path) -> None:
    other = json.dumps({"order_no": "shop-000001", "amount": 501, "currency": "EUR", "payee": "p"})
    altered = entry(startedDateTime="2026-01-02T03:04:07Z")
    altered["request"] = altered["request"] | {"postData": {"text": other}}
    again = entry(startedDateTime="2026-01-02T03:04:06Z")
    first, second, third = begins(recorded(tmp_path, altered, entry(), again))
    assert [first.kind, second.kind, third.kind] == [OperationKind.SUBMIT, *[OperationKind.RESUBMIT] * 2]
    assert [first.attempt, second.attempt, third.attempt] == [1, 2, 3]
    assert first.fingerprint == second.fingerprint != third.fingerprint
    assert (first.amount_minor, third.amount_minor) == (500, 501)


@pytest.mark.parametrize(
    ("headers", "account"),
    [
        ([{"name": "authorization", "value": "Bearer sk_other"}], "other"),
        ([{"name": "Authorization", "value": "Bearer sk_main"}], "main"),
        ([{"name": "Authorization", "value": "[REDACTED]"}], "main"),
        ([], "main"),
    ],
)
def test_accounts_are_told_apart_by_what_is_left_of_their_credentials(
    tmp_path: Path, headers: list[Any], account: str
) -> None:
    item = entry()
    item["request"]["headers"] = headers
    (begin,) = begins(recorded(tmp_path, item))
    assert begin.account == account


def test_credentials_that_the_contract_does_not_know_are_told_apart_all_the_same(tmp_path: Path) -> None:
    items = [entry(startedDateTime=f"2026-01-02T03:04:0{second}Z") for second in range(3)]
    for item, key in zip(items, ("one", "two", "one"), strict=True):
        item["request"]["headers"] = [{"name": "Authorization", "value": key}]
    first, second, third = begins(recorded(tmp_path, *items))
    assert first.account == third.account == "main"
    assert second.account.startswith("account-")
    assert "two" not in second.account


def test_a_query_by_the_provider_s_identifier_finds_its_order(tmp_path: Path) -> None:
    contract = tmp_path / "by-id.yaml"
    contract.write_text(BY_ID)
    base = "https://api.example.com/api/pay"
    form = [{"name": "ref", "value": "A-1"}, {"name": "amount", "value": "5.01"}, {"name": "to", "value": "p"}]
    submitted = {"method": "POST", "url": base, "postData": {"params": form}}
    asked = [{"method": "GET", "url": f"{base}/{name}"} for name in ("7", "8")]
    shown = {"status": 200, "content": {"text": '{"id":7,"state":"paid"}'}}
    items = [
        # The query was recorded before the answer that says whose identifier it is.
        entry(startedDateTime="2026-01-02T03:04:04Z", request=asked[0], response=shown),
        entry(request=submitted, response={"status": 201, "content": {"text": '{"id":7,"state":"new"}'}}),
        entry(startedDateTime="2026-01-02T03:04:06Z", request=asked[1], response=shown),
    ]
    recording = recorded(tmp_path, *items, contract=contract)
    query_, submit = begins(recording)
    assert (query_.kind, query_.order) == (OperationKind.QUERY, "A-1")
    assert (submit.kind, submit.order, submit.amount_minor) == (OperationKind.SUBMIT, "A-1", 501)
    assert "1 left out: a query whose order is not known" in recording.notes


def ledger(second: int, cursor: str, rows: list[dict[str, Any]], following: str | None) -> dict[str, Any]:
    url = f"https://api.example.com/v1/movements?limit=500{f'&after={cursor}' if cursor else ''}"
    text = json.dumps({"movements": rows, "next": following})
    return entry(
        startedDateTime=f"2026-01-02T03:04:{second:02}Z",
        request={"method": "GET", "url": url, "headers": []},
        response={"status": 200, "content": {"text": text}},
    )


ROW = {"id": "m1", "order_no": "shop-000001", "account": "main", "amount": 500, "kind": "payout"}


def test_a_ledger_was_read_to_its_end_if_its_pages_follow_one_another(tmp_path: Path) -> None:
    stranger = ROW | {"id": "m2", "order_no": "somebody-else"}
    recording = recorded(tmp_path, entry(), ledger(6, "", [ROW], "m1"), ledger(7, "m1", [stranger], None))
    events = recording.history.events
    assert [event.movement_id for event in events if type(event) is Movement] == ["m1"]
    assert [event for event in events if type(event) is LedgerRead]


def test_a_last_page_alone_is_no_whole_ledger(tmp_path: Path) -> None:
    events = recorded(tmp_path, entry(), ledger(6, "", [ROW], "m1"), ledger(7, "m9", [], None)).history.events
    assert not [event for event in events if type(event) is LedgerRead]


def test_a_reading_began_with_its_first_page(tmp_path: Path) -> None:
    pages = (ledger(6, "", [ROW], "m1"), ledger(7, "m1", [], None))
    [read] = [e for e in recorded(tmp_path, entry(), *pages).history.events if type(e) is LedgerRead]
    assert read.began_ns is not None and read.at_ns - read.began_ns > 10**9


def test_a_number_in_other_letters_was_submitted_by_nobody(tmp_path: Path) -> None:
    other = ROW | {"id": "m2", "order_no": "SHOP-000001"}
    history = recorded(tmp_path, entry(), ledger(6, "", [ROW, other], None)).history
    assert {event.order for event in history.events if type(event) is Movement} == {"shop-000001", "SHOP-000001"}


@pytest.mark.parametrize(
    "pages",
    [
        (ledger(6, "", [ROW, ROW], None),),
        (ledger(6, "", [ROW], "m1"), ledger(7, "m1", [ROW | {"amount": 501}], None)),
    ],
)
def test_two_rows_with_one_identifier_are_no_ledger(tmp_path: Path, pages: tuple[dict[str, Any], ...]) -> None:
    events = recorded(tmp_path, entry(), *pages).history.events
    assert all("have one identifier, m1" in e.problem for e in events if type(e) is LedgerRead)
    assert any(type(e) is LedgerRead for e in events)


def test_a_page_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    events = recorded(tmp_path, entry(), ledger(6, "", [ROW | {"amount": "much"}], "m1")).history.events
    problem = "the ledger cannot be read: a movement's amount is text, expected a whole number"
    assert [event.problem for event in events if type(event) is LedgerRead] == [problem]


def counted(second: int, skip: int | None, *names: str) -> dict[str, Any]:
    """A page of a ledger whose pages are counted by rows."""
    page = ledger(second, "", [ROW | {"id": name} for name in names], None)
    page["request"]["url"] = f"https://api.example.com/v1/movements{'' if skip is None else f'?skip={skip}'}"
    return page


@pytest.mark.parametrize(
    ("pages", "whole"),
    [
        ([counted(6, 0, "m1", "m2"), counted(7, 2, "m3"), counted(8, 3)], True),
        ([counted(6, None, "m1", "m2"), counted(7, 2)], True),
        ([counted(6, 0, "m1", "m2"), counted(7, 2, "m3")], False),  # the page without rows was never asked for
        ([counted(6, 0, "m1", "m2"), counted(7, 1)], False),
        ([counted(6, 2, "m1"), counted(7, 3)], False),
        # Rows moved: one may have been skipped.
        ([counted(6, 0, "m1", "m2"), counted(7, 2, "m2", "m3"), counted(8, 4)], False),
        ([counted(6, 0, "m1"), counted(7, 1, "m1"), counted(8, 0, "m0", "m1"), counted(9, 2)], True),  # read again
    ],
)
def test_a_ledger_whose_pages_are_counted_was_read_to_its_end_if_it_kept_still(
    tmp_path: Path, pages: list[dict[str, Any]], whole: bool
) -> None:
    contract = tmp_path / "counted.yaml"
    text = load_contract("reference").path.read_text()
    old = '{after: "${cursor}", limit: "500"}'
    assert old in text and "  next: $.next\n" in text
    contract.write_text(text.replace(old, '{skip: "${cursor}"}').replace("  next: $.next\n", "  counted: {by: row}\n"))
    events = recorded(tmp_path, entry(), *pages, contract=contract).history.events
    assert bool([event for event in events if type(event) is LedgerRead]) is whole


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"log": {"entries": [{"startedDateTime": "2026', "the file is cut off"),
        ('{"log": {"entries": [', "the file is cut off"),
        ("", "the file is cut off"),
        ("<html>", "this is not JSON"),
        ('{"log": nothing}', "this is not JSON"),
        ("[" * 100_000, "nested deeper than 500 levels before the first entry"),
        ('{"entries": []}', "there are no log.entries"),
        ('{"log": {"entries": {}}}', "there are no log.entries"),
        ("[]", "there are no log.entries"),
    ],
)
def test_what_is_no_har_is_one_clear_error(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "traffic.har"
    path.write_text(text)
    with pytest.raises(FileError, match=says) as caught:
        read_har(path)
    assert "expected: a HAR 1.2 file" in str(caught.value)


def test_bytes_that_are_no_text_are_no_har(tmp_path: Path) -> None:
    path = tmp_path / "traffic.har"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="this is not JSON"):
        read_har(path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "traffic.har"
    with path.open("wb") as file:
        os.truncate(file.fileno(), MAX_BYTES + 1)
    with pytest.raises(FileError, match="at most 64 MiB are read"):
        read_har(path)


def test_the_notes_say_what_such_a_recording_can_prove(tmp_path: Path) -> None:
    notes = recorded(tmp_path, entry()).notes
    assert "recorded on the merchant's side" in notes[0]
    assert "was not tested" in notes[1]


SOAP = """\
provider: soap
version: 1
environment: sandbox
accounts: {main: {}}
submit:
  request:
    method: POST
    path: /ws
    xml: {"soap:Envelope": {"@xmlns:soap": "urn:soap", "soap:Body": {"p:Pay": {"@xmlns:p": "urn:pay", "p:no": "${order_no}", "p:amount": "${amount.minor}"}}}}
  format: xml
  answers: [{when: {status: 200, /Envelope/Body/PayResponse/id: {exists: true}}, observation: ACK}]
  extract: {provider_id: /Envelope/Body/PayResponse/id}
query:
  request: {method: POST, path: /ws, xml: {"soap:Envelope": {"soap:Body": {"p:Status": {"p:no": "${order_no}"}}}}}
  format: xml
  answers:
    - {when: {status: 200, /Envelope/Body/StatusResponse/state: {exists: true}}, observation: STATUS}
    - {when: {status: 500, /Envelope/Body/Fault: {exists: true}}, observation: NOT_FOUND}
  extract: {state: /Envelope/Body/StatusResponse/state}
states: {OPEN: RECEIVED, PAID: SUCCEEDED}
"""  # fmt: skip


def soap_entry(at: str, sent: str, told: str) -> dict[str, Any]:
    wrapped = '<S:Envelope xmlns:S="urn:soap" xmlns:x="urn:pay"><S:Body>{}</S:Body></S:Envelope>'
    request = {
        "method": "POST", "url": "https://api.example.com/ws", "headers": [],
        "postData": {"mimeType": "text/xml", "text": wrapped.format(sent)},
    }  # fmt: skip
    response = {"status": 200, "headers": [], "content": {"text": wrapped.format(told)}}
    return entry(startedDateTime=at, request=request, response=response)


def test_soap_is_read_whatever_its_prefixes(tmp_path: Path) -> None:
    file = tmp_path / "soap.yaml"
    file.write_text(SOAP)
    found = recorded(
        tmp_path,
        soap_entry("2026-01-02T03:04:05.000Z", "<x:Pay><x:no>n-1</x:no><x:amount>5</x:amount></x:Pay>",
                   "<x:PayResponse><id>p-1</id></x:PayResponse>"),
        soap_entry("2026-01-02T03:04:06.000Z", "<x:Status><x:no>n-1</x:no></x:Status>",
                   "<x:StatusResponse><state>PAID</state></x:StatusResponse>"),
        contract=file,
    )  # fmt: skip
    assert [(b.kind, b.order) for b in begins(found)] == [(OperationKind.SUBMIT, "n-1"), (OperationKind.QUERY, "n-1")]
    assert [c.observation for c in completes(found)] == [Observation.ACK, Observation.STATUS]
