"""Run one node process of the provider, with its own memory, connections and listening socket."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
import uvloop

from ...core.clock import SECOND, RealClock, WallClock
from ...core.seed import Seed
from ..service.bank_channel import BankChannel, ChannelSettings
from ..service.behavior import ProviderBehavior
from ..service.node_identity import NodeIdentity
from ..service.order_store import OrderStore
from ..service.payment_service import PaymentService
from ..service.triggered_service import with_triggers
from ..variants import variant_named
from .http_frontend import HttpFrontend
from .node_link import received

__all__ = ["run_node"]


def run_node(name: str, listening: socket.socket, link: socket.socket, http_frontend: HttpFrontend) -> None:
    """Serve until the link to the supervisor closes; does not return.

    ``link`` carries JSON messages, one a packet. In: first the configuration, then ``{"id", "do", ...}``. Out:
    ``{"ready": true}`` once, and an answer with the same ``id`` for each message, with ``error`` if it failed.
    """
    gc.freeze()  # what was imported before the fork is never garbage
    uvloop.install()
    asyncio.run(_serve(name, listening, link, http_frontend))
    os._exit(0)


async def _serve(name: str, listening: socket.socket, link: socket.socket, http_frontend: HttpFrontend) -> None:
    loop = asyncio.get_running_loop()
    configuration: dict[str, Any] = json.loads(received(link) or b"null") or os._exit(0)
    link.setblocking(False)
    variant = variant_named(configuration["variant"])
    behavior = ProviderBehavior.from_json(configuration["behavior"])
    store = OrderStore(
        configuration["primary"],
        configuration["standby"],
        node=name,
        durability=configuration["durability"],
        order_commit=variant.order_commit,
        scoped=behavior.scoped_by_account,
    )
    await store.open()
    service = with_triggers(variant, behavior)(_node(name, configuration, store, behavior))
    app = http_frontend.open(configuration["front"], service)
    await service.start()

    handlers = _handlers(service, store)
    answering: set[asyncio.Task[None]] = set()

    async def answer(message: dict[str, Any]) -> None:
        number, do = message.pop("id"), message.pop("do")
        try:
            reply = await handlers[do](**message)
        except Exception as error:
            reply = {"error": f"{do}: {type(error).__name__}: {error}"}
        with contextlib.suppress(ConnectionError):  # that the supervisor is gone is told when the link is read
            link.send(json.dumps({"id": number, **reply}).encode())

    def told() -> None:
        packet = received(link)
        if not packet:
            os._exit(0)  # the supervisor is gone or wants us gone: nothing here outlives it
        task = loop.create_task(answer(json.loads(packet)))
        answering.add(task)
        task.add_done_callback(answering.discard)

    loop.add_reader(link, told)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
            backlog=1024,
        )
    )
    serving = loop.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn offers a flag only
        await asyncio.sleep(0.001)
    link.send(b'{"ready":true}')
    await serving


def _node(name: str, configuration: dict[str, Any], store: OrderStore, behavior: ProviderBehavior) -> NodeIdentity:
    seed = Seed(configuration["seed"])
    channel = BankChannel(store, seed.derive("channel"), ChannelSettings(**configuration["channel_settings"]))
    wall = WallClock(_step_ns(configuration["steps_s"], name))
    return NodeIdentity(name, configuration["boot"], seed, RealClock(), wall, store, channel, behavior)


def _handlers(service: PaymentService, store: OrderStore) -> dict[str, Callable[..., Awaitable[dict[str, Any]]]]:
    """What the supervisor may ask of a node."""
    node, channel = service.node, service.channel

    async def channel_settings(**values: Any) -> dict[str, Any]:
        channel.settings = ChannelSettings(**values)
        return {"counters": channel.counters}

    async def durability(mode: str) -> dict[str, Any]:
        return await store.durability(mode)

    async def move_to(primary: dict[str, Any], standby: dict[str, Any]) -> dict[str, Any]:
        await store.move_to(primary, standby)
        return {"movements_lost": await service.moved()}

    async def clock(steps_s: dict[str, float]) -> dict[str, Any]:
        wall = node.wall
        before = wall.iso()
        wall.stepped_ns = _step_ns(steps_s, node.name)
        return {"before": before, "after": wall.iso(), "unix_ns": wall.unix_ns()}

    return {"channel_settings": channel_settings, "durability": durability, "move_to": move_to, "clock": clock}


def _step_ns(steps_s: dict[str, float], name: str) -> int:
    return round(steps_s.get(name, 0) * SECOND)
