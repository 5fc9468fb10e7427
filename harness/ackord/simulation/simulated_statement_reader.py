"""Reads the statement of a simulated program: a page now and then while orders arrive, and all of it after the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

from ..contract.base.body_parsing import UnreadableBody
from ..contract.base.periods import Period
from ..contract.codec.codec import Codec, HttpResponse
from ..core.clock import SECOND, VirtualClock
from ..record.recorder import Recorder
from ..statements.claims import Claims
from ..statements.line_reader import LineReader
from ..statements.page_reader import PageReader, ReadPage
from ..statements.recorded_reading import NEVER_GIVEN, PageMoment, RecordedReading, record_invented_cursor
from .simulated_provider import SimulatedProvider
from .simulated_store import SIMULATED_UNIX_S

__all__ = ["SimulatedStatementReader", "page_reader_of"]

_LATER_S = 3600
"""How far the end of a statement that grows lies ahead."""


def page_reader_of(codec: Codec) -> PageReader:
    """Return what reads a contract's pages. Raises ``LookupError`` without a statement."""
    contract = codec.contract
    if contract.statement is None:
        raise LookupError(f"the contract of {contract.provider} has no statement")
    statement = contract.statement
    return PageReader(statement, contract, LineReader(statement, contract), Claims(statement, contract))


class SimulatedStatementReader:
    """Reads for one program."""

    def __init__(
        self,
        codec: Codec,
        pages: PageReader,
        clock: VirtualClock,
        provider: SimulatedProvider,
        recorder: Recorder,
        concerns: Callable[[str], bool],
    ) -> None:
        self._codec, self._pages, self._clock, self._provider = codec, pages, clock, provider
        self._recorder, self._concerns = recorder, concerns
        statement = codec.contract.statement
        assert statement is not None  # ``page_reader_of`` has seen to it
        self._whole_after_ns = statement.whole_after_ns or 0
        self._known: dict[bytes, ReadPage] = {}
        """Pages that were read: most come again as they were."""
        self._number = 0
        self._open: RecordedReading | None = None
        self._cursor: str | None = None

    def step(self) -> None:
        """Read one page of the reading that is under way, or begin one."""
        window = Period(SIMULATED_UNIX_S, SIMULATED_UNIX_S + _LATER_S)
        first = self._open is None
        reading = self._open or self._begin()
        page = self._page(reading, window, self._cursor, first=first)
        self._open, self._cursor = reading, page.following
        if page.following is None:
            reading.end(self._clock.now_ns())
            self._open = None

    def finish(self) -> None:
        """Read all twice, in two windows, once it must be whole, and try a cursor that was never given."""
        while self._open is not None:
            self.step()
        self._cursor = None
        if not self._provider.ledger:
            return  # a program without movements has no statement
        until_ns = self._clock.now_ns()
        end_s = SIMULATED_UNIX_S + until_ns // SECOND + 1
        windows = self._windows(end_s)
        self._clock.sleep_ns((end_s - SIMULATED_UNIX_S) * SECOND + self._whole_after_ns - until_ns)
        for _ in range(2):
            reading = self._begin()
            for window in windows:
                cursor, first = None, True
                while first or cursor is not None:
                    cursor, first = self._page(reading, window, cursor, first=first).following, False
            reading.end(self._clock.now_ns(), until_ns=until_ns)
        self._invent(windows[0])

    def _windows(self, end_s: int) -> list[Period]:
        """Return two windows with a border right behind the second in which half of all had moved."""
        moved = self._provider.ledger
        begin_s = SIMULATED_UNIX_S
        border_s = moved[len(moved) // 2].at_s + 1
        if not begin_s < border_s < end_s:
            return [Period(begin_s, end_s)]
        return [Period(begin_s, border_s), Period(border_s, end_s)]

    def _begin(self) -> RecordedReading:
        self._number += 1
        owner = self._codec.contract.owner
        return RecordedReading(
            self._recorder, self._number, owner, self._clock.now_ns(), self._concerns, MappingProxyType({})
        )

    def _page(self, reading: RecordedReading, window: Period, cursor: str | None, *, first: bool) -> ReadPage:
        now_ns = self._clock.now_ns()
        answer = self._answer(window, cursor)
        page = self._known.get(answer.body)
        if page is None:
            page = self._known[answer.body] = self._pages.read(answer, cursor)
        whole = SIMULATED_UNIX_S * SECOND + now_ns >= window.to_s * SECOND + self._whole_after_ns
        reading.add(PageMoment(window, whole, now_ns, now_ns), page, first=first)
        return page

    def _answer(self, window: Period, cursor: str | None) -> HttpResponse:
        return self._provider.statement(self._codec.contract.owner, _target(self._codec, window, cursor))

    def _invent(self, window: Period) -> None:
        now_ns = self._clock.now_ns()
        answer = self._answer(window, NEVER_GIVEN)
        lines, problem = 0, "" if answer.status < 300 else f"status {answer.status}"
        if not problem:
            try:
                lines = len(self._pages.lines(answer))
            except UnreadableBody as why:
                problem = str(why)
        record_invented_cursor(self._recorder, PageMoment(window, True, now_ns, now_ns), lines, problem)


@lru_cache(maxsize=4096)
def _target(codec: Codec, window: Period, cursor: str | None) -> str:
    """Return what is asked for. Programs ask much the same."""
    return codec.statement_page(window, cursor=cursor).target
