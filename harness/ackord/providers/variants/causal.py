"""Implement a correct provider whose queries wait for the standby only as long as the order needs."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from typing import TYPE_CHECKING, cast

from ...contract.emulate.domain_responses import ProviderOrder, ReceivedOrder
from ..service.provider_store import ReadLane
from ..service.tables import POSITION
from .base import variant
from .correct import PrimaryReads

if TYPE_CHECKING:  # the simulation does without a driver of PostgreSQL
    from ..postgres.connection_pool import ConnectionPool
    from ..service.order_store import OrderStore

_POLL_S = 0.001


class ReplayWaiter:
    """Wait until the standby has replayed a position; one poller serves all who wait."""

    _POSITION = f"SELECT {POSITION}"

    def __init__(self, standby: ConnectionPool) -> None:
        self._standby = standby
        self._position = 0
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()
        self._poller: asyncio.Task[None] | None = None

    async def reach(self, position: int) -> None:
        if position <= self._position:
            return
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._waiting, (position, next(self._arrivals), turn))
        if self._poller is None or self._poller.done():
            self._poller = loop.create_task(self._poll())
        await turn

    async def _poll(self) -> None:
        waiting = self._waiting
        while waiting:
            try:
                row = await self._standby.row(self._POSITION)
            except Exception as error:
                for _, _, turn in waiting:
                    if not turn.done():
                        turn.set_exception(error)
                waiting.clear()
                return
            assert row is not None
            self._position = row[0]
            while waiting and waiting[0][0] <= self._position:
                turn = heapq.heappop(waiting)[2]
                if not turn.done():
                    turn.set_result(None)
            if waiting:
                await asyncio.sleep(_POLL_S)


@variant("causal-reads")
class CausalReads(PrimaryReads):
    """Read the standby once it has replayed the order's last write that was told to anybody.

    A small table on the primary, which both nodes see, holds for each order a log position at or behind that write. It
    is written before the answer leaves, also for a resubmission or a cancel, whose answer comes from the primary. An
    order without an entry was never answered about, so the standby may say what it likes.
    """

    only_live = "it waits for a position in PostgreSQL's log"
    extra_tables = """
CREATE TABLE order_positions (account text NOT NULL, order_no text NOT NULL, position bigint NOT NULL,
  PRIMARY KEY (account, order_no));
"""
    _KEEP = """
INSERT INTO order_positions VALUES ($1, $2, (pg_current_wal_insert_lsn() - '0/0')::bigint)
ON CONFLICT (account, order_no) DO UPDATE SET position = greatest(order_positions.position, excluded.position)
"""
    _KEPT = "SELECT position FROM order_positions WHERE account = $1 AND order_no = $2"

    async def start(self) -> None:
        self._database = cast("OrderStore", self.store)
        self._replayed = ReplayWaiter(self._database.standby)
        await super().start()

    async def place(self, account: str, submission: ReceivedOrder) -> tuple[ProviderOrder, bool]:
        placed = await super().place(account, submission)
        await self._keep_position(account, submission.order_no)
        return placed

    async def taken_back(self, order: ProviderOrder) -> bool:
        cancelled = await super().taken_back(order)
        if cancelled:
            await self._keep_position(order.account, order.order_no)
        return cancelled

    async def _keep_position(self, account: str, order_no: str) -> None:
        await self._database.orders.row(self._KEEP, account, order_no)

    async def find(self, account: str, order_no: str) -> ProviderOrder | None:
        kept = await self._database.primary.row(self._KEPT, account, order_no)
        if kept is not None:
            # First the position, then the read, in two statements: within one, the snapshot would be older than the
            # position.
            await self._replayed.reach(kept[0])
        return await self.store.find(ReadLane.STANDBY, account, order_no)
