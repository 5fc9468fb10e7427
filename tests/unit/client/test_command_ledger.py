"""A ledger that a command prints: real programs, what they do wrong, and that nothing of them is left."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ackord.client import command_ledger
from ackord.client.command_ledger import CommandLedger
from ackord.client.provider_client import ProviderClient
from ackord.client.transport import NoResponse
from ackord.contract.codec.codec import Payment

from ...waiting import until
from .test_provider_client import SMALL, FakeTransport, client

ORDER = Payment("n-1", "main", 5, "EUR", "x")
ROW = '{"movement_id": "m1", "order_no": "n-1", "account": "main", "amount_minor": 5}'


def merchant(code: str, *arguments: str, more: str = "") -> ProviderClient:
    words = json.dumps([sys.executable, "-c", code, *arguments])
    return client(f"{SMALL}ledger:\n  command: {words}\n  prints: json_lines\n{more}", FakeTransport())


def source(code: str, folder: Path, *arguments: str, more: str = "") -> CommandLedger:
    asked = merchant(code, *arguments, more=more)
    assert asked.codec.table is not None
    return CommandLedger(asked, asked.codec.table, folder)


def problem_of(ledger: CommandLedger, payment: Payment | None = None) -> str:
    with pytest.raises(NoResponse) as why:
        asyncio.run(ledger.read(lambda number: True, payment))
    assert not ledger.client.recorder.events
    return str(why.value)


def test_what_it_prints_is_read_beside_the_contract(tmp_path: Path) -> None:
    (tmp_path / "books").write_text(ROW)
    ledger = source("print(open('books').read())", tmp_path)
    assert asyncio.run(ledger.read(lambda number: number == "n-1")) == 1
    movement, read = ledger.client.recorder.events
    assert movement[1:] == ("main", "n-1", "m1", 5, "payout", "", "")
    assert (read.movements, read.problem, read.order) == (1, "", "")  # type: ignore[union-attr]


def test_an_order_is_an_argument_and_never_part_of_a_shell(tmp_path: Path) -> None:
    code = f"import sys; print({ROW!r}.replace('n-1', sys.argv[1]))"
    ledger = source(code, tmp_path, "${order_no}")
    hostile = ORDER._replace(order_no="$(touch mark); `touch mark`")
    assert ledger.by_order
    assert asyncio.run(ledger.read(lambda number: number == hostile.order_no, hostile)) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_provider_s_identifier_is_needed_where_it_is_asked_by(tmp_path: Path) -> None:
    ledger = source(f"print({ROW!r})", tmp_path, "${provider_id}")
    assert problem_of(ledger, ORDER) == "the provider's identifier of the order is not known"
    ledger.client.client_state.provider_ids["main", "n-1"] = "p-1"
    assert asyncio.run(ledger.read(lambda number: True, ORDER)) == 1


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import sys; print('a\\nno such book', file=sys.stderr); sys.exit(3)", "ended with exit code 3: no such book"),
        (f"import sys; print({ROW!r}); sys.exit(1)", "ended with exit code 1"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9"),
        ("print('hello')", "the ledger cannot be read: line 1 is not valid JSON: hello"),
        ("while True: print('x' * 9999)", "printed more than 0 MiB"),
    ],
)
def test_what_goes_wrong_is_one_reason(code: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_ledger, "MOST_BYTES", 100_000)
    said = problem_of(source(code, tmp_path))
    assert words in said
    assert "\n" not in said


def test_a_program_that_is_not_there_is_one_reason(tmp_path: Path) -> None:
    asked = client(f"{SMALL}ledger: {{command: [./no-such-program], prints: csv}}\n", FakeTransport())
    assert asked.codec.table is not None
    said = problem_of(CommandLedger(asked, asked.codec.table, tmp_path))
    assert (
        said == "the ledger cannot be read: the command ./no-such-program cannot be started: No such file or directory"
    )


def test_one_that_takes_too_long_ends_with_all_that_it_started(tmp_path: Path) -> None:
    """Its child, too, which holds the pipe open."""
    code = "import os, signal\nchild = os.fork()\nif child: open('pid', 'w').write(str(child))\nsignal.pause()"
    ledger = source(code, tmp_path, more="  timeout: 700ms\n")
    assert "took longer than 0.7 s" in problem_of(ledger)
    child = int((tmp_path / "pid").read_text())
    until(lambda: not _lives(child), "the child is gone")


def test_what_failed_once_is_not_tried_for_each_order(tmp_path: Path) -> None:
    ledger = source("open('tries', 'a').write('x'); raise SystemExit(1)", tmp_path, "${order_no}")
    assert {problem_of(ledger, ORDER._replace(order_no=f"n-{n}")) for n in range(3)} == {problem_of(ledger, ORDER)}
    assert (tmp_path / "tries").read_text() == "x"


def _lives(pid: int) -> bool:
    try:
        state: Any = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return bool(state != "Z")
