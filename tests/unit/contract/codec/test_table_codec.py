"""What a query or a command is asked with, and the movements in a table; live tests read real databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.payment import Payment
from ackord.contract.base.variables import as_uuid
from ackord.contract.codec.codec import LedgerRow, compile_contract
from ackord.contract.codec.table_codec import TableCodec
from ackord.contract.spec.model import Contract

from ..support import SMALL, document

ORDER = Payment("n-1", "other", 500, "EUR", "x")
HEAD = "movement_id,order_no,account,amount_minor"


def table(ledger: dict[str, Any], **more: Any) -> TableCodec:
    data = {**document(SMALL).data, "ledger": ledger, **more}
    found = compile_contract(Contract.model_validate(data)).table
    assert found is not None
    return found


def by_query(query: str, **more: Any) -> TableCodec:
    return table({"sql": {"dsn": "postgresql://x/y", "query": query}, **more})


def by_command(prints: str, *arguments: str, **more: Any) -> TableCodec:
    return table({"command": ["moves", *arguments], "prints": prints, **more})


def of_csv(text: str, **more: Any) -> tuple[LedgerRow, ...]:
    return by_command("csv", **more).read_output(text.encode(), {})


def of_lines(*rows: Any, **more: Any) -> tuple[LedgerRow, ...]:
    return by_command("json_lines", **more).read_output("\n".join(map(json.dumps, rows)).encode(), {"p-1": "n-1"})


def test_variables_of_a_query_are_parameters_and_never_part_of_it() -> None:
    asked = by_query("SELECT * FROM m WHERE ref = ${order_no} OR key = ${order_no.uuid}::uuid AND a = ${account.id}")
    assert asked.query == "SELECT * FROM m WHERE ref = $1::text OR key = $2::text::uuid AND a = $3::text"
    hostile = ORDER._replace(order_no="'; DROP TABLE m; --")
    assert asked.parameters(hostile, None) == [hostile.order_no, as_uuid(hostile.order_no), "other"]
    whole = by_query("SELECT '50%' AS share WHERE a = ${account.id}")
    assert (whole.query, whole.parameters(None, None)) == ("SELECT '50%' AS share WHERE a = $1::text", ["acc_1"])


def test_variables_of_a_command_are_in_its_arguments() -> None:
    asked = by_command("csv", "--of", "ref=${order_no}", "${provider_id}", "100%")
    assert asked.arguments(ORDER, "p 1") == ["moves", "--of", "ref=n-1", "p 1", "100%"]
    assert asked.by_order and asked.by_provider_id
    with pytest.raises(ValueError, match="null character"):
        asked.arguments(ORDER, "p\0")


@pytest.mark.parametrize("name", ["cursor", "amount.minor", "nobody"])
def test_what_has_no_value_there_is_refused(name: str) -> None:
    for ledger in (
        {"sql": {"dsn": "x", "query": f"SELECT ${{{name}}}"}},
        {"command": ["m", f"${{{name}}}"], "prints": "csv"},
    ):
        with pytest.raises(ContractError, match=name):
            table(ledger)


def test_columns_are_read_by_their_names() -> None:
    rows = of_csv(f"{HEAD},kind,currency,note\nm1,n-1,acc_1,500,payout,eur,x\nm2,n-2,other,7,return,EUR,\n")
    assert [row[:5] + row[6:] for row in rows] == [
        ("m1", "n-1", "main", 500, "payout", "EUR", ""),
        ("m2", "n-2", "other", 7, "return", "EUR", ""),
    ]
    [row] = of_csv(f"{HEAD},kind,refund_no\nm3,n-1,acc_1,40,refund,R-1\n")
    assert (row.kind, row.refund_no, row.amount_minor) == ("refund", "R-1", 40)
    [row] = of_lines({"movement_id": 7, "provider_id": "p-1", "account": "other", "amount_major": "19.99"})
    assert row[:5] == ("7", "n-1", "other", 1999, "payout")


def test_columns_are_read_by_a_mapping() -> None:
    extract = {"movement_id": "$.meta.id", "order_no": "$.ref", "amount_minor": "$.cents", "account": "$['who is it']"}
    [row] = of_lines({"meta": {"id": "m1"}, "ref": "n-1", "cents": 5, "who is it": "acc_1"}, extract=extract)
    assert row[:4] == ("m1", "n-1", "main", 5)


def test_an_empty_table_is_a_ledger_in_which_nothing_moved() -> None:
    assert of_csv(f"{HEAD}\n") == ()
    assert of_lines() == ()
    assert by_command("json_lines").read_output(b"\n \n", {}) == ()


def test_a_negative_amount_is_no_payout() -> None:
    row = {"movement_id": "m1", "order_no": "n-1", "account": "main"}
    for amount in ({"amount_minor": -5}, {"amount_major": "-0.05"}):
        with pytest.raises(UnreadableBody, match="amount is negative"):
            of_lines({**row, **amount})


def test_the_account_may_be_said_once_for_all_rows() -> None:
    [row] = of_lines({"movement_id": "m1", "order_no": "n-1", "amount_minor": 5}, account="other")
    assert row.account == "other"
    with pytest.raises(UnreadableBody, match=r"its rows do not say of which account .* \(account: main\)"):
        of_lines({"movement_id": "m1", "order_no": "n-1", "amount_minor": 5})


def test_with_one_account_they_are_its_own() -> None:
    accounts = {"main": {"id": "acc_1"}}
    alone = table({"command": ["moves"], "prints": "csv"}, accounts=accounts)
    [row] = alone.read_output(b"movement_id,order_no,amount_minor\nm1,n-1,5\n", {})
    assert row.account == "main"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the table has 0 rows"),
        ("order_no,account,amount_minor\nn-1,main,5\n", "no column movement_id, so movements cannot be counted"),
        ("movement_id,account,amount_minor\nm1,main,5\n", "no column order_no"),
        (
            "movement_id,order_no,account,amount\nm1,n,main,5\n",
            r"no column amount_minor .*its columns are movement_id,",
        ),
        (f"{HEAD},amount_major\nm1,n-1,main,500,5.00\n", "two amounts"),
        (f"{HEAD},account\nm1,n-1,main,500,main\n", "several columns called account"),
        (f"{HEAD}\nm1,n-1,main,500\nm1,n-2,main,7\n", "two rows have one identifier, m1"),
        (f"{HEAD}\n,n-1,main,500\n", "a movement has no identifier"),
        (f"{HEAD}\nm1,n-1,main,\n", "the movement m1 has no amount"),
        (f"{HEAD}\nm1,n-1,main,5.00\n", "expected a whole number"),
        (f"{HEAD}\nm1,n-1,,500\n", "the movement m1 has no account"),
        (f"{HEAD},kind\nm1,n-1,main,500,fee\n", "unknown kind 'fee'"),
        (f"{HEAD}\nm1,n-1\n", "has 2 cells"),
    ],
)
def test_a_table_that_is_no_ledger_says_why(text: str, words: str) -> None:
    with pytest.raises(UnreadableBody, match=words):
        of_csv(text)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (b'{"movement_id": "m1"}\nwarning: slow\n', "line 2 is not valid JSON: warning: slow"),
        (b"[1]\n", "line 1 is no JSON object"),
        (b'{"a": 1, "a": 2}\n', "line 1 is not valid JSON"),
        (b'{"movement_id": "m1", "order_no": "n", "account": "main", "amount_minor": "5"}', "expected a whole number"),
        (b"\xff\xfe\n", "line 1 is not valid JSON"),
    ],
)
def test_lines_that_are_no_movements_say_which(output: bytes, words: str) -> None:
    with pytest.raises(UnreadableBody, match=words):
        by_command("json_lines").read_output(output, {})


def test_a_mapping_to_nothing_names_the_columns() -> None:
    extract = {"movement_id": "$.uid", "order_no": "$.order_no", "amount_minor": "$.amount_minor"}
    with pytest.raises(UnreadableBody, match=r"no column uid \(extract.movement_id\); its columns are movement_id, "):
        of_csv(f"{HEAD}\n", extract=extract)
