"""Where a run reads movements of money: the ledger first, and the statement without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ackord.client.command_ledger import CommandLedger
from ackord.client.movement_source import ApiLedger, MovementSource, UnreadSource
from ackord.client.provider_client import ProviderClient
from ackord.client.sql_ledger import SqlLedger
from ackord.contract.loading.loader import load_contract
from ackord.core.clock import RealClock
from ackord.core.history import RunHeader
from ackord.core.operation import Vantage
from ackord.record.recorder import Recorder
from ackord.run.environments import open_environment
from ackord.run.environments.money_source import money_source, statement_doubt
from ackord.run.environments.statement_source import StatementSource
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

from ...client.test_provider_client import LEDGER, SMALL

HERE = "http://127.0.0.1:9"
SQL = "ledger: {sql: {dsn: 'postgresql://x/y', query: SELECT 1}}\n"
COMMAND = "ledger: {command: [moves], prints: csv}\n"
STATEMENT = """\
statement:
  request: {method: GET, path: /bills}
  csv: {}
  columns: {movement_id: Id, order_no: Order, amount: Cents}
  download: header.location
  download_hosts: ["https://files.example.com", "http://127.0.0.1:8"]
"""
LATE = STATEMENT + "  available_after: next day\n"


def plan_of(folder: Path, text: str, target: str = HERE, *, remote: bool = False) -> Any:
    path = folder / "c.yaml"
    path.write_text(SMALL + text)
    wish = RunOptions(str(path), target=target, profiles=["none"], seed=1, allow_hooks=True, remote=remote)
    return make_plan(wish)


def source_of(folder: Path, text: str, target: str = HERE, *, remote: bool = False) -> MovementSource:
    plan = plan_of(folder, text, target, remote=remote)
    codec = load_contract(folder / "c.yaml").codec
    recorder = Recorder(RunHeader("s", "none", "provider", Vantage.PROVIDER, 1, codec.promises), codec.read)
    client = ProviderClient(codec, None, recorder, RealClock(), 10**9)  # type: ignore[arg-type]
    environment = open_environment(plan)
    environment.direct_url = HERE
    return money_source(plan, environment, client, from_s=5, paced=lambda transport: transport)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (LEDGER, ApiLedger),
        (LEDGER + STATEMENT, ApiLedger),
        (SQL, SqlLedger),
        (SQL + STATEMENT, SqlLedger),
        (COMMAND, CommandLedger),
        (STATEMENT, StatementSource),
        ("", UnreadSource),
    ],
)
def test_the_ledger_comes_first_and_the_statement_without_one(text: str, kind: type, tmp_path: Path) -> None:
    assert type(source_of(tmp_path, text)) is kind


def test_a_command_runs_beside_the_contract(tmp_path: Path) -> None:
    source = source_of(tmp_path, COMMAND)
    assert isinstance(source, CommandLedger) and source.folder == tmp_path.resolve()


def test_what_the_emulator_moves_is_in_no_table_of_the_contract(tmp_path: Path) -> None:
    for text, what in ((SQL, "query"), (COMMAND, "command")):
        source = source_of(tmp_path, text, "emulator")
        assert isinstance(source, UnreadSource)
        assert source.why == f"the {what} of the contract's ledger knows nothing of what --target emulator moves"


def test_a_statement_is_asked_for_at_the_provider_and_its_files_where_the_run_may_go(tmp_path: Path) -> None:
    """This machine is left with ``--remote`` only, for files too."""
    source = source_of(tmp_path, STATEMENT)
    assert isinstance(source, StatementSource)
    assert (source.fetcher.origin, source.from_s) == (HERE, 5)
    assert list(source.fetcher.transports) == ["", "http://127.0.0.1:8"]
    assert source.incomplete == ""
    far = source_of(tmp_path, STATEMENT, "https://sandbox.example.com", remote=True)
    assert isinstance(far, StatementSource)
    assert list(far.fetcher.transports) == ["", "https://files.example.com", "http://127.0.0.1:8"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LATE, "it is complete only next day (statement.available_after)"),
        (STATEMENT + "promises: {posts_within: 36h}\n", "only within 36h (promises.posts_within)"),
        (STATEMENT + "promises: {posts_within: 5s}\n", ""),
        (STATEMENT + "promises: {settles_within: 36h}\n", ""),
    ],
)
def test_a_statement_that_a_run_comes_too_early_for_proves_nothing_by_what_it_lacks(
    text: str, words: str, tmp_path: Path
) -> None:
    doubt = statement_doubt(plan_of(tmp_path, text))
    assert (words in doubt) if words else doubt == ""


def test_the_emulator_states_at_once(tmp_path: Path) -> None:
    source = source_of(tmp_path, LATE, "emulator")
    assert isinstance(source, StatementSource) and source.incomplete == ""
