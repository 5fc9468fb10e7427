"""Providers whose API has no ledger: money is read from their database, from a command or from the statement.

Each is judged beside its correct twin, and what cannot be read is INCONCLUSIVE with one reason.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest

from ackord.client.provider_client import ProviderClient
from ackord.client.sql_ledger import SqlLedger
from ackord.client.transport import NoResponse
from ackord.contract.codec.codec import compile_contract
from ackord.contract.loading.yaml_document import parse_yaml
from ackord.contract.spec.model import Contract
from ackord.core.clock import SECOND, RealClock
from ackord.core.event import LedgerRead, Movement
from ackord.core.history import RunHeader
from ackord.core.operation import Vantage
from ackord.core.promises import Promises
from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.errors import FileError
from ackord.host.free_port import free_port
from ackord.host.run_dir import RunDir
from ackord.providers.postgres.cluster import PostgresCluster
from ackord.record.recorder import Recorder
from ackord.run.contract_check.cli import check_exit_code, described, run_contract_check
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan
from ackord.run.session import Session

from ..tiers import gate
from ..waiting import PATIENCE_S

CONTRACT = """\
provider: no-ledger
version: 1
environment: sandbox
order_no: {alphabet: "0-9A-Za-z", length: [12, 30]}
accounts: {main: {auth: {bearer: sk_main}}, other: {auth: {bearer: sk_other}}}
submit:
  request: {method: POST, path: /payouts, json: {no: "${order_no}", amount: "${amount.minor}", to: "${payee}"}}
  answers:
    - {when: {status: 201, $.id: {exists: true}}, observation: ACK}
    - {when: {status: 409, $.code: {exists: true}}, observation: CONFLICT}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.code}
query:
  request: {method: GET, path: "/payouts/${order_no}"}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, $.code: {exists: true}}, observation: NOT_FOUND}
  extract: {provider_id: $.id, state: $.status, amount_minor: $.amount, code: $.code}
states: {pending: RECEIVED, paid: SUCCEEDED}
promises: {settles_within: 2s, posts_within: 1s}
limits: {timeout: 2s, orders: 50, amount_minor: 5000}
"""
PROFILE = """\
name: few
incident: None; a few orders are submitted, submitted again and asked for.
phases: {disturb: {orders: 8, concurrency: 2}}
workload: {resubmit: 1}
exposes: [payout-as-ordered, resubmission-moves-money-once]
machine: false
"""
MONEY = ("resubmission-moves-money-once", "payout-as-ordered", "succeeded-order-paid")


class Moved(NamedTuple):
    """A movement, as the provider's books have it."""

    id: str
    account: str
    order: str
    amount: int
    at_s: int = 0


@dataclass
class Provider:
    """Pays at once, and ``twice`` whenever an order is submitted again; ``post`` enters a movement into its books."""

    post: Callable[[Moved], None]
    twice: bool = False
    moved: list[Moved] = field(default_factory=list)
    bill: Callable[[str, list[Moved]], tuple[int, bytes]] = lambda day, moved: (404, b"{}")

    def __post_init__(self) -> None:
        self._orders: dict[tuple[str, str], dict[str, Any]] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, key: str, body: bytes) -> tuple[int, bytes]:
        account = key.removeprefix("Bearer sk_")
        with self._lock:
            if path.startswith("/bills"):
                return self.bill(path.partition("day=")[2], [m for m in self.moved if m.account == account])
            if method == "POST":
                status, said = self._submit(account, json.loads(body))
            else:
                order = self._orders.get((account, path.rpartition("/")[2]))
                status, said = (404, {"code": "unknown"}) if order is None else (200, order)
        return status, json.dumps(said).encode()

    def _submit(self, account: str, sent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        known = self._orders.get((account, sent["no"]))
        if known is not None and (known["amount"], known["to"]) != (sent["amount"], sent["to"]):
            return 409, {"code": "reused"}
        if known is None or self.twice:
            moved = Moved(f"m{next(self._numbers)}", account, sent["no"], sent["amount"], RealClock.unix_s())
            self.moved.append(moved)
            self.post(moved)
        known = self._orders.setdefault((account, sent["no"]), {**sent, "id": f"po_{sent['no']}", "status": "paid"})
        return 201, known


@contextmanager
def served(provider: Provider) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, data = provider.answer(self.command, self.path, self.headers.get("authorization", ""), body)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# -- the books ---------------------------------------------------------------------------------------------------------


class Database:
    """A real PostgreSQL with a table of payouts, used from threads."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._connection = self._do(asyncpg.connect(dsn))
        self.execute("CREATE TABLE payouts (id text, account text, ref text, cents bigint, made timestamptz)")

    def execute(self, statement: str, *values: Any) -> None:
        self._do(self._connection.execute(statement, *values))

    def post(self, moved: Moved) -> None:
        self.execute("INSERT INTO payouts VALUES ($1, $2, $3, $4, now())", *moved[:4])

    def close(self) -> None:
        self._do(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Awaitable[Any]) -> Any:
        async def done() -> Any:
            return await work

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE_S)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with RunDir.create() as run:
        port = free_port()
        cluster = PostgresCluster(run, primary_port=port, link_port=port)
        asyncio.run(cluster.start())
        there = cluster.primary.arguments()
        dsn = f"postgresql://{there['user']}:{there['password']}@127.0.0.1:{there['port']}/{there['database']}"
        database = Database(dsn)
        try:
            yield database
        finally:
            database.close()
            cluster.stop()


@pytest.fixture
def books(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database, empty, with its address in the environment."""
    database.execute("TRUNCATE payouts")
    monkeypatch.setenv("BOOKS_DSN", database.dsn)
    return database


COLUMNS = "SELECT id AS movement_id, account, ref AS order_no, cents AS amount_minor, 'EUR' AS currency FROM payouts"


def by_sql(query: str, more: str = "") -> str:
    return f'ledger:\n  sql: {{dsn: "${{env:BOOKS_DSN}}", query: "{query}"}}\n{more}'


READER = """\
import csv, json, sys
rows = [json.loads(line) for line in open("books.jsonl")]
if sys.argv[1:]:
    for row in rows:
        if row["order"] == sys.argv[1]:
            print(json.dumps(row))
else:
    table = csv.writer(sys.stdout)
    table.writerow(["movement_id", "account", "order_no", "amount_major"])
    table.writerows([row["id"], row["account"], row["order"], f"{row['amount'] / 100:.2f}"] for row in rows)
"""
PYTHON = json.dumps(sys.executable)
SOURCES = {
    "sql": by_sql(COLUMNS),
    "sql by order": by_sql(
        "SELECT * FROM payouts WHERE ref = ${order_no}",
        "  extract: {movement_id: $.id, account: $.account, amount_minor: $.cents}\n",
    ),
    "command": f"ledger:\n  command: [{PYTHON}, reader.py]\n  prints: csv\n",
    "command by order": f"ledger:\n  command: [{PYTHON}, reader.py, '${{order_no}}']\n  prints: json_lines\n"
    "  extract: {movement_id: $.id, account: $.account, amount_minor: $.amount}\n",
    "statement": 'statement:\n  request: {method: GET, path: /bills, query: {day: "${period.from:%Y-%m-%d}"}}\n'
    "  csv: {}\n  columns: {movement_id: Id, order_no: Order, amount: Cents}\n",
}


def bill(day: str, moved: list[Moved]) -> tuple[int, bytes]:
    """The movements of a day of UTC."""
    rows = [m for m in moved if str(datetime.fromtimestamp(m.at_s, UTC).date()) == day]
    table = io.StringIO()
    csv.writer(table).writerows([["Id", "Order", "Cents"], *([m.id, m.order, m.amount] for m in rows)])
    return 200, table.getvalue().encode()


def judged(
    folder: Path, provider: Provider, section: str, *, allow: bool = True, changes: tuple[str, str] = ("", "")
) -> ProfileResult:
    with served(provider) as url:
        (folder / "small.yaml").write_text((CONTRACT + section).replace(*changes))
        (folder / "few.yaml").write_text(PROFILE)
        wish = RunOptions(
            str(folder / "small.yaml"), target=url, profiles=[str(folder / "few.yaml")], seed=1, out=folder / "out",
            allow_hooks=allow,
        )  # fmt: skip
        plan = make_plan(wish)
        with Session(plan) as session:
            return session.run(plan.profiles[0])


def in_a_file(folder: Path) -> Callable[[Moved], None]:
    """Books that a command reads: a line a movement, and the program beside the contract."""
    books = folder / "books.jsonl"
    books.touch()
    (folder / "reader.py").write_text(READER)

    def post(moved: Moved) -> None:
        with books.open("a") as file:
            file.write(json.dumps(moved._asdict()) + "\n")

    return post


def provider_of(source: str, books: Database, folder: Path, *, twice: bool) -> Provider:
    if source.startswith("sql"):
        return Provider(books.post, twice)
    if source.startswith("command"):
        return Provider(in_a_file(folder), twice)
    return Provider(lambda moved: None, twice, bill=bill)


@pytest.mark.parametrize("source", gate(SOURCES, ["sql", "command by order", "statement"]))
def test_what_is_paid_once_is_held(source: str, books: Database, tmp_path: Path) -> None:
    provider = provider_of(source, books, tmp_path, twice=False)
    verdict = judged(tmp_path, provider, SOURCES[source], allow=source != "statement").verdict
    assert verdict.result is Result.HELD, verdict
    for guarantee in MONEY:
        assert verdict.of(guarantee).result is Result.HELD, guarantee
        assert verdict.of(guarantee).exposures >= 8


@pytest.mark.parametrize("source", gate(SOURCES, ["sql by order", "command", "statement"]))
def test_what_is_paid_twice_is_found(source: str, books: Database, tmp_path: Path) -> None:
    provider = provider_of(source, books, tmp_path, twice=True)
    verdict = judged(tmp_path, provider, SOURCES[source], allow=source != "statement").verdict
    assert verdict.of("resubmission-moves-money-once").result is Result.VIOLATED, verdict


def test_what_is_shown_paid_and_stands_nowhere_is_found(books: Database, tmp_path: Path) -> None:
    verdict = judged(tmp_path, Provider(lambda moved: None), SOURCES["sql"]).verdict
    assert verdict.of("succeeded-order-paid").result is Result.VIOLATED, verdict


# -- what cannot be read -----------------------------------------------------------------------------------------------

LATE = SOURCES["statement"] + "  available_after: next day 10:00 UTC\n"
POSTED_LATE = ("posts_within: 1s", "posts_within: 36h")


EARLY = {"the next day": (LATE, ("", "")), "posted late": (SOURCES["statement"], POSTED_LATE)}


@pytest.mark.parametrize("why", gate(EARLY, ["the next day"]))
def test_what_cannot_be_in_a_statement_yet_is_not_called_unpaid(why: str, tmp_path: Path) -> None:
    section, changes = EARLY[why]
    provider = Provider(lambda moved: None, bill=lambda day, moved: bill(day, []))
    verdict = judged(tmp_path, provider, section, changes=changes).verdict
    for guarantee in MONEY:
        got = verdict.of(guarantee)
        assert got.result is Result.INCONCLUSIVE, verdict
        assert "the statement of the run's time is not whole yet" in got.reason
    assert verdict.of("acknowledged-order-visible").result is Result.HELD


def test_two_payouts_in_a_statement_that_is_not_whole_are_two(tmp_path: Path) -> None:
    verdict = judged(tmp_path, Provider(lambda moved: None, twice=True, bill=bill), LATE).verdict
    assert verdict.of("resubmission-moves-money-once").result is Result.VIOLATED, verdict


@pytest.mark.parametrize(("more", "words"), gate([
    ("  not_yet: {status: 404}\n", "the statement is not there yet: the provider says that it is not made yet; "),
    ("", "the provider answers with the status 404 (see not_yet and none); "),
], ["not_yet"], lambda row: "not_yet" if row[0] else "nothing"))  # fmt: skip
def test_a_statement_that_does_not_exist_yet_says_so(tmp_path: Path, more: str, words: str) -> None:
    verdict = judged(tmp_path, Provider(lambda moved: None), LATE + more).verdict
    got = verdict.of("succeeded-order-paid")
    assert got.result is Result.INCONCLUSIVE
    assert words + "the statement of the run's time is not whole yet" in got.reason


def test_a_database_that_refuses_is_one_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKS_DSN", f"postgresql://me:very-secret@127.0.0.1:{free_port()}/books")
    result = judged(tmp_path, Provider(lambda moved: None), SOURCES["sql by order"])
    for guarantee in MONEY:
        got = result.verdict.of(guarantee)
        assert got.result is Result.INCONCLUSIVE
        assert "its query failed: the database refuses connections" in got.reason
    assert "very-secret" not in (tmp_path / "out" / "few" / "journal.jsonl").read_text()


@pytest.mark.parametrize("source", ["sql", "command"])
def test_nothing_runs_unless_it_is_allowed(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOKS_DSN", "postgresql://me@127.0.0.1:1/books")
    with pytest.raises(FileError, match=r"(?s)small.yaml:\d+: .*--allow-hooks"):
        judged(tmp_path, Provider(lambda moved: None), SOURCES[source], allow=False)


@pytest.mark.full
def test_an_emulator_moves_nothing_in_the_contract_s_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BOOKS_DSN", raising=False)
    (tmp_path / "small.yaml").write_text(CONTRACT + SOURCES["sql"])
    (tmp_path / "few.yaml").write_text(PROFILE)
    plan = make_plan(
        RunOptions(
            str(tmp_path / "small.yaml"), target="emulator", profiles=[str(tmp_path / "few.yaml")], seed=1,
            out=tmp_path / "out",
        )
    )  # fmt: skip
    with Session(plan) as session:
        got = session.run(plan.profiles[0]).verdict.of("succeeded-order-paid")
    assert got.result is Result.INCONCLUSIVE
    assert "knows nothing of what --target emulator moves" in got.reason


SHIPPED = ["alipay-transfer", "wechatpay-v3-transfer-bills"]


@pytest.mark.parametrize("name", gate(SHIPPED, SHIPPED[:1]))
def test_a_shipped_contract_without_a_ledger_is_judged_by_its_statement(name: str, tmp_path: Path) -> None:
    """The emulator states at once what the provider states the next day."""
    (tmp_path / "few.yaml").write_text(PROFILE)
    wish = RunOptions(name, target="emulator", profiles=[str(tmp_path / "few.yaml")], seed=1, out=tmp_path / "out")
    plan = make_plan(wish)
    with Session(plan) as session:
        verdict = session.run(plan.profiles[0]).verdict
    for guarantee in MONEY:
        assert verdict.of(guarantee).result is Result.HELD, verdict
        assert verdict.of(guarantee).exposures >= 8


CHECKS: dict[str, tuple[str, int, str | None]] = {
    "sql": (SOURCES["sql"], 0, "2 movements of the order"),
    "sql by order": (SOURCES["sql by order"], 0, "2 movements of the order"),
    "statement": (SOURCES["statement"], 0, "2 movements of the order"),
    "no table": (by_sql("SELECT * FROM nothing"), 2, "none"),
    "no command": ("ledger: {command: [./nobody], prints: csv}\n", 2, "none"),
    "too early": (LATE, 0, None),
}


@pytest.mark.parametrize("kind", gate(CHECKS, ["sql by order", "statement", "no table"]))
def test_a_contract_s_check_reads_the_money_once(kind: str, books: Database, tmp_path: Path) -> None:
    """Whether it is right is for a run to judge; this provider pays twice."""
    section, outcome, came = CHECKS[kind]
    (tmp_path / "small.yaml").write_text(CONTRACT + section)
    with served(Provider(books.post, twice=True, bill=bill)) as url:
        wish = RunOptions(str(tmp_path / "small.yaml"), target=url, profiles=["none"], seed=1, allow_hooks=True)
        plan = make_plan(wish)
        steps = run_contract_check(plan)
    found = [step for step in steps if step.name == "movements of money are read"]
    assert [step.came for step in found] == ([] if came is None else [came])
    assert check_exit_code(found) == outcome
    if outcome:
        [_, line] = [text for text in described(plan.contract, found) if "small.yaml:" in text or "mend" in text]
        assert "nobody judges money" in line


def reader(section: str) -> SqlLedger:
    """What reads a contract's query."""
    document = parse_yaml(Path("here.yaml"), (CONTRACT + section).encode())
    codec = compile_contract(Contract.model_validate(document.data))
    assert codec.table is not None
    recorder = Recorder(RunHeader("no-ledger", "none", "provider", Vantage.PROVIDER, 1, Promises()), codec.read)
    client = ProviderClient(codec, None, recorder, RealClock(), SECOND)  # type: ignore[arg-type]
    return SqlLedger(client, codec.table)


async def problem_of(source: SqlLedger) -> str:
    try:
        await source.read(lambda number: True)
    except NoResponse as why:
        return str(why)
    return ""


def moved_by(source: SqlLedger) -> list[Movement]:
    return [event for event in source.client.recorder.events if isinstance(event, Movement)]


def read(section: str) -> tuple[list[Movement], str]:
    """One reading of a contract's query: the movements, or why there are none."""
    source = reader(section)

    async def once() -> str:
        try:
            return await problem_of(source)
        finally:
            await source.close()

    problem = asyncio.run(once())
    assert any(isinstance(event, LedgerRead) for event in source.client.recorder.events) == (not problem)
    return moved_by(source), problem


TWO = "(VALUES ('m1', 'main', 'n1', 5), ('m2', 'other', NULL, 7)) AS t(id, account, ref, cents)"
UNREADABLE = {
    "no such table": (by_sql("SELECT * FROM nothing"), 'relation "nothing" does not exist'),
    "no column": (by_sql(f"SELECT id, account, ref AS order_no FROM {TWO}"), "there is no column movement_id"),
    "no amount": (
        by_sql(f"SELECT id AS movement_id, account, ref AS order_no, cents AS amount FROM {TWO}"),
        "no column amount_minor (or amount_major); its columns are movement_id, account, order_no, amount",
    ),
    "no mapped column": (
        by_sql(f"SELECT * FROM {TWO}", "  extract: {movement_id: $.uid, order_no: $.ref, amount_minor: $.cents}\n"),
        "there is no column uid (extract.movement_id); its columns are id, account, ref, cents",
    ),
    "one identifier twice": (
        by_sql(f"SELECT 'm1' AS movement_id, account, ref AS order_no, cents AS amount_minor FROM {TWO}"),
        "two rows have one identifier, m1",
    ),
    "an identifier that is NULL": (
        by_sql(f"SELECT NULL AS movement_id, account, ref AS order_no, cents AS amount_minor FROM {TWO}"),
        "a movement has no identifier",
    ),
    "an amount that is NULL": (
        by_sql(f"SELECT id AS movement_id, account, ref AS order_no, NULL AS amount_minor FROM {TWO}"),
        "the movement m1 has no amount",
    ),
    "whose": (
        by_sql(f"SELECT id AS movement_id, ref AS order_no, cents AS amount_minor FROM {TWO}"),
        "its rows do not say of which account they are",
    ),
    "one name twice": (by_sql(f"SELECT id, id FROM {TWO}"), "two columns are called id"),
    "it writes": (by_sql("DELETE FROM payouts RETURNING *"), "cannot execute DELETE in a read-only transaction"),
    "two statements": (by_sql("COMMIT; DROP TABLE payouts"), "cannot insert multiple commands"),
    "no rows": (by_sql("SET search_path = 'x'"), "its query returns no rows, expected one that begins with SELECT"),
    "too slow": (
        by_sql("SELECT pg_sleep(60)").replace('sleep(60)"', 'sleep(60)", timeout: 200ms'),
        "it took longer than 0.2 s",
    ),
    "too many": (by_sql(f"SELECT * FROM {TWO}").replace('cents)"', 'cents)", rows: 1'), "more than 1 rows"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_query_that_gives_no_ledger_says_why(kind: str, books: Database) -> None:
    section, words = UNREADABLE[kind]
    moved, problem = read(section.replace("${env:BOOKS_DSN}", books.dsn))
    assert words in problem
    assert problem.startswith("the ledger cannot be read: ")
    assert not moved
    assert "\n" not in problem


def test_numbers_and_identifiers_are_read_whatever_their_type(books: Database) -> None:
    columns = (
        "7::bigint AS movement_id, account, ref::varchar AS order_no, 12.50::numeric AS amount_major, 'eur' AS currency"
    )
    moved, problem = read(by_sql(f"SELECT {columns} FROM {TWO} LIMIT 1").replace("${env:BOOKS_DSN}", books.dsn))
    assert problem == ""
    assert [m[1:] for m in moved] == [("main", "n1", "7", 1250, "payout", "EUR", "")]


def test_what_is_called_read_only_is(books: Database) -> None:
    """A function that writes is refused too, and what was read before is still there."""
    books.post(Moved("m1", "main", "n1", 5))
    books.execute("CREATE OR REPLACE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM payouts; SELECT 1'")
    _, problem = read(by_sql("SELECT wipe() AS movement_id").replace("${env:BOOKS_DSN}", books.dsn))
    assert "read-only transaction" in problem
    moved, problem = read(SOURCES["sql"].replace("${env:BOOKS_DSN}", books.dsn))
    assert ([m.movement_id for m in moved], problem) == (["m1"], "")


def test_a_server_that_hangs_in_the_middle_is_given_up(books: Database) -> None:
    """Not even a rollback is answered."""
    query = "SELECT pg_backend_pid() AS movement_id, 'main' AS account, 'n' AS order_no, 1 AS amount_minor"
    source = reader(by_sql(query).replace("${env:BOOKS_DSN}", books.dsn).replace('minor"}', 'minor", timeout: 500ms}'))

    async def story() -> tuple[str, str]:
        before = await problem_of(source)
        server = int(moved_by(source)[0].movement_id)
        os.kill(server, signal.SIGSTOP)
        try:
            return before, await asyncio.wait_for(problem_of(source), PATIENCE_S)
        finally:
            os.kill(server, signal.SIGCONT)
            await source.close()

    before, after = asyncio.run(story())
    assert before == ""
    assert "it took longer than 0.5 s" in after
