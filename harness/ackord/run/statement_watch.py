"""Reads the contract's statement in a run: page by page while orders arrive, and all of it twice once it must be whole.

Nothing is checked here, and nothing lands: what was read is recorded, and the guarantees of statements judge it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from statistics import median_low

from ..client.transport_httpx import HttpxTransport
from ..contract.base.body_parsing import UnreadableBody, shortened
from ..contract.base.periods import Period
from ..core.clock import MS, SECOND, WallClock
from ..statements.fetching import StatementFetcher
from ..statements.landing import PartitionLander
from ..statements.lines import WHOLE, PartitionKey
from ..statements.outcomes import LateStatement, UnreachableStatement
from ..statements.page_reader import ReadPage
from ..statements.partitions import AskedAccount, PullPartition, accounts_of
from ..statements.recorded_reading import NEVER_GIVEN, PageMoment, RecordedReading, record_invented_cursor
from .context import RunContext
from .environments.managed import MANAGED
from .statement_windows import StatementWindows

__all__ = ["StatementWatch"]

_ANSWER_BYTES = 1 << 24
_BETWEEN_MS = 15
"""Pause between two readings while orders arrive."""
_MOST_READINGS = 60
_MOST_PAGES = 1000
_SLACK_S = 2
"""How far the clock of a provider that is not ours may be from this machine's."""
_FAILURES = (UnreadableBody, UnreachableStatement, LateStatement)


class StatementWatch:
    """Reads the statement of one run."""

    def __init__(self, context: RunContext, wall: WallClock) -> None:
        """The contract has a statement: the profile was refused otherwise."""
        contract = context.plan.contract.contract
        statement = contract.statement
        assert statement is not None
        self._context, self._statement, self._wall = context, statement, wall
        self._account: AskedAccount = accounts_of(contract, "")[0]
        self._lander = PartitionLander(statement, contract)
        slack_s = 0 if context.plan.target in MANAGED else _SLACK_S
        self._windows = StatementWindows(statement, context.began_s, slack_s)
        self._path = context.environment.run.folder("statement") / "page.part"
        self._transport, self._fetcher = self._opened()
        self._number = 0
        self._booked_s: list[int] = []

    def _opened(self) -> tuple[HttpxTransport, StatementFetcher]:
        context, environment = self._context, self._context.environment
        origin = environment.url_of_host(self._statement.request.host or "")
        transport = HttpxTransport(
            origin, answer_bytes=_ANSWER_BYTES, ca=context.plan.options.ca, certificate=environment.certificate,
            host=environment.host_header(origin),
        )  # fmt: skip
        idle_ns = max(context.client.timeout_ns, 10 * SECOND)
        fetcher = StatementFetcher(
            context.client, self._statement, origin, {"": transport}, environment.pace, asyncio.sleep, idle_ns
        )
        return transport, fetcher

    async def close(self) -> None:
        await self._transport.close()

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """Read the statement again and again as long as the context is entered."""
        task = asyncio.create_task(self.follow())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def follow(self) -> None:
        """Read the statement again and again, as often as is of use."""
        for _ in range(_MOST_READINGS):
            await self._read(self._windows.growing(self._now_s()))
            await asyncio.sleep(_BETWEEN_MS / 1000)

    async def finish(self) -> None:
        """Read all that moved in the run twice, once it must be whole, and try a cursor that was never given."""
        until_ns = self._context.clock.now_ns()
        windows = self._windows.settled(self._now_s(), self._border_s())
        await self._wait_until_whole(windows[-1])
        for _ in range(2):
            await self._read(windows, until_ns)
        if self._statement.next is not None:
            await self._invent(windows[0])

    def _border_s(self) -> int | None:
        """Return the second behind the one in which half of what moved had done so; ``None``: nobody knows."""
        now_s = self._now_s()
        moved = [booked_s for booked_s in self._booked_s if booked_s <= now_s]
        return median_low(moved) + 1 if moved else None

    async def _wait_until_whole(self, last: Period) -> None:
        promises = self._context.promises
        wait_ns = self._windows.until_whole_ns(last, self._wall.unix_ns())
        if self._statement.available_after is None:
            wait_ns = promises.posts_within_ns or promises.settles_within_ns or 0
        await asyncio.sleep((min(wait_ns, self._windows.LONGEST_WAIT_NS) + MS) / SECOND)

    async def _read(self, windows: list[Period], until_ns: int | None = None) -> None:
        context = self._context
        self._number += 1
        reading = RecordedReading(
            context.recorder, self._number, self._account.asks, context.clock.now_ns(), self._concerns,
            context.client.client_state.numbers, row_cursor=self._statement.next_row is not None,
        )  # fmt: skip
        problem = ""
        try:
            for window in windows:
                for part in self._statement.parts or (None,):
                    await self._pages(reading, window, part)
        except _FAILURES as why:
            problem = str(why) or type(why).__name__
        reading.end(context.clock.now_ns(), problem, None if problem else until_ns)

    async def _pages(self, reading: RecordedReading, window: Period, part: str | None) -> None:
        asked: set[str | None] = set()
        cursor: str | None = None
        while True:
            asked.add(cursor)
            moment, page = await self._page(window, part, cursor)
            booked = (line.booked_us for line in page.lines if self._concerns(line.order_no))
            self._booked_s += [booked_us // 1_000_000 for booked_us in booked if booked_us is not None]
            reading.add(moment, page, first=len(asked) == 1)
            cursor = page.following
            if cursor is None:
                return
            if cursor in asked:
                raise UnreadableBody(f"its pages go round: {shortened(repr(cursor))} was read before")
            if len(asked) >= _MOST_PAGES:
                raise UnreadableBody(f"it has more than {_MOST_PAGES} pages")

    async def _page(self, window: Period, part: str | None, cursor: str | None) -> tuple[PageMoment, ReadPage]:
        """Fetch and read one page. Raises what ``_FAILURES`` names."""
        clock, began_ns = self._context.clock, self._context.clock.now_ns()
        whole = self._windows.whole(window, self._wall.unix_ns())
        asked = self._windows.asked(window)
        key = PartitionKey(self._account.name, self._windows.day(window), part or WHOLE)
        partition = PullPartition(key, self._account, part, (asked,), window)
        fetched = await self._fetcher.fetch(partition, asked, cursor, self._path)
        moment = PageMoment(window, whole, began_ns, clock.now_ns(), part or "")
        return moment, self._lander.read(fetched, cursor, partition)

    async def _invent(self, window: Period) -> None:
        clock, began_ns, lines, problem = self._context.clock, self._context.clock.now_ns(), 0, ""
        try:
            _, page = await self._page(window, next(iter(self._statement.parts), None), NEVER_GIVEN)
            lines = len(page.lines)
        except (UnreadableBody, UnreachableStatement) as why:
            problem = str(why)
            if isinstance(why, UnreachableStatement) and not problem.startswith("status "):
                return  # there was no answer, so nobody refused it
        except LateStatement:
            return
        record_invented_cursor(
            self._context.recorder, PageMoment(window, True, began_ns, clock.now_ns()), lines, problem
        )

    def _concerns(self, number: str) -> bool:
        book = self._context.book
        return book.owns(number) or book.resembles(number) or self._context.stranger(number)

    def _now_s(self) -> int:
        return self._wall.unix_ns() // SECOND
