"""What together cannot be, in a contract whose parts are each sound: refused, with the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.contract.body import ENCODINGS
from ackord.contract.loading.condition_logic import implies, never_holds, shadows
from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract
from ackord.errors import FileError

from ..support import SMALL, changed, loaded

ACK = "{when: {status: 200, $.status: {exists: true}}, observation: ACK}"
STATUS = "{when: {status: 200, $.status: {exists: true}}, observation: STATUS}"
QUERY_PATH = '"/orders/${order_no}"}'
STATES = "states: {OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED}"
END = SMALL.count("\n") + 1
CALLBACK = (
    "callbacks:\n  - name: done\n    path: PATH\n    answers: [{when: {$.a: 1}, observation: STATUS}]\n"
    "    extract: {order_no: $.no}\n"
)
HOOK = "hooks: {h: {about: x, do: {command: [PROGRAM, ../x]}, undo: {command: [sh]}}}\n"


def refused(folder: Path, text: str) -> FileError:
    with pytest.raises(FileError) as failure:
        loaded(folder, text)
    return failure.value


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("{when: {status: 5xx}", "{when: {status: [400, 409]}", 13, "submit.answers[1] and submit.answers[2]"),
        ("{when: {status: 5xx}", "{when: {status: 400, $.a: x}", 13, "no answer gets to this rule: submit.answers[2]"),
        (f"    - {ACK}", f"    - {{when: {{$.x: {{exists: true}}}}, observation: ACK}}\n    - "
            f"{{when: {{$.x.y: 1}}, observation: DUPLICATE}}\n    - {ACK}", 11, "submit.answers[0]"),
        (STATUS, STATUS + "\n    - {when: {status: 200, $.status: {exists: true}}, observation: "
            "NOT_FOUND}", 19, "query.answers[0]"),
        ("{when: {status: 409}", "{when: {status: 409, /xml/code: A}", 11, "/xml/code is no place in a body of the "
            "format json"),
        ("state: $.status, amount_minor: $.amount, code: "
            "$.code}\nquery", "state: $.status, code: {from: /a/b, regex: x}}\nquery", 14, "/a/b is no place"),
        ("submit:", "submit:\n  format: xml", 11, "$.status is no place in a body of the format xml"),
        ("submit:\n", "submit:\n  format: form\n  replay_marker: {$.a.b: x}\n", 9, "$.a.b is no place in a form"),
        ("{when: {status: 409}", "{when: {status: 409, $row.a: 1}", 11, "there are no rows here"),
        ("extract: {provider_id: $.id, state: "
            "$.status", "extract: {provider_id: $row.id, state: $.status", 14, "there are no rows here"),
        ("{when: {status: 409}", "{when: {status: 409, $.a: {exists: false}, $.a.b: "
            "1}", 11, "nothing stands there if $.a is as"),
        ("{when: {status: 409}", "{when: {status: 409, $.a: 'x', '$.a[0]': {exists: "
            "true}}", 11, "nothing stands there if $.a is as"),
        ("{when: {status: 409}", "{when: {status: 409, header.x-code: 5}", 11, "5 is not text, and a header holds "
            "nothing else"),
        ("{when: {status: 404, $.code: NONE}", "{when: {status: 200, $.status: {exists: true}}", 19, "no answer gets"),
        ("next: $.next", "next: /xml/next", 24, "/xml/next is no place in a body of the format json"),
        (QUERY_PATH, '"/orders/${captured.quote}"}', 16, "there is no variable ${captured.quote}"),
        ("provider: small", "provider: small\nbase_url: https://API.x.com:8443/\nproduction: "
            "{hosts: [api.x.com]}", 2, "a host of production"),
        ("provider: small", "provider: small\nnodes: {a: https://eu.api.x.com}\nproduction: "
            "{hosts: ['*.api.x.com']}", 2, "a host of production"),
        ("environment: sandbox", "environment: sandbox\nproduction: {keys: [^sk_main$]}", 6, "holds a live key, written out"),
        ("bearer: sk_main", "bearer: sk_live_" + "9aB8cD7eF6gH5", 5, "holds a live key, written out"),
        ("note: now", "note: live_" + "9aB8cD7eF6gH5", 8, "holds a live key, written out"),
        ("provider: small", "provider: small\nbase_url: http://x:99999", 2, "Port out of range"),
    ],
)  # fmt: skip
def test_a_change_that_contradicts_the_rest(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    error = refused(tmp_path, changed(old, new))
    assert says in str(error)
    assert error.line == line
    assert "9aB8cD7eF6gH5" not in str(error)


@pytest.mark.parametrize(
    ("more", "line", "says"),
    [
        ("promises: {later_edges: [{from: SUCCEEDED, to: "
            "RETURNED}]}\n", END, "no answer ever shows an order that is RETURNED"),
        ("promises:\n  later_edges:\n    - from: DECLINED\n      to: "
            "FAILED\n", END + 2, "no answer ever shows an order that is DECLINED"),
        ("sandbox_triggers: {no-money: {about: x, amount_minor: 666, leads_to: DECLINED}}\n", END, "that is DECLINED"),
        (CALLBACK.replace("PATH", "/done/${order}"), END + 2, 'there is no variable ${order}. Did you mean '
            '"order_no"?'),
        (CALLBACK.replace("PATH", "/done/${amount.minor}"), END + 2, "has no value here"),
        (CALLBACK.replace("PATH", "/done/${order_no"), END + 2, "never closed"),
        (CALLBACK.replace("PATH", "/done").replace("$.a: 1", "/a/b: x"), END + 3, "/a/b is no place"),
        (CALLBACK.replace("PATH", "/done").replace("answers: [", "answers: [{when: {$.a: 1}, observation: "
            "NOT_FOUND}, "), END + 3, "callbacks[0].answers[0]"),
        (CALLBACK.replace("PATH", "/done").replace("$.no", "$row.no"), END + 4, "there are no rows"),
        (HOOK.replace("PROGRAM", "../evil.sh"), END, "leaves the contract's folder"),
        (HOOK.replace("PROGRAM", "a/../../evil.sh"), END, "leaves the contract's folder"),
    ],
)  # fmt: skip
def test_an_addition_that_contradicts_the_rest(tmp_path: Path, more: str, line: int, says: str) -> None:
    error = refused(tmp_path, SMALL + more)
    assert says in str(error)
    assert error.line == line


def test_a_field_that_is_read_cannot_be_left_out_of_the_evidence(tmp_path: Path) -> None:
    assert loaded(tmp_path, SMALL + "redact: [iban, pan]\n").contract.redact == ["iban", "pan"]
    error = refused(tmp_path, SMALL + "redact: [iban, STATUS]\n")
    assert error.line == END
    assert "reads $.status, so STATUS cannot be left out of the evidence" in str(error)


def test_an_answer_cannot_both_acknowledge_and_deny(tmp_path: Path) -> None:
    text = changed("{when: {status: 404, $.code: NONE}", "{when: {status: 202, $.ok: true}")
    error = refused(tmp_path, text.replace(ACK, "{when: {status: 202, $.ok: true}, observation: ACK}"))
    assert "it reads as NOT_FOUND what submit.answers[0] reads as ACK" in str(error)
    assert error.line == 19


@pytest.mark.parametrize(
    "query",
    [
        'path: "/by-id/${provider_id}"',
        'path: /list, query: {x: "a${provider_id}"}',
    ],
)
def test_a_query_by_an_identifier_that_no_submit_gives(tmp_path: Path, query: str) -> None:
    text = changed('path: "/orders/${order_no}"', query)
    assert loaded(tmp_path, text).codec.asks_by_provider_id
    without = text.replace("extract: {provider_id: $.id, ", "extract: {", 1)
    error = refused(tmp_path, without)
    assert "needs ${provider_id}, which no answer to a submit gives" in str(error)
    assert error.line == 16
    in_a_rule = without.replace("observation: ACK}", "observation: ACK, extract: {provider_id: header.x-id}}")
    assert loaded(tmp_path, in_a_rule).codec.asks_by_provider_id


def test_a_row_by_an_identifier_that_no_submit_gives(tmp_path: Path) -> None:
    rows = 'query:\n  rows: $.data\n  match: {$row.id: "${provider_id}"}'
    loaded(tmp_path, changed("query:", rows))
    error = refused(tmp_path, changed("query:", rows).replace("extract: {provider_id: $.id, ", "extract: {", 1))
    assert error.line == 17
    assert "which no answer to a submit gives" in str(error)


def test_a_statement_s_file_is_never_fetched_from_production(tmp_path: Path) -> None:
    statement = """\
production: {hosts: [api.x.com]}
statement:
  request: {method: GET, path: "/bill/${period.from:%Y}"}
  download: $.url
  rows: $.rows
  columns: {movement_id: $.id, order_no: $.no, amount: $.amount}
  download_hosts:
    - https://files.x.com
"""
    loaded(tmp_path, SMALL + statement)
    error = refused(tmp_path, SMALL + statement + "    - https://API.x.com:8443\n")
    assert '"statement.download_hosts[1]": this is a host of production' in str(error)
    assert error.line == len((SMALL + statement).splitlines()) + 1


def test_what_is_taken_all_the_same(tmp_path: Path) -> None:
    """Neighbours of what is refused."""
    loaded(tmp_path, changed("{when: {status: 5xx}", "{when: {status: [409, 500]}"))
    loaded(tmp_path, SMALL + HOOK.replace("PROGRAM", "./beside.sh"))
    loaded(tmp_path, SMALL + CALLBACK.replace("PATH", "/done/${order_no}/${provider_id}"))
    loaded(tmp_path, changed("bearer: sk_main", "bearer: '${env:KEY}'"), env={"KEY": "sk_live_" + "9aB8cD7eF6gH5"})
    loaded(tmp_path, changed("note: now", "note: live_transactions_only_here"))
    shown_by_a_rule = changed("observation: STATUS}", "observation: STATUS, state: RETURNED}")
    loaded(tmp_path, shown_by_a_rule + "promises: {later_edges: [{from: SUCCEEDED, to: RETURNED}]}\n")
    real = "base_url: https://api.x.com\nproduction: {hosts: [api.x.com]}"
    loaded(tmp_path, changed("environment: sandbox", f"environment: production\n{real}"))


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_what_comes_with_ackord_contradicts_itself_nowhere(name: str) -> None:
    load_contract(name, env=PlaceholderEnv())


@pytest.mark.parametrize(
    ("stronger", "weaker", "follows"),
    [
        ("a", ["a", "b"], True),
        (["a", "b"], "a", False),
        (1, True, False),
        (1, [1, 2], True),
        ("a", {"exists": True}, True),
        (None, {"exists": True}, False),
        (None, {"exists": False}, True),
        (None, {"empty": True}, True),
        ("", {"empty": True}, True),
        ("a", {"empty": False}, True),
        ("abc", {"regex": "^a"}, True),
        ("bc", {"regex": "^a"}, False),
        ({"regex": "^a"}, {"regex": "^a"}, True),
        ({"regex": "^ab"}, {"regex": "^a"}, False),
        ({"regex": "^a"}, {"exists": True}, True),
        ({"exists": False}, {"empty": True}, True),
        ({"exists": False}, {"exists": True}, False),
        ({"exists": True}, {"empty": False}, False),
        ({"empty": False}, {"exists": True}, True),
        ({"empty": True}, {"exists": False}, False),
    ],
)
def test_one_condition_follows_from_another(stronger: Any, weaker: Any, follows: bool) -> None:
    assert implies(stronger, weaker) is follows


@pytest.mark.parametrize(
    ("rules", "shadowed_by"),
    [
        ([{"status": 200}, {"status": 200, "$.a": 1}], [0]),
        ([{"status": 200, "$.a": 1}, {"status": 200}], []),
        ([{"status": "4xx"}, {"status": [404, 409]}], [0]),
        ([{"status": 404}, {"status": [404, 409]}], []),
        ([{"status": 404}, {"status": 500}, {"status": 409}, {"status": [404, 409]}], [0, 2]),
        ([{"$.a": 1}, {"status": 200, "$.a": 1}], [0]),
        ([{"status": ["1xx", "2xx", "3xx", "4xx", "5xx"]}, {"$.a": 1}], []),
        ([{"header.X": "a"}, {"header.x": "a"}], [0]),
        ([{"$row": {"exists": True}}, {"$row.status": "PAID"}], [0]),
        ([{"$row": {"exists": True}}, {"$row.status": {"exists": False}}], []),
        ([{"$.ab": {"exists": True}}, {"$.abc": "PAID"}], []),
    ],
)
def test_which_rules_leave_nothing_to_the_last(rules: list[dict[str, Any]], shadowed_by: list[int]) -> None:
    assert shadows(rules, len(rules) - 1) == shadowed_by


@pytest.mark.parametrize(
    ("when", "form", "place"),
    [
        ({"$.a": 1}, "json", None),
        ({"$.a": 1}, "form", "$.a"),
        ({"$.a": ["x", None]}, "form", "$.a"),
        ({"/xml/a": True}, "xml", "/xml/a"),
        ({"/xml/a": {"exists": False}}, "xml", None),
        ({"/xml/a": {"exists": False}, "/xml/a/b": "1"}, "xml", "/xml/a/b"),
        ({"/xml/a": "x", "/xml/a/b": "1"}, "xml", None),
        ({"$.a": {"empty": True}, "$.a.b": 1}, "json", "$.a.b"),
        ({"$.a": {"empty": True}, "$.a.b": {"exists": False}}, "json", None),
        ({"$.a": {"exists": True}, "$.a.b": 1}, "json", None),
        ({"$row": {"exists": False}, "$row.b": 1}, "json", "$row.b"),
        ({"$.a": 1, "$.ab": 2}, "json", None),
    ],
)
def test_conditions_that_no_answer_meets(when: dict[str, Any], form: str, place: str | None) -> None:
    found = never_holds(when, form=ENCODINGS.get(form))
    assert (found and found[0]) == place
