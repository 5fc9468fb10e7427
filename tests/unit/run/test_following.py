"""Findings are told as soon as they are certain, and the verdict in the end is that of the whole journal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.core.history import History
from ackord.core.verdict import Result
from ackord.errors import UsageError
from ackord.guarantees.judge import judge
from ackord.record.journal import JournalWriter
from ackord.run.following import Follower, follow

from ..guarantees.build import history, order
from ..scale.planted import planted_cases, planted_history

CASES = planted_cases()
BROKEN = history(
    order("A").submit(0, 5).query(6, 7, "NOT_FOUND"), order("B").submit(20, 25).query(26, 27, "PROCESSING"), healed=40
)


class WritingClock:
    """Writes some more of a journal whenever somebody waits; at the end it closes it, or is interrupted."""

    def __init__(self, writer: JournalWriter, told: History, *, interrupts: bool = False) -> None:
        self._writer, self._left, self._interrupts = writer, list(told.events), interrupts

    def now_ns(self) -> int:
        return 0

    def sleep_ns(self, duration_ns: int) -> None:
        for event in self._left[:3]:
            self._writer.add(event)
        del self._left[:3]
        self._writer._file.flush()
        if not self._left:
            if self._interrupts:
                raise KeyboardInterrupt
            self._writer.close()


def test_a_finding_is_told_before_the_end(tmp_path: Path) -> None:
    path, told = tmp_path / "journal.jsonl", list[str]()
    writer = JournalWriter(path, BROKEN.header)
    result = follow(path, WritingClock(writer, BROKEN), told.append)
    assert [line.partition(": order A: ")[0] for line in told][:1] == ["VIOLATED acknowledged-order-visible"]
    assert result.profiles[0].verdict.guarantees == judge(BROKEN).guarantees
    assert result.exit_code == 1


def test_ctrl_c_ends_with_a_verdict_that_is_no_pass(tmp_path: Path) -> None:
    right = history(order("A").submit(0, 5).query(6, 7, "PROCESSING"))
    path, told = tmp_path / "journal.jsonl", list[str]()
    result = follow(path, WritingClock(JournalWriter(path, right.header), right, interrupts=True), told.append)
    assert told == [f"{path}: no longer followed"]
    assert result.result is Result.INCONCLUSIVE and result.exit_code == 3


def test_an_operation_in_flight_keeps_its_order_back() -> None:
    follower = Follower(History(BROKEN.header, []))
    late = order("A").submit(0, 5).query(6, 7, "NOT_FOUND").query(8, 20, "PROCESSING")
    events = history(late).events
    follower.add(events[:-2])
    assert follower.certain() == []
    follower.add(events[-2:])
    assert [f.guarantee for f in follower.certain()] == ["acknowledged-order-visible"]
    assert follower.certain() == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(0, 6), st.integers(1, 40))
def test_in_whatever_pieces_it_comes_nothing_stands_that_was_never_told(seed: int, orders: int, piece: int) -> None:
    """What the whole finds was told, but for what only the whole tells: what depends on its end, or on all orders."""
    whole = planted_history(seed, orders, rare=0)
    follower = Follower(History(whole.header, []))
    for i in range(0, len(whole.events), piece):
        follower.add(whole.events[i : i + piece])
        follower.certain()
    again = judge(History(whole.header, follower.history.events, complete=whole.complete))
    assert repr(again) == repr(judge(whole))
    for g in again.guarantees:
        if g.guarantee in ("acknowledged-order-visible", "resubmission-moves-money-once", "key-scope-respected"):
            open_ones = {order for order, ops in follower._open.items() if ops}
            told = {order for guarantee, order in follower.told if guarantee == g.guarantee}
            assert {f.order for f in g.findings} - open_ones <= told


@pytest.mark.parametrize("name", ["traffic.har", "part.parquet", "folder"])
def test_what_does_not_grow(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.mkdir() if name == "folder" else path.touch()
    with pytest.raises(UsageError, match="only a journal can be followed"):
        follow(path, WritingClock(JournalWriter(tmp_path / "j", BROKEN.header), BROKEN), print)
