"""The interface without its server: whatever is asked, it answers, and a refused request changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackord.chaos.toxiproxy.api import ApiReply, ToxicsApi
from ackord.chaos.toxiproxy.proxies import Proxies

calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_TIMER: Any = SimpleNamespace()
PROXY = json.dumps({"name": "p", "upstream": "127.0.0.1:1", "enabled": False}).encode()


_STATUSES = {200, 201, 204, 400, 404, 405, 409, 500}


def talk(conversation: Callable[[ToxicsApi], Awaitable[None]]) -> None:
    """With a proxy ``p`` that is switched off, so that no port is opened."""

    async def play() -> None:
        api = ToxicsApi(Proxies(_TIMER, lambda: 0, seed=1, allow_remote=False))
        assert (await api.handle("POST", "/proxies", PROXY)).status == 201
        await conversation(api)

    asyncio.run(play())


def shown(reply: ApiReply) -> Any:
    return json.loads(reply.body)


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "latency", "slicer", "upstream", "p", "q"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "type", "stream", "toxicity", "attributes", "latency", "average_size", "upstream", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=8,
)
_bodies = st.one_of(st.binary(max_size=30), _values.map(lambda value: json.dumps(value).encode()))
_paths = st.one_of(
    st.text(max_size=20).map(lambda text: "/" + text),
    st.sampled_from(["/proxies", "/populate", "/version", "/proxies/p", "/proxies/p/toxics", "/proxies/p/toxics/t"]),
)
_toxic_bodies = st.fixed_dictionaries(
    {"type": st.sampled_from(["latency", "bandwidth", "slicer", "limit_data", "noop", "timeout"])},
    optional={
        "name": st.sampled_from(["t", "u", ""]),
        "stream": st.sampled_from(["upstream", "downstream", "UPSTREAM", ""]),
        "toxicity": st.one_of(st.floats(), st.none(), st.integers(-1, 2)),
        "attributes": st.dictionaries(
            st.sampled_from(
                ["latency", "jitter", "rate", "average_size", "size_variation", "delay", "bytes", "timeout"]
            ),
            st.one_of(st.integers(-5, 50), st.integers(), st.floats()),
            max_size=4,
        ),
    },
)


@calm
@given(st.lists(st.tuples(st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]), _paths, _bodies), max_size=12))
def test_whatever_is_asked_is_answered(requests: list[tuple[str, str, bytes]]) -> None:
    async def conversation(api: ToxicsApi) -> None:
        for method, path, body in requests:
            before = (await api.handle("GET", "/proxies", b"")).body
            reply = await api.handle(method, path, body)
            assert reply.status in _STATUSES
            if reply.status >= 400 and path != "/populate":
                assert (await api.handle("GET", "/proxies", b"")).body == before

    talk(conversation)


@calm
@given(st.lists(_toxic_bodies, max_size=10))
def test_a_toxic_is_taken_as_it_is_shown_or_refused(bodies: list[dict[str, Any]]) -> None:
    async def conversation(api: ToxicsApi) -> None:
        taken = []
        for body in bodies:
            reply = await api.handle("POST", "/proxies/p/toxics", json.dumps(body).encode())
            if reply.status != 200:
                assert set(shown(reply)) == {"error", "status"}
                continue
            toxic = shown(reply)
            taken.append(toxic)
            for name, value in (body.get("attributes") or {}).items():
                assert toxic["attributes"][name] == value
            one = f"/proxies/p/toxics/{toxic['name']}"
            assert shown(await api.handle("GET", one, b"")) == toxic
            assert shown(await api.handle("PATCH", one, json.dumps(toxic).encode())) == toxic
        listed = shown(await api.handle("GET", "/proxies/p/toxics", b""))
        assert listed == sorted(taken, key=lambda toxic: toxic["stream"] != "upstream")
        assert (await api.handle("DELETE", "/proxies/p", b"")).status == 204

    talk(conversation)


def test_many_proxies_are_checked_before_any_is_made() -> None:
    async def conversation(api: ToxicsApi) -> None:
        body = json.dumps([{"name": "q", "upstream": "h:1", "enabled": False}, {"name": "r"}]).encode()
        assert (await api.handle("POST", "/populate", body)).status == 400
        assert set(shown(await api.handle("GET", "/proxies", b""))) == {"p"}

    talk(conversation)


def test_a_browser_is_turned_away() -> None:
    async def conversation(api: ToxicsApi) -> None:
        assert (await api.handle("DELETE", "/proxies/p", b"", "Mozilla/5.0 (X11)")).status == 403
        assert set(shown(await api.handle("GET", "/proxies", b""))) == {"p"}

    talk(conversation)
