"""Contracts that are wrong in one place: one clear error with file and line, soon, and nothing in them is executed or
fetched.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ackord.contract.loading.file_text import MAX_BYTES
from ackord.contract.loading.loader import PlaceholderEnv, load_contract, shipped
from ackord.contract.loading.yaml_document import parse_yaml
from ackord.errors import FileError

MOST_CPU_S = 5.0
"""One second is the promise; the rest is for machines that are slow or busy."""

FIRST = [shipped("contracts") / name for name in ("reference.yaml", "_template.yaml")]
REFERENCE, TEMPLATE = (path.read_text(encoding="utf-8") for path in FIRST)


class Touched(BaseException):
    """Something reached out. No ``except Exception`` on the way hides it."""


@pytest.fixture(autouse=True)
def nothing_is_executed_or_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: object, **__: object) -> None:
        raise Touched

    for owner, names in (
        (os, ("system", "popen", "execv", "execve", "fork", "posix_spawn")),
        (subprocess, ("Popen",)),
        (socket, ("getaddrinfo", "create_connection")),
        (socket.socket, ("connect", "connect_ex")),
    ):
        for name in names:
            monkeypatch.setattr(owner, name, touched)


def refused(folder: Path, raw: bytes, env: Any = None) -> FileError:
    path = folder / "bad.yaml"
    path.write_bytes(raw)
    begin = time.process_time()
    with pytest.raises(FileError) as failure:
        load_contract(path, env=PlaceholderEnv() if env is None else env)
    assert time.process_time() - begin < MOST_CPU_S
    error = failure.value
    assert str(error).startswith(f"{path}:{error.line}: " if error.line else f"{path}: ")
    assert len(str(error).removeprefix(str(path))) < 1500
    assert not any(word in str(error) for word in ("Traceback", "pydantic", "Value error", "<class", "object at 0x"))
    return error


class Bad(NamedTuple):
    """One change of a contract that is sound."""

    old: str
    new: str
    says: str
    at: str | None = None
    """What stands in the line that the error must point to; by default what is new."""
    of: str = REFERENCE

    def text(self) -> str:
        assert self.old in self.of
        return self.of.replace(self.old, self.new, 1)

    def line(self) -> int:
        text = self.text()
        at = self.of.index(self.old) if self.at is None else text.index(self.at)
        return text.count("\n", 0, at) + 1


SUBMIT_JSON = 'json: {order_no: "${order_no}", amount: "${amount.minor}", currency: "${currency}", payee: "${payee}"}'
CONFLICT = "{when: {status: 409, $.code: ORDER_CONFLICT}, observation: CONFLICT}"
END = "limits: {answer_bytes: 1048576, timeout: 2s, orders: 20000, amount_minor: 5000}"
MAIN = "{auth: {bearer: sk_main}} "
KEY = '"${env:EXAMPLE_SECRET_KEY}"'


def when(condition: str, says: str, at: str | None = None) -> Bad:
    """Another condition in a rule of ``submit``."""
    return Bad("{status: 409, $.code: ORDER_CONFLICT}", condition, says, at)


def submits(what: str, says: str) -> Bad:
    """Something else in the body of a submit."""
    return Bad('"${payee}"', what, says)


def more(text: str, says: str, at: str | None = None) -> Bad:
    """Something further at the end, where the contract had its statement."""
    before = REFERENCE.partition("\nstatement:")[0]
    return Bad(END, f"{END}\n{text}", says, at or text.split("\n")[0], of=before)


MISSING_AND_UNKNOWN = [
    Bad("provider: ackord-reference\n", "", 'the field "provider" is missing', "about:"),
    Bad("environment: sandbox ", "enviroment: sandbox ", 'Did you mean "environment"?'),
    Bad("    method: POST\n", "", 'the field "method" is missing in "submit.request"', "  request:"),
    Bad("    path: /v1/orders\n", "", 'the field "path" is missing', "  request:"),
    Bad("  rows: $.movements\n", "", 'the field "rows" is missing in "ledger"', "ledger:\n"),
    Bad("movement_id: $.id, ", "", "rows without an identifier may stand on two pages", "  extract: {order_no"),
    Bad("order_no: $.order_no, refund_no", "refund_no", "a row must say whose it is", "  extract: {movement_id"),
    Bad("amount_minor: $.amount, kind", "kind", "a row needs one amount", "  extract: {movement_id"),
    Bad(
        ", observation: CONFLICT}",
        "}",
        'the field "observation" is missing',
        "- {when: {status: 409, $.code: ORDER_CONFLICT}",
    ),
    Bad("observation: CONFLICT}", "observation: CONFLICT, unless: x}", "there is no such field"),
    Bad("path: /v1/movements", "paht: /v1/movements", 'Did you mean "path"?'),
    Bad("lands_within: 1s", "land_within: 1s", 'Did you mean "lands_within"?'),
    Bad("timeout: 2s", "timeouts: 2s", 'Did you mean "timeout"?'),
    Bad("next: $.next", "next: $.next\n  next_row: $.id", "found by next already", "next_row: $.id"),
    Bad("next: $.next", "next: $.next\n  counted: {by: row}", "found by next already", "counted: {by"),
    Bad("next: $.next", "counted: {by: row}\n  next_row: $.id", "found by next_row already", "counted: {by"),
    Bad("next: $.next", "counted: {first: 1}", 'the field "by" is missing in "ledger.counted"', "counted: {first"),
    Bad("next: $.next", "counted: {by: row, size: 100}", "there is no such field"),
    more("timing: {settle: 3s}", "there is no such field"),
    more("hooks: {h: {about: x, do: {command: [a]}}}", '"undo" is missing'),
    more("sources: {docs: {at: x}}", '"as_of" is missing'),
    Bad("payee: trigger-waits, ", "", "nothing pulls it", "  waits:"),
    more("statement: {request: {method: GET, path: /s}, columns: {at: $.at}}", "one form"),
]
WRONG_TYPES = [
    Bad("version: 1", "version: one", '"version" cannot be used'),
    Bad("version: 1", "version: '1'", '"version" cannot be used'),
    Bad("provider: ackord-reference", "provider: [a]", "expected: text"),
    Bad("provider: ackord-reference", "provider: Über Bank", '"provider" cannot be used'),
    Bad("accounts:\n", "accounts: []\nnodes:\n", "a mapping"),
    Bad(MAIN, "7 ", "a mapping"),
    Bad("bearer: sk_main", "bearer: 7", '"accounts.main.auth.bearer"'),
    Bad("bearer: sk_main", "bearer: ''", '"accounts.main.auth.bearer"'),
    Bad("bearer: sk_main", "bearer: {env: KEY}", '"accounts.main.auth.bearer"'),
    Bad("{bearer: sk_main}", "{}", "no scheme is given"),
    Bad("{bearer: sk_main}", "{baerer: x}", 'Did you mean "bearer"?'),
    Bad("    method: POST", "    method: SEND", "'GET', 'POST'"),
    Bad("path: /v1/orders\n", "path: 7\n", "expected: text"),
    Bad('query: {after: "${cursor}", limit: "500"}', 'query: {after: "${cursor}", limit: 500}', "expected: text"),
    Bad("next: $.next", "counted: {by: offset}", "'row' or 'page'"),
    Bad("next: $.next", "counted: {by: page, first: 2}", "less than or equal to 1"),
    Bad("next: $.next", "counted: {by: page, first: true}", '"ledger.counted.first"'),
    Bad("next: $.next", "counted: {by: page, first: '1'}", '"ledger.counted.first"'),
    Bad("orders: 20000", "orders: many", "a whole number"),
    Bad("orders: 20000", "orders: 0", "greater than or equal to 1"),
    Bad("orders: 20000", "orders: 1.5", '"limits.orders"'),
    Bad("orders: 20000", "orders: true", '"limits.orders"'),
    Bad("answer_bytes: 1048576", "answer_bytes: 99999999999999", "less than or equal to"),
    Bad("length: [8, 40]", "length: 8", "a list"),
    Bad("length: [8, 40]", "length: [40, 8]", "the first number is the fewest"),
    Bad("length: [8, 40]", "length: [8, 4000]", "at most 256"),
    Bad('alphabet: "0-9A-Za-z-"', 'alphabet: "a"', "too few numbers"),
    Bad("PAID: SUCCEEDED", "PAID: DONE", '"states.PAID"'),
    Bad("PAID: SUCCEEDED", "PAID: [SUCCEEDED]", '"states.PAID"'),
    Bad("caches_transient_errors: false", "caches_transient_errors: 0", "true or false"),
    Bad("key_scope: [account]", "key_scope: account", "a list"),
    Bad("key_scope: [account]", "key_scope: [tenant]", '"promises.key_scope[0]"'),
    Bad("not_found: forbidden", "not_found: never", "'forbidden' or 'inconclusive'"),
    more("currency: euro", '"currency" cannot be used'),
    more("base_url: ftp://x", "https://api.example.com"),
    more("base_url: https://user:pw@example.com", "without user"),
    more("base_url: 'http://['", '"base_url"'),
    more("base_url: http://x:notaport", '"base_url"'),
    more("callbacks: {a: 1}", "a list"),
    more("facts: [a]", "a mapping"),
]
CONDITIONS = [
    when("{status: 9}", "9 is no HTTP status"),
    when("{status: [409, abc]}", "'abc' is no HTTP status"),
    when("{status: {exists: true}}", "is no HTTP status"),
    when("{status: true}", "True is no HTTP status"),
    when("{code: X}", "a place in the answer"),
    when("{$.code: {exists: yes please}}", "{exists: true} or {exists: false}"),
    when("{$.code: {exists: true, regex: a}}", "a value"),
    when("{$.code: {}}", "a value"),
    when("{$.code: []}", "a list of plain values"),
    when("{$.code: [[1]]}", "a list of plain values"),
    when("{'$.a[*]': 1}", "wildcards"),
    when("{'$..a': 1}", "wildcards"),
    when("{'$.a[?(@.b)]': 1}", "wildcards"),
    when("{'$.a[-1]': 1}", "wildcards"),
    when("{$.a['b: 1}", "not YAML|wildcards"),
    when("{header.: 1}", "a header's name"),
    when("{'header.a b': x}", "a header's name"),
    when("{/: x}", "element names"),
    when("{/xml//code: x}", "element names"),
    when("{'/xml/*': x}", "element names"),
    when("{/xml/@: x}", "is no place|element"),
    when("{/xml/code: x}", "no place in a body of the format json"),
    when("{$row.code: x}", "there are no rows here"),
    when("{$.a: {exists: false}, $.a.b: 1}", "nothing stands there"),
    when("{status: [200, 202], $.status: {exists: true}}", "no answer gets to this rule"),
    when("{status: 200, $.status: PAID}", "no answer gets to this rule"),
    when("{header.x-code: 7}", "7 is not text"),
    when("{$.code: {regex: '('}}", "a regular expression"),
    when("{$.code: {regex: '[a'}}", "a regular expression"),
    when("{$.code: {regex: 7}}", "a regular expression"),
    when("{$.code: {regex: '(a+)+$'}}", "cannot run away"),
    when("{$.code: {regex: '(a|a)*b'}}", "cannot run away"),
    when("{$.code: {regex: '^(([a-z])+.)+[A-Z]([a-z])+$'}}", "cannot run away"),
    when("{$.code: {regex: '(.*)(.*)(.*)(.*)='}}", "cannot run away"),
    when(r"{$.code: {regex: '(a)\1'}}", "without references"),
    when("{$.code: {regex: '^a$', example: b}}", "an example that the regular expression matches"),
    Bad("state: $.status", "state: status", "not a place in an answer"),
    Bad("state: $.status", "state: {from: $.status}", '"regex" is missing'),
    Bad("state: $.status", "state: {from: $.status, regex: '(x+x+)+y'}", "cannot run away"),
    Bad("amount_minor: $.amount", "amount_minor: $.amount, amount_major: $.sum", "read from amount_minor already"),
    Bad("observation: CONFLICT", "observation: STATUSES", "'ACK'"),
    Bad("observation: CONFLICT", "observation: NOT_FOUND", "is nothing that such an answer can say", "  answers:"),
    Bad("observation: CONFLICT", "observation: ACK, definite: true", "it means nothing for ACK"),
    Bad("observation: CONFLICT", "observation: REJECTED, state: FAILED", "shows no state"),
    Bad("observation: CONFLICT", "observation: CONFLICT, state: LOST", '"submit.answers[1].state"'),
    Bad("observation: ACK}", "observation: RETRYABLE}", "no rule reads an answer as ACK", "  answers:"),
    Bad("observation: NOT_FOUND", "observation: REJECTED", "no rule reads an answer as NOT_FOUND", "  answers:\n    - {when: {status: 200, "),
    Bad("observation: NOT_FOUND", "observation: DEFERRED", "go together", "query:\n  request"),
    Bad("replay_current", "reject_with_pointer", "no answer to submit is read as DUPLICATE", "promises:")
    ._replace(of=REFERENCE.replace("observation: DUPLICATE", "observation: REJECTED")),
]  # fmt: skip
TEMPLATES = [
    submits('"${payeee}"', 'Did you mean "payee"?'),
    submits('"${cursor}"', "has no value here"),
    submits('"${provider_id}"', "has no value here"),
    submits('"${payee"', "never closed"),
    submits('"${}"', "there is no variable"),
    submits('"${captured.quote}"', "there is no variable"),
    submits('"${now}"', "needs a format"),
    submits('"${now:%Y|Mars}"', "is no zone"),
    submits('"${payee:%Y}"', "takes no format"),
    submits('{"${payee}": 1}', "a key cannot hold a variable"),
    submits('"${env:no name}"', "is not the name of an environment variable"),
    Bad("/v1/orders/${order_no}", "/v1/orders/${payee}", "has no value here"),
    Bad("/v1/orders/${order_no}", "orders/${order_no}", "begins with /"),
    Bad("/v1/orders/${order_no}", "/v1/../admin/${order_no}", "without . and .."),
    Bad("/v1/orders/${order_no}", "/v1/orders?no=${order_no}", "stand under query"),
    Bad("/v1/orders/${order_no}", "/v1/orders/${order_no}#x", "stand under query"),
    Bad("/v1/orders/${order_no}", "/v1/orders /${order_no}", "without blanks"),
    Bad('after: "${cursor}"', 'after: "${payee}"', "has no value here"),
    Bad(SUBMIT_JSON, "form: {a: null}", "cannot stand in a form"),
    Bad(SUBMIT_JSON, "form: {a: 1.5}", "cannot stand in a form"),
    Bad(SUBMIT_JSON, "xml: {a: 1, b: 2}", "2 root elements"),
    Bad(SUBMIT_JSON, "xml: {a: {b: null}}", "cannot stand in XML"),
    Bad(SUBMIT_JSON, "xml: {a: {b: true}}", "cannot stand in XML"),
    Bad(SUBMIT_JSON, SUBMIT_JSON + "\n    form: {a: x}", "a body in json already", "form: {a: x}"),
    Bad("json:", "headers: {'a: b': x}\n    json:", "a header's name", "headers:"),
    Bad("json:", "headers: {X-A: '${nobody}'}\n    json:", "there is no variable", "headers:"),
    Bad("json:", "host: other\n    json:", 'there is no host "other"', "submit:"),
    more("ignored_fields: [note]", "starts with $"),
    more("ignored_fields: ['$.a[*]']", "wildcards"),
    more("callbacks: [{name: a, path: '/${order}', answers: [{when: {$.a: 1}, observation: STATUS}], extract: "
        "{order_no: $.a}}]", "there is no variable ${order}"),
    more("callbacks: [{name: a, path: /a, answers: [{when: {$.a: 1}, observation: "
        "STATUS}]}]", "which order it is about"),
    more("callbacks: [{name: a, path: /a, answers: [{when: {status: 200}, observation: STATUS}], extract: "
        "{order_no: $.a}}]", "a call has no status code"),
    more("callbacks: [{name: a, path: /a, answers: [{when: {$.a: 1}, observation: ACK}], extract: {order_no: "
        "$.a}}]", "STATUS or NOT_FOUND"),
    more("prerequisites: [{name: q, request: {method: GET, path: '/${captured.later}'}, succeeded: {status: "
        "200}}]", "there is no variable"),
    more("prerequisites: [{name: q, request: {method: GET, path: /q}, succeeded: {status: x}}]", "'x' is no HTTP"),
    more("prerequisites: [{name: q, request: {method: GET, path: /q}, succeeded: {status: [20]}}]", "20 is no HTTP"),
    more("prerequisites: [{name: q, request: {method: GET, path: /q}, succeeded: {status: 200}, capture: {Id: "
        "$.id}}]", '"prerequisites[0].capture'),
]  # fmt: skip
PROMISES = [
    Bad("lands_within: 1s", "lands_within: 1", "a duration with its unit"),
    Bad("lands_within: 1s", "lands_within: 1 s", "a duration with its unit"),
    Bad("lands_within: 1s", "lands_within: -1s", "a duration with its unit"),
    Bad("lands_within: 1s", "lands_within: 1sec", "a duration with its unit"),
    Bad("lands_within: 1s", "lands_within: 1e3s", "a duration with its unit"),
    Bad("lands_within: 1s", "lands_within: ١s", "a duration with its unit"),
    Bad("lands_within: 1s", f"lands_within: {'9' * 300}s", "a duration with its unit"),
    Bad("lands_within: 1s", "lands_within: [1s]", "a duration with its unit"),
    Bad("timeout: 2s", "timeout: null", "a duration with its unit"),
    Bad("key_retention: null", "key_retention: forever", "a duration with its unit"),
    Bad("not_found: forbidden", "not_found: {tolerated_for: soon}", "a duration with its unit"),
    Bad("to: RETURNED", "to: PROCESSING", '"promises.later_edges[0].to"'),
    Bad("  RETURNED: RETURNED\n", "", "no answer ever shows an order that is RETURNED", "    - {from: SUCCEEDED"),
    Bad("on_other_payload: reject", "on_other_payload: new_movement", "it contradicts "
        "promises.on_other_payload", "provider:"),
    Bad("  account: operator\n", "  account: nobody\n", 'the account "nobody"', "ledger:\n"),
    more("identity: [amount]", "the order number is not part of it"),
    Bad("leads_to: DECLINED", "leads_to: NOWHERE", '"sandbox_triggers.declined.leads_to"'),
    more('undocumented: ["a\\nb"]', '"a\\nb" is no place in this file'),
    more("undocumented: [promises.locks]", "is no place in this file"),
    more("facts: {promises: nobody}", 'there is no source "nobody"'),
    more("production: {hosts: [x.example]}\nbase_url: "
        "https://X.example/", "a host of production", "base_url: https://X"),
    more("production: https://x.example", "a mapping"),
    more("production: {}", "nothing is said of the real thing"),
    more("production: {hosts: [https://x.example]}", "a host in lower case"),
    more("production: {keys: ['(a+)+']}", "cannot run away"),
    more("hooks: {h: {about: x, do: {command: [../../bin/evil]}, undo: {command: "
        "[a]}}}", "leaves the contract's folder"),
    more("hooks: {h: {about: x, do: {command: []}, undo: {command: [a]}}}", "at least 1 item"),
    more("hooks: {h: {about: x, do: {command: a}, undo: {command: [a]}}}", "a list"),
    more("hooks: {h: {about: x, do: {http: {url: file:///etc/passwd}}, undo: {command: "
        "[a]}}}", '"hooks.h.do.http.url"'),
    more("hooks: {h: {about: x, do: {command: [a], sql: {dsn: postgresql://x, statements: [a]}}, undo: "
        "{command: [a]}}}", "together"),
]  # fmt: skip
LEDGER = REFERENCE[REFERENCE.index("  account: operator\n") : REFERENCE.index("\nstates:")]


def ledger(text: str, says: str) -> Bad:
    """Another ledger; the mistake is in its last line."""
    return Bad(LEDGER, f"  {text}\n", says, text.split("\n")[-1].strip())


LEDGERS = [
    ledger("sql: {dsn: x, querry: SELECT 1}", 'Did you mean "query"?'),
    ledger("sql: {dsn: x}", 'the field "query" is missing in "ledger.sql"'),
    ledger("sql: {query: SELECT 1}", 'the field "dsn" is missing in "ledger.sql"'),
    ledger('sql: {dsn: x, query: "SELECT ${cursor}"}', "${cursor} has no value here"),
    ledger("sql: {dsn: x, query: \"SELECT 1 WHERE ref = '${order_no}'\"}", "stands between quotes"),
    ledger("sql: {dsn: x, query: SELECT 1, timeout: 5}", "a duration with its unit"),
    ledger("sql: {dsn: x, query: SELECT 1, rows: 0}", '"ledger.sql.rows"'),
    ledger("prints: csv\n  command: [../../bin/evil]", "leaves the contract's folder"),
    ledger("prints: csv\n  command: moves", "a list"),
    ledger("command: [moves]\n  prints: xml", "'json_lines' or 'csv'"),
    ledger("command: [moves]\n  prints: csv\n  rows: $.data", "there is no such field"),
    ledger("sql: {dsn: x, query: SELECT 1}\n  command: [moves]", "there is no such field"),
    ledger("command: [moves]\n  prints: csv\n  account: nobody", 'the account "nobody"')._replace(at="ledger:\n"),
]
SIGNING = [
    Bad("{bearer: sk_main}", "{basic: {password: x}}", '"username" is missing'),
    Bad("{bearer: sk_main}", "{basic: sk_main}", "a mapping"),
    Bad("{bearer: sk_main}", "{api_key: {value: x}}", "the key stands nowhere"),
    Bad("{bearer: sk_main}", "{api_key: {header: X, query: y, value: z}}", "header and query together"),
    Bad("{bearer: sk_main}", "{api_key: {header: 'X Y', value: z}}", "a header's name"),
    Bad("{bearer: sk_main}", "{hmac: {}}", "is missing"),
    Bad("{bearer: sk_main}", "{rsa: {}}", "nothing is signed"),
    Bad(
        "{bearer: sk_main}",
        "{http_message_signatures: {algorithm: ecdsa-p521-sha512, private_key: emulated-A}}",
        '"accounts.main.auth.http_message_signatures.algorithm"',
    ),
    Bad(
        "{bearer: sk_main}",
        "{http_message_signatures: {algorithm: ed25519, private_key: emulated-A, input_header: signature}}",
        "it is the header of the signatures",
    ),
    Bad("bearer: sk_main", "bearer: sk_live_" + "4eC39HqLyjWDarj", "holds a live key"),
    Bad(KEY, "rzp_live_" + "4eC39HqLyjWDarj", "holds a live key", of=TEMPLATE),
]
HOOKS = [
    Bad("query:\n", "query:\n  format: {hook: {name: nobody-s}}\n", 'no extractor is called "nobody-s"', "format"),
    Bad("query:\n", "query:\n  format: {hook: {name: os.system}}\n", 'no extractor is called "os.system"', "format"),
    Bad("query:\n", "query:\n  format: {hook: {name: x, code: print()}}\n", "there is no such field", "format"),
    Bad("query:\n", "query:\n  format: {hook: {}}\n", '"name" is missing', "format"),
    Bad("query:\n", "query:\n  format: {}\n", "no way is given", "format"),
    Bad("query:\n", "query:\n  format: {wechatpay_resource: {key: k}}\n", "a key of 1 bytes", "format"),
    more("statement: {request: {method: GET, path: /s}, hook: {name: nobody-s}, columns: {movement_id: a, "
        "order_no: b, amount: c}}", 'no statement parser is called "nobody-s"'),
    more("statement: {request: {method: GET, path: /s}, hook: {name: x}, rows: $.a, columns: {at: $.at}}", "one form"),
]  # fmt: skip

YAML = [
    Bad(END, END + "\nstates: {A: FAILED}", '"states" is given twice', "states: {A"),
    Bad("PAID: SUCCEEDED", "PAID: SUCCEEDED\n  PAID: FAILED", '"PAID" is given twice', "PAID: FAILED"),
    Bad("  rows:", "\trows:", "not YAML"),
    Bad("PAID: SUCCEEDED", "NO: no", "a bare no is true or false to some"),
    Bad("orders: 20000", "orders: 020000", "a bare 020000"),
    Bad("orders: 20000", "orders: 20_000", "a bare 20_000"),
    Bad("amount_minor: 5000}", "amount_minor: 1:30}", "a bare 1:30"),
    Bad("orders: 20000", "orders: .inf", "a bare .inf"),
    Bad("bearer: sk_main", "bearer: !!python/object/apply:os.system ['touch /tmp/x']", "the tag"),
    Bad("bearer: sk_main", "bearer: !!python/object/new:subprocess.Popen [[sh]]", "the tag"),
    Bad("bearer: sk_main", "bearer: !!python/name:os.system ''", "the tag"),
    Bad("bearer: sk_main", "bearer: !!python/module:os ''", "the tag"),
    Bad("bearer: sk_main", "bearer: !!binary c2s=", "the tag"),
    Bad("bearer: sk_main", "bearer: !include /etc/passwd", "the tag"),
    Bad("bearer: sk_main", "bearer: !env KEY", "the tag"),
    Bad("PAID: SUCCEEDED", "<<: {PAID: SUCCEEDED}", "merge keys"),
    Bad("PAID: SUCCEEDED", "? [a]\n  : SUCCEEDED", "a key must be plain text"),
    Bad("PAID: SUCCEEDED", "PAID: *nowhere", "not YAML"),
    Bad("PAID: SUCCEEDED", "PAID: &x [*x]", "too large"),
    Bad("PAID: SUCCEEDED", "PAID: 'SUCCEEDED", "not YAML", "- {from: SUCCEEDED"),
    Bad("PAID: SUCCEEDED", "PAID: {SUCCEEDED", "not YAML", "  FAILED: FAILED"),
    Bad("PAID: SUCCEEDED", "PAID: SUCCEEDED: x", "not YAML"),
    Bad("PAID: SUCCEEDED", "PAID: SUCC\x00EEDED", "not YAML"),
    Bad("PAID: SUCCEEDED", "PAID: SUCC\x1bEEDED", "not YAML"),
    Bad("PAID: SUCCEEDED", "PAID: SUCC\ufffeEEDED", "not YAML"),
    Bad("PAID: SUCCEEDED", f"PAID: {'[' * 200}", "levels deep"),
    Bad("PAID: SUCCEEDED", f"PAID: {'{a: ' * 200}", "levels deep"),
    Bad("PAID: SUCCEEDED", f"PAID: {'[' * 30}{']' * 30}", '"states.PAID"'),
    Bad("PAID: SUCCEEDED", f"PAID: {'x' * 100_000}", '"states.PAID"'),
    Bad("orders: 20000", f"orders: {'9' * 90}", "less than or equal to"),
    Bad("promises:\n", "---\npromises:\n", "not YAML"),
    Bad("promises:\n", "%YAML 9.9\npromises:\n", "not YAML|promises"),
    more("states2: &a {x: 1}\n" + "\n".join(f"s{i}: *a" for i in range(40)), "more than 32 aliases", "s32: *a"),
    more("a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "\n".join(f"a{i}: &a{i} "
        f"[{', '.join([f'*a{i - 1}'] * 5)}]" for i in range(1, 7)), "too large", "a0:"),
]  # fmt: skip


def named(cases: list[Bad]) -> list[Any]:
    return [pytest.param(bad, id=f"{bad.new.strip()[:40]!a}-{bad.says[:24]}".replace("::", ":")) for bad in cases]


@pytest.mark.parametrize(
    "bad",
    named([*MISSING_AND_UNKNOWN, *WRONG_TYPES, *CONDITIONS, *TEMPLATES, *PROMISES, *SIGNING, *HOOKS, *LEDGERS, *YAML]),
)
def test_one_mistake_one_error(bad: Bad, tmp_path: Path) -> None:
    error = refused(tmp_path, bad.text().encode())
    assert any(words in str(error) for words in bad.says.split("|")), str(error)
    assert error.line == bad.line(), str(error)


@pytest.mark.parametrize("text", [REFERENCE, TEMPLATE], ids=["reference", "template"])
def test_what_the_mistakes_are_made_in_is_sound(text: str, tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    for raw in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.replace("\n", "\r\n").encode()):
        path.write_bytes(raw)
        assert load_contract(path, env=PlaceholderEnv()).contract.version == 1


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({}, "is not set"),
        ({"EXAMPLE_SECRET_KEY": ""}, "is empty"),
        ({"EXAMPLE_SECRET_KEY": "sk\nX-Evil: 1"}, "a control character"),
        ({"EXAMPLE_SECRET_KEY": "sk\r\n"}, "a control character"),
        ({"EXAMPLE_SECRET_KEY": "sk\x00"}, "a control character"),
        ({"EXAMPLE_SECRET_KEY": "${order_no}"}, "holds ${"),
        ({"EXAMPLE_SECRET_KEY": "${env:HOME}"}, "holds ${"),
    ],
)
def test_an_environment_that_does_not_fit(env: dict[str, str], says: str, tmp_path: Path) -> None:
    error = refused(tmp_path, TEMPLATE.encode(), env)
    assert says in str(error)
    assert error.line == TEMPLATE[: TEMPLATE.index(KEY)].count("\n") + 1
    assert "Evil" not in str(error)


@pytest.mark.parametrize(
    ("raw", "says", "line"),
    [
        (b"", "the file is empty", None),
        (b"# nothing\n", "the file is empty", None),
        (b"\x00", "not YAML", 1),
        (b"provider: x\nversion: \x07\n", "not YAML", 2),
        (REFERENCE.encode("utf-16"), "not UTF-8", 1),
        (b"provider: x\n# caf\xe9\n", "not UTF-8", 2),
        (b"provider: x\nversion: \xed\xa0\x80\n", "not UTF-8", 2),
        (b"a: " + b"x" * MAX_BYTES, "over 1 MiB", None),
        (b"a: " + b"x" * (MAX_BYTES - 3), "no such field", 1),
        (b"a: [" + b"x," * (MAX_BYTES // 2 - 4) + b"]", "more than 10,000 keys and values", 1),
        (b"a: 1\n" * (MAX_BYTES // 5), "more than 10,000 keys and values", 5000),
        (b"a: b\n" + b" c\n" * (MAX_BYTES // 4), "no such field", 1),
        (b"[" * (MAX_BYTES - 1), "levels deep", 1),
        (b"{" * (MAX_BYTES - 1), "levels deep", 1),
        (b"- " * (MAX_BYTES // 2 - 1), "levels deep", 1),
        (b"? " * (MAX_BYTES // 2 - 1), "levels deep", 1),
        (b"&a " * 1000, "not YAML", 1),
        (b"&a " * 1000 + b"x", "not YAML", 1),
        (b"a: '" + b"''" * (MAX_BYTES // 2 - 4) + b"'", "no such field", 1),
        (b"\x7fELF" + bytes(range(128, 256)), "not UTF-8", 1),
        (b"just words\n", "not a mapping", 1),
        (b"- a list\n", "not a mapping", 1),
        (b"{}\n", '"provider" is missing', 1),
        (b"!!python/object/apply:os.system [id]\n", "not a mapping", 1),
        (b"!!python/object/apply:os.system {a: id}\n", "the tag", 1),
    ],
    ids=lambda value: repr(value[:20]) if isinstance(value, bytes) else None,
)
def test_a_file_that_is_no_contract(raw: bytes, says: str, line: int | None, tmp_path: Path) -> None:
    error = refused(tmp_path, raw)
    assert says in str(error)
    assert error.line == line


REQUIRED = ("provider", "version", "environment", "accounts", "submit", "query", "states")
Change = Callable[[dict[str, Any]], tuple[str | int, ...]]
"""Changes a contract's data; returns the place that an error must point to."""


def changes() -> Iterator[tuple[str, Change]]:
    """Changes that no contract survives, whichever it is."""

    def without(name: str) -> Change:
        return lambda data: (data.pop(name), ())[1]

    def put(value: Any, *path: str | int, at: str = "") -> Change:
        def change(data: Any) -> tuple[str | int, ...]:
            for step in path[:-1]:
                data = data[step]
            data[path[-1]] = value
            return (*path, at) if at else path

        return change

    for name in REQUIRED:
        yield f"without {name}", without(name)
        yield f"{name} is a list in a list", put([[None]], name)
        yield f"{name} is true", put(True, name)
    yield "a field that nobody knows", put(1, "zzz")
    for part in ("submit", "query", "promises", "limits"):
        yield (
            f"a field that nobody knows in {part}",
            lambda data, part=part: put(1, part, "zzz")({part: data.setdefault(part, {})}),
        )
    for operation in ("submit", "query"):
        request = (operation, "request")
        yield f"a field that nobody knows in {operation}.request", put(1, *request, "zzz")
        yield f"{operation}.request.method", put("STEAL", *request, "method")
        yield f"{operation}.request.path climbs", put("/../x", *request, "path")
        yield f"{operation}.request.path unclosed", put("/${order_no", *request, "path")
        yield f"{operation}.request.path unknown", put("/${nobody}", *request, "path")
        yield f"{operation} is Latin", put("latin", operation, "format")
        yield f"{operation}.answers are empty words", put("", operation, "answers")
        yield f"{operation}.extract", put("nowhere", operation, "extract", "code")
        yield f"{operation}.when is empty", put({}, operation, "answers", 0, "when")
        yield f"{operation}.when nowhere", put({"nowhere": 1}, operation, "answers", 0, "when", at="nowhere")
        yield f"{operation}.observation", put("FINE", operation, "answers", 0, "observation")
    yield "a state of nobody", put("MAYBE", "states", "zzz")


def spread() -> Iterator[Any]:
    """Each change on the reference, on the template, and in turn on the other contracts."""
    others = [path for path in sorted(shipped("contracts").glob("*.yaml")) if path not in FIRST]
    for index, (name, change) in enumerate(changes()):
        for path in (*FIRST, others[index % len(others)]):
            yield pytest.param(path, change, id=f"{path.stem}-{name}")


@pytest.mark.parametrize(("path", "change"), list(spread()))
def test_no_contract_survives(path: Path, change: Change, tmp_path: Path) -> None:
    data = parse_yaml(path, path.read_bytes(), env=PlaceholderEnv()).data
    data["submit"].setdefault("extract", {})
    data["query"].setdefault("extract", {})
    at = change(data)
    raw = yaml.safe_dump(data, sort_keys=False, allow_unicode=True).encode()
    error = refused(tmp_path, raw)
    assert error.line == parse_yaml(path, raw).position(at).line, str(error)


@pytest.mark.parametrize(
    ("former", "present", "text"),
    [
        ("planes", "hosts", f"{REFERENCE}\nplanes: {{queries: 'http://127.0.0.1:2'}}\n"),
        ("levers", "sandbox_triggers", f"{REFERENCE}\nlevers: {{}}\n"),
        ("unknown", "undocumented", f"{REFERENCE}\nunknown: [promises.not_found]\n"),
        ("volatile", "ignored_fields", f"{REFERENCE}\nvolatile: [$.sent_at]\n"),
        ("same_body", "on_same_payload", REFERENCE.replace("on_same_payload:", "same_body:")),
        ("other_body", "on_other_payload", REFERENCE.replace("on_other_payload:", "other_body:")),
        ("is", "observation", REFERENCE.replace("observation: ACK", "is: ACK")),
        ("ours", "match", REFERENCE.replace("query:\n", "query:\n  ours: {$row.id: '${order_no}'}\n")),
        ("plane", "host", REFERENCE.replace("    method: POST\n", "    method: POST\n    plane: x\n")),
    ],
)
def test_a_former_name_of_a_field_is_refused_with_the_present_one(
    tmp_path: Path, former: str, present: str, text: str
) -> None:
    assert text != REFERENCE
    error = refused(tmp_path, text.encode())
    assert f'this field is called "{present}" now' in str(error)
    assert former in text.splitlines()[(error.line or 0) - 1]
