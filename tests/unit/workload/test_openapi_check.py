"""Answers against a document: what is charged, in which words, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.loading.loader import load_contract
from ackord.core.clock import MS
from ackord.core.event import Begin, Complete, Event
from ackord.core.history import History, RunHeader
from ackord.core.operation import Observation, OperationKind, Outcome, Vantage
from ackord.core.payment_state import PaymentState
from ackord.core.promises import Promises
from ackord.core.verdict import GuaranteeVerdict, Result
from ackord.errors import FileError, UsageError
from ackord.run.judging import judge_run
from ackord.workload.openapi_check import ApiDocument, judge_responses, requests_of

SUBMIT, QUERY = OperationKind.SUBMIT, OperationKind.QUERY
REQUESTS = {
    "submit": "POST /v1/orders",
    "query": "GET /v1/orders/${order_no}",
    "cancel": "POST /v1/orders/${order_no}/cancel",
    "refund": "POST /v1/orders/${order_no}/refunds",
}
ORDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {"id": {"type": "string"}, "status": {"enum": ["PAID", "SENT"]}, "fees": {"type": "array", "items": {"type": "integer"}}},
}  # fmt: skip
GOOD = {"id": "po_1", "status": "PAID"}


def answer_of(schema: Any) -> dict[str, Any]:
    return {"description": "-", "content": {"application/json": {"schema": schema}}}


def written(folder: Path, **changes: Any) -> Path:
    """A document of a few operations, where ``changes`` are made at its top."""
    parameter = {"name": "order_no", "in": "path", "required": True, "schema": {"type": "string"}}
    found = {"200": answer_of({"$ref": "#/components/schemas/Order"}), "404": answer_of({"required": ["code"]})}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/orders": {"post": {"responses": {"200": answer_of({"$ref": "#/components/schemas/Order"})}}},
            "/orders/{order_no}": {"get": {"parameters": [parameter], "responses": found}},
            "/orders/{order_no}/cancel": {"post": {"parameters": [parameter], "responses": found}},
            "/orders/{order_no}/refunds": {"post": {"parameters": [parameter], "responses": found}},
            "/orders/all": {"get": {"responses": {"200": answer_of({"type": "array"})}}},
        },
        "servers": [{"url": "https://provider.example/v1"}],
        "components": {"schemas": {"Order": ORDER}},
    }
    path = folder / "openapi.json"
    path.write_text(json.dumps(document | changes))
    return path


def raw(body: Any = GOOD, status: int = 200, content_type: str = "application/json", **more: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {"content-type": content_type} if content_type else {}
    return {"status": status, "headers": headers, "body": text, "truncated": False} | more


def problems(folder: Path, answer: dict[str, Any], described: str = REQUESTS["query"], **how: Any) -> list[str] | None:
    operation = ApiDocument(written(folder), **how).operation(described)
    assert operation is not None
    return operation.problems(answer)


@pytest.mark.parametrize("answer", [raw(), raw(GOOD | {"fees": [1]}), raw({"code": "X"}, 404)])
def test_what_fits_is_not_charged(answer: dict[str, Any], tmp_path: Path) -> None:
    assert problems(tmp_path, answer) == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (raw({"status": "PAID"}), ['at $, "id" is a required property (schema: required)']),
        (
            raw({"id": "a", "status": "LOST"}),
            ['at $.status, "LOST" is not one of "PAID" or "SENT" (schema: properties/status/enum)'],
        ),
        (
            raw(GOOD | {"fees": [1, "two"]}),
            ['at $.fees[1], "two" is not of type "integer" (schema: properties/fees/items/type)'],
        ),
        (
            raw("<html>", 404, "text/html"),
            ["Undocumented Content-Type: Received: text/html; Documented: application/json"],
        ),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(answer: dict[str, Any], told: list[str], tmp_path: Path) -> None:
    assert problems(tmp_path, answer) == told


@pytest.mark.parametrize("answer", [raw('{"id": '), raw(content_type="")], ids=["not JSON", "no content type"])
def test_what_cannot_be_read_does_not_fit(answer: dict[str, Any], tmp_path: Path) -> None:
    told = problems(tmp_path, answer)
    assert told and len(told) == 1 and "\n" not in told[0]


def test_every_misfit_of_an_answer_is_told(tmp_path: Path) -> None:
    assert len(problems(tmp_path, raw({"id": 1, "status": "LOST"})) or []) == 2


@pytest.mark.parametrize(
    "answer",
    [
        raw('{"id": ', truncated=True),
        raw("\ufffd", headers={"content-type": "application/json", "content-encoding": "gzip"}),
    ],
    ids=["capped", "compressed"],
)
def test_a_body_that_the_journal_has_not_whole_is_compared_with_nothing(answer: dict[str, Any], tmp_path: Path) -> None:
    assert problems(tmp_path, answer) is None


def test_a_status_code_that_is_not_listed_breaks_a_strict_document_only(tmp_path: Path) -> None:
    answer = raw({}, 503)
    assert problems(tmp_path, answer) is None
    told = problems(tmp_path, answer, strict=True)
    assert told == ["Undocumented status code: Received: 503; Documented: 200, 404"]


@pytest.mark.parametrize(
    ("described", "label"),
    [
        ("POST /v1/orders", "POST /orders"),
        ("POST /orders", "POST /orders"),
        ("GET /v1/orders/${order_no}", "GET /orders/{order_no}"),
        ("GET /v1/orders/M-1", "GET /orders/{order_no}"),
        ("GET /v1/orders/all", "GET /orders/all"),
    ],
)
def test_an_operation_is_found_with_and_without_the_server_s_path(described: str, label: str, tmp_path: Path) -> None:
    operation = ApiDocument(written(tmp_path)).operation(described)
    assert operation is not None
    assert operation.label == label


@pytest.mark.parametrize("described", ["PUT /v1/orders", "GET /v1/orders", "GET /v1/orders/${order_no}/items"])
def test_an_operation_that_is_not_described_is_none(described: str, tmp_path: Path) -> None:
    assert ApiDocument(written(tmp_path)).operation(described) is None


def test_another_provider_s_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"does not describe the contract's query, GET /v1/payouts/\$\{order_no\}"):
        ApiDocument(written(tmp_path)).operations(REQUESTS | {"query": "GET /v1/payouts/${order_no}"})


@pytest.mark.parametrize("target", ["https://provider.example/order.json", "order.json#/Order"])
def test_a_document_that_refers_elsewhere_is_refused_and_nothing_is_fetched(target: str, tmp_path: Path) -> None:
    path = written(tmp_path, components={"schemas": {"Order": {"allOf": [ORDER, {"$ref": target}]}}})
    with pytest.raises(FileError, match="nothing is fetched") as caught:
        ApiDocument(path)
    assert target in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "openapi: 9.9.9\npaths: {}", "a: 1"])
def test_a_file_that_is_no_document_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    with pytest.raises(FileError, match="expected: an OpenAPI document"):
        ApiDocument(path)


def test_a_document_in_yaml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(
        "openapi: 3.1.0\ninfo: {title: t, version: '1', x-since: 2024-01-01}\n"
        "paths: {/a: {get: {responses: {200: {description: d}}}}}\n"
    )
    assert ApiDocument(path).operation("GET /a") is not None


def test_what_the_reference_contract_sends() -> None:
    assert requests_of(load_contract("reference").contract) == REQUESTS


# -- a history ---------------------------------------------------------------------------------------------------------


def events(
    *answers: tuple[str, OperationKind, dict[str, Any] | None], vantage: Vantage = Vantage.PROVIDER
) -> list[Event]:
    made: list[Event] = []
    for op, (order, kind, answer) in enumerate(answers, start=1):
        at = op * 10 * MS
        made.append(Begin(at, vantage, op, 0, kind, "main", order, 1, "", None, "A"))
        seen = Observation.STATUS if answer else None
        detail = f"{answer['status']} PAID" if answer else "time-out"
        made.append(
            Complete(at + MS, vantage, op, 0, Outcome.OK, seen, PaymentState.UNKNOWN, None, None, detail, answer)
        )
    return made


def judged(folder: Path, made: list[Event], *, complete: bool = True, **changes: Any) -> GuaranteeVerdict:
    header = RunHeader("c", "p", "provider", Vantage.PROVIDER, 1, Promises(), options={"requests": REQUESTS})
    document = ApiDocument(written(folder, **changes))
    return judge_run(History(header, made, complete=complete), document).of("answers-match-schema")


def test_held_by_orders_and_answers(tmp_path: Path) -> None:
    verdict = judged(tmp_path, events(("a", SUBMIT, raw()), ("a", QUERY, raw()), ("b", OperationKind.RESUBMIT, raw())))
    assert (verdict.result, verdict.exposures, verdict.orders, verdict.findings) == (Result.HELD, 3, 2, ())


def test_the_first_misfit_of_an_order_is_its_finding(tmp_path: Path) -> None:
    bad = raw({"id": 1, "status": "LOST"})
    verdict = judged(tmp_path, events(("a", SUBMIT, raw()), ("a", QUERY, bad), ("a", QUERY, bad), ("b", QUERY, raw())))
    assert (verdict.result, verdict.exposures, verdict.orders, verdict.violations) == (Result.VIOLATED, 4, 2, 1)
    (found,) = verdict.findings
    assert (found.order, found.account, found.evidence, found.at_ns) == ("a", "main", ((2, 0),), 21 * MS)
    assert found.summary.startswith("query 2 (node A) was answered 200 PAID, which the provider's OpenAPI document")
    assert 'at $.id, 1 is not of type "string" (schema: properties/id/type); at $.status' in found.summary


def test_nothing_to_compare_is_no_pass(tmp_path: Path) -> None:
    verdict = judged(tmp_path, events(("a", SUBMIT, None), ("a", QUERY, raw({}, 503))))
    assert (verdict.result, verdict.exposures) == (Result.INCONCLUSIVE, 0)


def test_a_cut_journal_is_no_pass(tmp_path: Path) -> None:
    assert judged(tmp_path, events(("a", QUERY, raw())), complete=False).result is Result.INCONCLUSIVE


def test_what_only_the_merchant_saw_is_not_the_provider_s(tmp_path: Path) -> None:
    verdict = judged(tmp_path, events(("a", QUERY, raw("<html>", 200, "text/html")), vantage=Vantage.MERCHANT))
    assert (verdict.result, verdict.exposures) == (Result.INCONCLUSIVE, 0)


def test_a_schema_that_is_none_is_an_error_and_no_pass(tmp_path: Path) -> None:
    broken = {"schemas": {"Order": {"type": "no such type"}}}
    verdict = judged(tmp_path, events(("a", QUERY, raw())), components=broken)
    assert verdict.result is Result.ERROR
    assert "order a" in verdict.reason


def test_without_a_document_it_does_not_apply() -> None:
    header = RunHeader("c", "p", "provider", Vantage.PROVIDER, 1, Promises())
    verdict = judge_run(History(header, [])).of("answers-match-schema")
    assert (verdict.result, verdict.reason) == (
        Result.NOT_APPLICABLE,
        "no OpenAPI document of the provider was given (--openapi, or openapi in the contract)",
    )


def test_a_journal_that_does_not_say_what_was_sent_is_refused(tmp_path: Path) -> None:
    header = RunHeader("c", "p", "provider", Vantage.PROVIDER, 1, Promises())
    with pytest.raises(UsageError, match="does not say which requests"):
        judge_run(History(header, []), ApiDocument(written(tmp_path)))


def test_other_guarantees_are_judged_as_ever(tmp_path: Path) -> None:
    header = RunHeader("c", "p", "provider", Vantage.PROVIDER, 1, Promises(), options={"requests": REQUESTS})
    history = History(header, events(("a", SUBMIT, raw())))
    document = ApiDocument(written(tmp_path))
    plain, documented = judge_run(history).guarantees, judge_run(history, document).guarantees
    assert [g.guarantee for g in plain] == [g.guarantee for g in documented]
    changed = [g for g, h in zip(documented, plain, strict=True) if g != h]
    assert changed == [judge_responses(history, document.operations(REQUESTS))]
