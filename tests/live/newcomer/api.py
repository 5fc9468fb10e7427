"""The unseen API itself: orders in memory, paid after a moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse

from ackord.core.clock import MS, RealClock

__all__ = ["serve"]

KEYS = ("demo-key-of-the-sandbox", "other-key-of-the-sandbox")
PAID_AFTER_NS = 300 * MS
_CLOCK = RealClock()


def _app() -> FastAPI:
    app = FastAPI()
    payouts: dict[tuple[str, str], tuple[dict[str, Any], int]] = {}

    def shown(key: str, reference: str) -> dict[str, Any]:
        asked, made_ns = payouts[key, reference]
        state = "sent" if _CLOCK.now_ns() - made_ns > PAID_AFTER_NS else "queued"
        return {"id": f"tr_{key[:5]}_{reference}", "merchant_ref": reference, "amount": asked["amount"], "state": state}

    def said(status: int, error: str) -> JSONResponse:
        return JSONResponse({"error": error}, status)

    @app.post("/payouts")
    async def submit(request: Request, x_api_key: str = Header("")) -> JSONResponse:
        if x_api_key not in KEYS:
            return said(401, "bad_key")
        asked = await request.json()
        reference = asked.get("merchant_ref")
        if not isinstance(reference, str) or type(asked.get("amount")) is not int:
            return said(400, "bad_request")
        known = payouts.setdefault((x_api_key, reference), (asked, _CLOCK.now_ns()))
        if known[0] != asked:
            return said(409, "ref_reused")
        return JSONResponse(shown(x_api_key, reference), 201)

    @app.get("/payouts/{reference}")
    async def query(reference: str, x_api_key: str = Header("")) -> JSONResponse:
        if x_api_key not in KEYS:
            return said(401, "bad_key")
        return (
            JSONResponse(shown(x_api_key, reference)) if (x_api_key, reference) in payouts else said(404, "unknown_ref")
        )

    return app


@contextmanager
def serve() -> Iterator[int]:
    """Serve it on a port of this machine."""
    server = uvicorn.Server(uvicorn.Config(_app(), host="127.0.0.1", port=0, log_level="error"))
    started = threading.Event()
    server.config.load()
    startup = server.startup

    async def and_tell(sockets: Any = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = and_tell  # type: ignore[method-assign]
    server.lifespan = server.config.lifespan_class(server.config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(30)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join(30)
