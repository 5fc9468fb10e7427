"""Serves the small provider of payouts over PostgreSQL: one node, which writes to one server and reads from another.

``python -m tests.live.foreign.payouts_node PORT``, with ``WRITES_TO`` and ``READS_FROM`` (``postgresql://...``) in the
environment; ``LISTENS_AT`` is another host than 127.0.0.1.
"""

import asyncio
import contextlib
import json
import os
import sys
from typing import Any

import asyncpg
from tests.live.loopback_server import ServedRequest, read_request, response

# Nodes start together, and IF NOT EXISTS is no lock: one would end with "type payouts already exists".
SCHEMA = """
SELECT pg_advisory_xact_lock(1);
CREATE TABLE IF NOT EXISTS payouts (
    owner text, reference text, body text, amount bigint, made timestamptz DEFAULT clock_timestamp(), movement bigserial,
    PRIMARY KEY (owner, reference))
"""
SHOWN = (
    "SELECT amount, clock_timestamp() - made > interval '60 ms' AS paid FROM payouts WHERE owner=$1 AND reference=$2"
)
KEYS = ("Bearer sk_main", "Bearer sk_other")


class Node:
    def __init__(self, writes: asyncpg.Pool, reads: asyncpg.Pool) -> None:
        self.writes, self.reads = writes, reads

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(await self.answer(await read_request(reader)))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def answer(self, request: ServedRequest) -> bytes:
        owner = request.headers.get("authorization", "")
        if owner not in KEYS:
            return response(401, {"error": "bad_key"})
        if request.method == "POST":
            return await self.submitted(owner, json.loads(request.body))
        if request.path.startswith("/movements"):
            after = int(request.path.partition("after=")[2] or 0)
            rows = await self.writes.fetch(
                "SELECT movement, reference, amount FROM payouts WHERE owner = $1 AND movement > $2"
                " ORDER BY movement LIMIT 500",
                KEYS[0],
                after,
            )
            data = [{"id": f"mv{r['movement']}", "reference": r["reference"], "amount": r["amount"]} for r in rows]
            return response(200, {"data": data, "next": str(rows[-1]["movement"]) if rows else None})
        shown = await self.shown(self.reads, owner, request.path.rpartition("/")[2])
        return response(404, {"error": "not_found"}) if shown is None else response(200, shown)

    async def submitted(self, owner: str, body: dict[str, Any]) -> bytes:
        number, text = body["reference"], json.dumps(body, sort_keys=True)
        await self.writes.execute(
            "INSERT INTO payouts (owner, reference, body, amount) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            owner,
            number,
            text,
            body["amount"],
        )
        kept = await self.writes.fetchval("SELECT body FROM payouts WHERE owner=$1 AND reference=$2", owner, number)
        if kept != text:
            return response(409, {"error": "reference_reused"})
        shown = await self.shown(self.writes, owner, number)
        assert shown is not None
        return response(201, shown)

    async def shown(self, pool: asyncpg.Pool, owner: str, number: str) -> dict[str, Any] | None:
        row = await pool.fetchrow(SHOWN, owner, number)
        if row is None:
            return None
        status = "paid" if row["paid"] else "pending"
        return {"id": f"po-{owner[-5:]}-{number}", "status": status, "amount": row["amount"]}


async def main(port: int) -> None:
    writes = await asyncpg.create_pool(os.environ["WRITES_TO"], min_size=2, max_size=8)
    with contextlib.suppress(asyncpg.UniqueViolationError):  # the other node creates it at this moment
        await writes.execute(SCHEMA)
    reads = await asyncpg.create_pool(os.environ["READS_FROM"], min_size=2, max_size=8)
    while not await reads.fetchval("SELECT to_regclass('payouts') IS NOT NULL"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    server = await asyncio.start_server(Node(writes, reads).serve, os.environ.get("LISTENS_AT", "127.0.0.1"), port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
