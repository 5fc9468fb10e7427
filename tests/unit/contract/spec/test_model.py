"""The contract's model: promises, accounts, and what does not hang together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from ackord.contract.loading.loader import load_contract
from ackord.contract.spec.model import Contract
from ackord.contract.spec.operations import KnownState
from ackord.contract.spec.order_numbers import OrderNumberSpec
from ackord.contract.spec.promises import LaterEdgePromise, PromisesSpec
from ackord.core.key_promises import NO_KEY_PROMISES
from ackord.core.payment_state import TERMINAL, LaterEdge, PaymentState
from ackord.core.promises import NotFound, OtherPayloadAnswer, Promises, SamePayloadAnswer
from ackord.core.statement_promises import StatementPromises
from ackord.errors import FileError

from ..support import SMALL, changed, document, loaded


def contract(more: str = "") -> Contract:
    return Contract.model_validate(document(SMALL + more).data)


def test_the_defaults_are_the_strict_set() -> None:
    assert contract().to_promises() == Promises()


def test_the_references_promises() -> None:
    promises = load_contract("reference").contract.to_promises()
    assert [trigger.name for trigger in promises.triggers] == [
        "declined", "failed", "returned", "refused", "busy", "waits",
    ]  # fmt: skip
    assert promises.keys.undeclared() == []
    assert promises.statement == StatementPromises(500 * 10**6, False, "cursor", True)
    assert replace(promises, triggers=(), keys=NO_KEY_PROMISES, statement=None) == Promises(
        cancels=True,
        refunds=True,
        refund_kind="refund",
        lands_within_ns=10**9,
        settles_within_ns=10 * 10**9,
        later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 14 * 86400 * 10**9),),
    )


def test_weaker_promises() -> None:
    found = contract(
        "promises: {not_found: {tolerated_for: 30s}, on_same_payload: replay_original, on_other_payload: new_movement,"
        " caches_transient_errors: true, key_retention: 24h, key_scope: [endpoint]}\n"
        "identity: [order_no, amount]\nundocumented: [promises.on_same_payload, query.answers]\n"
    ).to_promises()
    assert found == Promises(
        not_found=NotFound.TOLERATED,
        not_found_tolerated_ns=30 * 10**9,
        on_same_payload=SamePayloadAnswer.REPLAY_ORIGINAL,
        on_other_payload=OtherPayloadAnswer.NEW_MOVEMENT,
        caches_transient_errors=True,
        key_retention_ns=86400 * 10**9,
        key_scoped_by_account=False,
        unknown=frozenset({"on_same_payload"}),
    )
    assert contract("promises: {not_found: inconclusive}\n").to_promises().not_found is NotFound.INCONCLUSIVE


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("promises.later_edges[0]", {"later_edges"}),
        ("promises", set(PromisesSpec.model_fields)),
        ("query", set()),
    ],
)
def test_what_is_left_open_covers_what_is_below(place: str, names: set[str]) -> None:
    later = "promises: {later_edges: [{from: SUCCEEDED, to: RETURNED}]}\n"
    assert contract(f"{later}undocumented: ['{place}']\n").to_promises().unknown == names


def test_the_words_of_states_are_those_of_the_table() -> None:
    assert set(get_args(KnownState)) == {state.name for state in PaymentState} - {"NOT_FOUND"}
    edges = LaterEdgePromise.model_fields
    assert (
        set(get_args(edges["source"].annotation))
        == set(get_args(edges["target"].annotation))
        == {s.name for s in TERMINAL}
    )


def test_whose_accounts_they_are() -> None:
    reference = load_contract("reference").contract
    assert (reference.owner, reference.other_account) == ("main", "other")
    only_operator = reference.model_copy(
        update={"accounts": {k: v for k, v in reference.accounts.items() if k != "other"}}
    )
    assert only_operator.other_account is None


@pytest.mark.parametrize(
    ("alphabet", "characters"), [("a-c_", "abc_"), ("0-2A-B-", "012AB-"), ("x", "x"), ("-", "-"), ("a-", "a-")]
)
def test_an_alphabet_written_out(alphabet: str, characters: str) -> None:
    number = OrderNumberSpec.model_construct(alphabet=alphabet, length=(8, 16))
    assert number.characters() == characters


_ACK = "    - {when: {status: 200, $.status: {exists: true}}, observation: ACK}\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("environment: sandbox", "enviroment: sandbox", 3, 'Did you mean "environment"?'),
        ("environment: sandbox", "environment: sandbx", 3, 'Did you mean "sandbox"?'),
        ("version: 1", "version: one", 2, "\"version\" cannot be used (got 'one')"),
        ("version: 1", "version: 2", 2, '"version" cannot be used (got 2)'),
        ("version: 1\n", "", 1, 'the field "version" is missing'),
        ("provider: small", "provider: Small Bank", 1, '"provider" cannot be used'),
        ("provider: small", "provider: small\nbase_url: api.example.com", 2, "https://api.example.com"),
        ("provider: small", "provider: small\nbase_url: https://u:p@example.com", 2, "without user"),
        ("bearer: sk_main", "baerer: sk_main", 5, 'Did you mean "bearer"?'),
        ("bearer: sk_main", "bearer: 1", 5, '"accounts.main.auth.bearer"'),
        ("path: /orders,", "path: orders,", 8, "begins with /"),
        ("path: /orders,", "path: '/orders?x=1',", 8, "stand under query"),
        ("${amount.minor}", "${amount.mionr}", 8, '"submit.request.json.amount": there is no variable'),
        ("${amount.minor}", "${cursor}", 8, "has no value here"),
        ("/orders/${order_no}", "/orders/${amount.minor}", 16, '"query.request.path"'),
        ("path: /orders,", "path: /orders, headers: {'Bad Name': x},", 8, "a header's name"),
        (_ACK, "", 9, "no rule reads an answer as ACK"),
        ("observation: NOT_FOUND", "observation: NOTFOUND", 19, 'Did you mean "NOT_FOUND"?'),
        (
            "{when: {status: 404, $.code: NONE}, observation: NOT_FOUND}",
            "{when: {status: 429}, observation: RETRYABLE}",
            17,
            "as NOT_FOUND",
        ),
        ("when: {status: 409}", "when: {stauts: 409}", 11, "status, a place in the answer"),
        ("when: {status: 409}", "when: {status: 4099}", 11, "4099 is no HTTP status"),
        ("when: {status: 409}", "when: {status: 6xx}", 11, "'6xx' is no HTTP status"),
        ("when: {status: 409}", "when: {status: '409'}", 11, "'409' is no HTTP status"),
        ("when: {status: 409}", "when: {}", 11, "at least 1 item"),
        ("when: {status: 409}", "when: {'$.a[*]': 1}", 11, "wildcards"),
        ("when: {status: 409}", "when: {$.a: {exist: true}}", 11, "a value, a list"),
        ("when: {status: 409}", "when: {$.a: {regex: '('}}", 11, "a regular expression"),
        ("observation: CONFLICT}", "observation: ACK, definite: true}", 11, '"submit.answers[1].definite"'),
        ("state: $.status", "state: status", 14, "is not a place in an answer"),
        ("rows: $.rows", "account: nobody\n  rows: $.rows", 21, 'the account "nobody"'),
        ("PAID: SUCCEEDED", "PAID: SUCCEDED", 26, 'Did you mean "SUCCEEDED"?'),
        ("PAID: SUCCEEDED", "PAID: NOT_FOUND", 26, '"states.PAID"'),
    ],
)
def test_mistakes_are_pointed_at(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(FileError) as failure:
        loaded(tmp_path, changed(old, new))
    assert says in str(failure.value)
    assert failure.value.line == line


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("promises: {lands_within: 30}\n", "a duration with its unit"),
        ("promises: {not_found: never}\n", "'forbidden' or 'inconclusive'"),
        ("promises: {not_found: {tolerated_fro: 3s}}\n", 'Did you mean "tolerated_for"?'),
        ("promises: {on_same_payload: replay}\n", "'replay_original'"),
        ("promises: {on_same_payload: reject_with_pointer}\n", "read as DUPLICATE"),
        ("promises: {later_edges: [{from: RECEIVED, to: FAILED}]}\n", '"promises.later_edges[0].from"'),
        ("order_no: {length: [9, 8]}\n", "the first number is the fewest"),
        ("order_no: {alphabet: ab, length: [4, 8]}\n", "too few numbers"),
        ("limits: {orders: 0}\n", "greater than or equal to 1"),
        ("limits: {answer_bytes: 5}\n", "greater than or equal to 1024"),
        ("ignored_fields: [note]\n", "starts with $"),
    ],
)
def test_mistakes_in_the_optional_parts(tmp_path: Path, more: str, says: str) -> None:
    with pytest.raises(FileError) as failure:
        loaded(tmp_path, SMALL + more)
    assert says in str(failure.value)
    assert failure.value.line == SMALL.count("\n") + 1


def test_every_field_is_described() -> None:
    def undescribed(schema: dict[str, Any], where: str) -> list[str]:
        fields = schema.get("properties", {}).items()
        return [f"{where}.{name}" for name, field in fields if not field.get("description")]

    schema = Contract.model_json_schema(by_alias=True)
    parts = {"Contract": schema, **schema["$defs"]}
    assert [place for name, part in parts.items() for place in undescribed(part, name)] == []


REFUND = """\
refund:
  request: {method: POST, path: "/orders/${order_no}/refunds", json: {no: "${refund_no}"}}
  answers: [{when: {status: 200}, observation: ACK}, {when: {status: 400}, observation: REJECTED}]
"""


def test_a_refund_is_promised_and_knows_what_its_request_says() -> None:
    found = contract(REFUND)
    assert found.refund is not None
    assert (found.refund.numbered, found.refund.partial) == (True, False)
    promises = found.to_promises()
    assert (promises.refunds, promises.cancels, promises.on_same_refund) == (
        True, False, SamePayloadAnswer.REPLAY_CURRENT,
    )  # fmt: skip
    unnumbered = contract(REFUND.replace("${refund_no}", "${order_no}") + "promises: {on_same_refund: new_movement}\n")
    assert unnumbered.refund is not None and not unnumbered.refund.numbered


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (REFUND.replace("${refund_no}", "${order_no}"), "without a number of its own"),
        (REFUND + "promises: {on_same_refund: new_movement}\n", "without a number of its own"),
        ("promises: {on_same_refund: reject_plain}\n", "there is no refund"),
        (REFUND.replace("observation: ACK", "observation: STATUS"), "no rule reads an answer as ACK"),
        (REFUND.replace("observation: REJECTED", "observation: DEFERRED"), "nothing that such an answer can say"),
    ],
)
def test_a_refund_that_does_not_hang_together_is_refused(more: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=says):
        loaded(tmp_path, SMALL + more)
