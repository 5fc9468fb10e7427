"""The interface behind HTTP: how requests are numbered and what answers carry."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from types import SimpleNamespace
from typing import Any

from ackord.chaos.toxiproxy.api import ToxicsApi
from ackord.chaos.toxiproxy.http_application import application, request_ids
from ackord.chaos.toxiproxy.proxies import Proxies
from ackord.chaos.toxiproxy.server import http_config

_TIMER: Any = SimpleNamespace()


def answered(body: bytes, logged: list[str], path: str = "/populate") -> tuple[int, dict[str, list[str]]]:
    """Status and headers of a POST."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def play() -> None:
        api = ToxicsApi(Proxies(_TIMER, lambda: 0, seed=1, allow_remote=False))
        ids = map(str, itertools.count())
        scope = {"type": "http", "method": "POST", "path": path, "headers": []}
        await application(api, ids, logged.append)(scope, receive, send)

    asyncio.run(play())
    headers: dict[str, list[str]] = {}
    for name, value in sent[0]["headers"]:
        headers.setdefault(name.decode(), []).append(value.decode("latin-1"))
    return sent[0]["status"], headers


def test_requests_of_one_server_are_numbered_and_those_of_another_differ() -> None:
    ids, others = request_ids(lambda: 1), request_ids(lambda: 2)
    first = [next(ids) for _ in range(1000)]
    assert len({*first, *(next(others) for _ in range(1000))}) == 2000
    assert all(re.fullmatch("[0-9a-v]{20}", each) for each in first)


def test_a_warning_cannot_forge_a_header_and_is_not_longer_than_one_may_be() -> None:
    logged: list[str] = []
    fields = {"name": "p", "upstream": "h:1", "enabled": False, "a\r\nset-cookie: \u20ac": 1, "b" * 9000: 1}
    status, headers = answered(json.dumps([{**fields, **{f"x{n}": n for n in range(50)}}]).encode(), logged)
    assert status == 201
    warnings = headers["x-ackord-warning"]
    assert warnings[0].startswith('no field of a proxy is called "a??set-cookie: ?".')
    assert len(warnings) == 8
    assert max(map(len, warnings)) == 400
    assert len(logged) == 52


def test_an_answer_without_warnings_has_no_such_header() -> None:
    logged: list[str] = []
    assert "x-ackord-warning" not in answered(b"[]", logged)[1]
    assert not logged


def test_a_body_that_is_too_large_is_refused() -> None:
    assert answered(b" " * (5 << 20), [])[0] == 413


def test_connections_are_kept_as_long_as_toxiproxy_keeps_them() -> None:
    """Its ``IdleTimeout`` is 60 s; a server that hangs up before resets requests that are under way."""
    api = ToxicsApi(Proxies(_TIMER, lambda: 0, seed=1, allow_remote=False))
    assert http_config(api, print).timeout_keep_alive == 60
