"""Orders and movements in PostgreSQL: the tables, the statements, and lanes of connections to primary and standby.

The rules that keep money safe stand here, in SQL, and not in the service's memory: one row for an account's order number (a unique index),
statuses that only go up (``UPDATE ... WHERE status = ANY(...)``), one movement of a kind for a provider id (a unique key), and movement ids in the order of
their commits (a counter row, locked until the commit), so that a reader's cursor never skips one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import asyncpg

__all__ = ["BEFORE", "POSITION", "UNREACHABLE", "Lane", "Movement", "Order", "Store", "schema"]

UNREACHABLE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What a statement raises while a server is dead, starting, or not yet promoted. Whether it was done is not known then."""

POSITION = """\
(CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_wal_replay_lsn(), '0/0') ELSE pg_current_wal_insert_lsn() END - '0/0')::bigint"""
"""SQL for how far a server is that may be a standby, or one that was promoted: a position in its log, in bytes."""

ORDER_LANE_SIZE = 40
READ_LANE_SIZE = 6
CHANNEL_LANE_SIZE = 4
# Per node and on the primary 40 + 6 + 4; both nodes, the supervisor's three and three reserved ones stay below max_connections (120).

BEFORE: dict[str, tuple[str, ...]] = {
    "PROCESSING": ("ACCEPTED",),
    "PAID": ("ACCEPTED", "PROCESSING"),
    "DECLINED": ("ACCEPTED", "PROCESSING"),
    "FAILED": ("ACCEPTED", "PROCESSING"),
    "CANCELLED": ("ACCEPTED",),
    "RETURNED": ("ACCEPTED", "PROCESSING", "PAID"),
}
"""What a status may follow; ACCEPTED is where an order starts."""


class Order(NamedTuple):
    provider_id: str
    account: str
    order_no: str
    amount: int
    currency: str
    payee: str
    status: str
    node: str
    """The node that took it, which also sees it through."""


class Movement(NamedTuple):
    id: int
    account: str
    order_no: str
    provider_id: str
    amount: int
    kind: str


_ORDER = "provider_id, account, order_no, amount, currency, payee, status, node"

_INSERT = f"""
INSERT INTO orders ({_ORDER}) VALUES ($1, $2, $3, $4, $5, $6, 'ACCEPTED', $7)
"""
# The conflict's update gives the winner's row in the same round trip, waits for a copy that is being committed, and, being a write itself,
# is only answered when everything before it has reached whatever the session's synchronous_commit asks for.
_PLACE = f"""{_INSERT}
ON CONFLICT (account, order_no) DO UPDATE SET deliveries = orders.deliveries + 1
RETURNING {_ORDER}, xmax = 0 AS created
"""
_APPEND = f"{_INSERT} RETURNING {_ORDER}"
_FIND = f"SELECT {_ORDER} FROM orders WHERE account = $1 AND order_no = $2 ORDER BY id LIMIT 1"
_ADVANCE = "UPDATE orders SET status = $2 WHERE provider_id = $1 AND status = ANY($3) RETURNING 1"
_MOVE = """
WITH head AS (
  UPDATE ledger_head SET last = last + 1
  WHERE NOT EXISTS (SELECT 1 FROM movements WHERE provider_id = $3 AND kind = $5)
  RETURNING last
)
INSERT INTO movements (id, account, order_no, provider_id, amount, kind)
SELECT last, $1, $2, $3, $4, $5 FROM head
ON CONFLICT DO NOTHING
"""

# All that are missing at once, in the order in which they were given.
_MOVE_AGAIN = """
WITH missing AS (
  SELECT given.*, row_number() OVER (ORDER BY n) AS nth, count(*) OVER () AS all_of_them
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) WITH ORDINALITY
    AS given (account, order_no, provider_id, amount, kind, n)
  WHERE NOT EXISTS (SELECT 1 FROM movements m WHERE m.provider_id = given.provider_id AND m.kind = given.kind)
), head AS (
  UPDATE ledger_head SET last = last + (SELECT count(*) FROM missing) RETURNING last
)
INSERT INTO movements (id, account, order_no, provider_id, amount, kind)
SELECT last - all_of_them + nth, account, order_no, provider_id, amount, kind FROM missing, head
ON CONFLICT DO NOTHING
RETURNING 1
"""


def schema(*, unique_orders: bool) -> str:
    """The tables. A provider without ``unique_orders`` must find duplicates by other means."""
    return f"""
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY,
  provider_id text PRIMARY KEY,
  account text NOT NULL,
  order_no text NOT NULL,
  amount bigint NOT NULL,
  currency text NOT NULL,
  payee text NOT NULL,
  status text NOT NULL,
  node text NOT NULL,
  deliveries int NOT NULL DEFAULT 1
) WITH (fillfactor = 50);
CREATE {"UNIQUE" if unique_orders else ""} INDEX orders_number ON orders (account, order_no);
CREATE TABLE movements (
  id bigint PRIMARY KEY,
  account text NOT NULL,
  order_no text NOT NULL,
  provider_id text NOT NULL,
  amount bigint NOT NULL,
  kind text NOT NULL,
  UNIQUE (provider_id, kind)
);
CREATE TABLE ledger_head (last bigint NOT NULL);
INSERT INTO ledger_head VALUES (0);
CREATE TABLE probe (n bigint NOT NULL, written_at timestamptz NOT NULL);
INSERT INTO probe VALUES (0, now());
"""


_Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


class Lane:
    """Connections to one server, opened as needed up to ``size`` and kept; callers beyond that wait their turn.

    Smaller than ``asyncpg``'s pool on purpose: that one resets a session on every release, which costs a round trip and serves no one here.
    """

    def __init__(self, arguments: dict[str, Any], size: int, *, commit: str = "local", name: str = "") -> None:
        self._name = name
        self._room = size
        self._free: list[_Connection] = []
        self._generation = 0
        self._born: dict[_Connection, int] = {}
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._server, self._commit = arguments, commit

    def renew(self, server: dict[str, Any] | None = None, *, commit: str | None = None) -> None:
        """Another server, or another ``synchronous_commit``, for everything that begins from now on; what runs ends as it began."""
        self._server = server or self._server
        self._commit = commit or self._commit
        self._generation += 1
        free, self._free = self._free, []
        for connection in free:
            self._drop(connection)
        self._wake()

    async def commits(self) -> str:
        """The ``synchronous_commit`` of a session of this lane, asked of the server; never waits for a turn."""
        connection = await self._connect()
        try:
            return str(await connection.fetchval("SHOW synchronous_commit"))
        finally:
            connection.terminate()

    async def warm(self, connections: int) -> None:
        taken = await asyncio.gather(*(self._take() for _ in range(connections)))
        for connection in taken:
            self._give_back(connection)

    async def row(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        connection = await self._take()
        try:
            return await connection.fetchrow(sql, *arguments)
        finally:
            self._give_back(connection)

    async def rows(self, sql: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await self._take()
        try:
            return await connection.fetch(sql, *arguments)
        finally:
            self._give_back(connection)

    async def _connect(self) -> _Connection:
        settings = {"synchronous_commit": self._commit, "application_name": f"ackord-{self._name}"}
        return await asyncpg.connect(**self._server, server_settings=settings)

    async def _take(self) -> _Connection:
        while True:
            if self._free:
                return self._free.pop()
            if self._room > 0:
                self._room -= 1
                generation = self._generation
                try:
                    connection = await self._connect()
                except BaseException:
                    self._room += 1
                    self._wake()
                    raise
                self._born[connection] = generation
                return connection
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._wake()
                raise

    def _give_back(self, connection: _Connection) -> None:
        if connection.is_closed() or self._born[connection] != self._generation:
            self._drop(connection)
        else:
            self._free.append(connection)
        self._wake()

    def _drop(self, connection: _Connection) -> None:
        del self._born[connection]
        connection.terminate()
        self._room += 1

    def _wake(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


class Store:
    """One node's view of the database."""

    def __init__(
        self, primary: dict[str, Any], standby: dict[str, Any], *, node: str, durability: str, order_commit: str = ""
    ) -> None:
        """``durability`` is the ``synchronous_commit`` of all writes; ``order_commit`` that of what is acknowledged to merchants, if it has its own."""
        self._order_commit = order_commit
        self.orders = Lane(primary, ORDER_LANE_SIZE, commit=order_commit or durability, name=f"{node}-orders")
        self.primary = Lane(primary, READ_LANE_SIZE, commit=durability, name=f"{node}-primary")
        self.channel = Lane(primary, CHANNEL_LANE_SIZE, commit=durability, name=f"{node}-channel")
        self.standby = Lane(standby, READ_LANE_SIZE, name=f"{node}-standby")

    async def open(self) -> None:
        await asyncio.gather(self.orders.warm(3), self.primary.warm(2), self.channel.warm(2), self.standby.warm(2))

    async def durability(self, mode: str) -> dict[str, str]:
        """Let all writes wait for as much as ``mode`` says, except where the variant has its own; what the server says of each lane now."""
        self.orders.renew(commit=self._order_commit or mode)
        self.primary.renew(commit=mode)
        self.channel.renew(commit=mode)
        orders, channel = await asyncio.gather(self.orders.commits(), self.channel.commits())
        return {"orders": orders, "channel": channel}

    async def move_to(self, primary: dict[str, Any], standby: dict[str, Any]) -> None:
        """Work on other servers from now on; returns when they can be reached."""
        for lane in (self.orders, self.primary, self.channel):
            lane.renew(primary)
        self.standby.renew(standby)
        await self.open()

    async def place(self, order: Order) -> tuple[Order, bool]:
        """Insert it unless its number is taken; return the row that stands, and whether it is this one."""
        row = await self.orders.row(_PLACE, *order[:6], order.node)
        assert row is not None
        *fields, created = row
        return Order(*fields), created

    async def append(self, order: Order) -> Order:
        """Insert it whatever there is (only without a unique index)."""
        row = await self.orders.row(_APPEND, *order[:6], order.node)
        assert row is not None
        return Order(*row)

    async def find(self, lane: Lane, account: str, order_no: str) -> Order | None:
        row = await lane.row(_FIND, account, order_no)
        return None if row is None else Order(*row)

    async def advance(self, provider_id: str, status: str, before: Sequence[str] | None = None) -> bool:
        """Write a status if it may follow the present one; return whether it was written."""
        allowed = BEFORE[status] if before is None else before
        return await self.channel.row(_ADVANCE, provider_id, status, allowed) is not None

    async def of_node(self, node: str, statuses: Sequence[str]) -> list[Order]:
        rows = await self.primary.rows(
            f"SELECT {_ORDER} FROM orders WHERE node = $1 AND status = ANY($2) ORDER BY id", node, statuses
        )
        return [Order(*row) for row in rows]

    async def move(self, order: Order, kind: str) -> None:
        """Record that money moved, once for a provider id and kind."""
        await self.channel.row(_MOVE, order.account, order.order_no, order.provider_id, order.amount, kind)

    async def move_again(self, booked: Sequence[tuple[Order, str]]) -> int:
        """Record movements that may have been recorded before; how many of them had been lost."""
        columns = [
            [getattr(order, name) for order, _ in booked] for name in ("account", "order_no", "provider_id", "amount")
        ]
        return len(await self.channel.rows(_MOVE_AGAIN, *columns, [kind for _, kind in booked]))

    async def moved(self, provider_id: str, kind: str) -> bool:
        sql = "SELECT 1 FROM movements WHERE provider_id = $1 AND kind = $2"
        return await self.channel.row(sql, provider_id, kind) is not None

    async def movements(self, account: str | None, after: int, limit: int) -> list[Movement]:
        """From the primary, by id; ``None`` stands for all accounts."""
        sql = "SELECT id, account, order_no, provider_id, amount, kind FROM movements WHERE id > $1 AND ($2::text IS NULL OR account = $2) ORDER BY id LIMIT $3"
        return [Movement(*row) for row in await self.primary.rows(sql, after, account, limit)]

    async def totals(self, account: str) -> tuple[int, int]:
        """What was paid out of an account and what came back, in minor units."""
        sql = "SELECT coalesce(sum(amount) FILTER (WHERE kind = 'payout'), 0)::bigint, coalesce(sum(amount) FILTER (WHERE kind = 'return'), 0)::bigint FROM movements WHERE account = $1"
        row = await self.primary.row(sql, account)
        assert row is not None
        return row[0], row[1]
