"""A page is asked for again while the provider is busy or breaks off, and no longer than it is worth."""

from __future__ import annotations

from pathlib import Path

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.loading.loader import load_contract
from tests.statement_provider import Book, Faults, StatementProvider, contract_text

from .support import CSV, current, loaded, pulled, stated

PAGES = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}", after: "${cursor}"}}
rows: $.rows
next: $.next
columns: {movement_id: $.id, order_no: $.no, amount: $.amount, kind: $.kind, at: $.at}
time_form: unix
"""
PAGED_TABLE = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}", page: "${cursor}"}}
csv: {head_rows: 2}
counted: {by: page, first: 1}
page_count: {regex: "Pages: (\\\\d+)"}
columns: {movement_id: Id, order_no: Order, amount: Amount, kind: Kind}
"""


def test_busy_and_broken_answers_are_asked_for_again(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV), Book(9), Faults(busy_every=2, cut_every=3)) as provider:
        assert pulled(provider, tmp_path / "s", "a,b,c").exit_code == 0
        assert current(tmp_path / "s") == stated(provider, "a", "b", "c")


def test_who_is_always_busy_is_told(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, CSV), faults=Faults(busy_every=1)) as provider:
        result = pulled(provider, tmp_path / "s")
        assert (result.exit_code, len(provider.requests)) == (4, 6)
    assert result.outcomes[0].problem == "status 503, after 6 tries"


def test_links_that_never_work_are_told(tmp_path: Path) -> None:
    statement = CSV + "download: $.url\n"
    with StatementProvider(loaded(tmp_path, statement), faults=Faults(gone_links=9)) as provider:
        assert "by any of 3 links" in pulled(provider, tmp_path / "s").outcomes[0].problem


def test_a_file_at_another_machine_is_not_fetched(tmp_path: Path) -> None:
    statement = CSV + "download: $.url\n"
    elsewhere = HttpResponse(200, {"content-type": "application/json"}, b'{"url": "http://127.0.0.2:1/x"}')
    faults = Faults(answers={"main": elsewhere})
    with StatementProvider(loaded(tmp_path, statement), faults=faults, emulated=False) as provider:
        assert "on another machine than the provider" in pulled(provider, tmp_path / "s").outcomes[0].problem


def test_a_page_whose_signature_is_wrong_is_not_read(tmp_path: Path) -> None:
    hmac = "hmac: {secret: s, answer: {string: '${body}', headers: {X-Signature: '${signature}'}}}"
    path = tmp_path / "contract.yaml"
    path.write_text(contract_text(CSV).replace("{bearer: sk_main}", f"{{bearer: sk_main, {hmac}}}"), encoding="utf-8")
    signed = load_contract(path)
    with StatementProvider(signed, Book(3)) as provider:
        assert pulled(provider, tmp_path / "s").exit_code == 0
        assert current(tmp_path / "s") == stated(provider)
    forged = HttpResponse(200, {"x-signature": "00"}, b"Id,Order,Amount,Kind,At\r\n")
    with StatementProvider(signed, faults=Faults(answers={"main": forged}), emulated=False) as provider:
        assert "it is not genuine: its signature is wrong" in pulled(provider, tmp_path / "t").outcomes[0].problem


def test_a_page_that_is_packed_is_asked_for_as_it_is_and_unpacked(tmp_path: Path) -> None:
    for packing in ("gzip", "zip"):
        with StatementProvider(loaded(tmp_path, f"{PAGES}compressed: {packing}\n"), Book(9)) as provider:
            assert pulled(provider, tmp_path / packing).exit_code == 0
            assert current(tmp_path / packing) == stated(provider)
            assert ("accept-encoding", "identity") in provider.requests[-1].headers


def test_a_document_s_digest_is_compared_as_a_table_s_is(tmp_path: Path) -> None:
    whole = PAGES.replace("next: $.next\n", "") + "download: $.url\nchecksum: {at: $.sha, algorithm: sha256}\n"
    with StatementProvider(loaded(tmp_path, whole.replace(', after: "${cursor}"', "")), Book(9)) as provider:
        assert pulled(provider, tmp_path / "s").exit_code == 0
        provider.faults.answers["main"] = HttpResponse(200, {}, b'{"rows": []}')
        assert "and the provider says that it is" in pulled(provider, tmp_path / "t").outcomes[0].problem


def test_the_first_page_of_a_table_is_asked_for_by_its_number(tmp_path: Path) -> None:
    with StatementProvider(loaded(tmp_path, PAGED_TABLE), Book(150)) as provider:
        assert pulled(provider, tmp_path / "s").exit_code == 0
        assert current(tmp_path / "s") == stated(provider)
        assert [request.target.rpartition("=")[2] for request in provider.requests] == ["1", "2"]
