"""Serves Toxiproxy's HTTP interface for the embedded engine: the same paths, JSON, statuses and errors as its server
2.12.

It differs on purpose: unknown attributes of toxics and invalid values are refused (Toxiproxy accepts them silently,
and some crash it), what is passed over is a warning, and listening beyond this machine must be allowed explicitly.
``tests/live/test_toxics_api.py`` compares both and lists each difference with its reason.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import UsageError
from ..links.kinds.base import Toxic
from .addresses import AddressError, dial_address
from .byte_counts import CONTENT_TYPE as METRICS_TYPE
from .gojson import BadBody
from .proxies import ApiError, Proxies, Proxy
from .request_bodies import changed_toxic, new_toxic, proxies_wanted, proxy_changes, proxy_wanted

__all__ = ["VERSION", "ApiReply", "ToxicsApi"]

VERSION = "2.12.0"
"""The emulated version of Toxiproxy and nothing else: clients compare it, and RubyGems takes no part after a plus
sign. The header ``Server`` says which engine it is.
"""

Json = dict[str, Any]

_JSON = "application/json"
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ApiReply:
    status: int
    body: bytes = b""
    content_type: str = ""
    routed: bool = True
    """Whether a handler answered; Toxiproxy numbers these requests only."""
    warnings: tuple[str, ...] = ()
    """What of the request was passed over."""

    @property
    def error(self) -> str:
        """Return the text of an error."""
        return str(json.loads(self.body).get("error", ""))


@dataclass(frozen=True, slots=True)
class _Request:
    body: bytes
    warnings: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        self.warnings.append(warning)


class ToxicsApi:
    """Answers requests; does not use sockets."""

    def __init__(self, proxies: Proxies) -> None:
        self._proxies = proxies

    async def handle(self, method: str, path: str, body: bytes, user_agent: str = "") -> ApiReply:
        """Answer a request with a decoded ``path``. Never raises."""
        found = self._route(path)
        if found is None:
            return ApiReply(404, b"404 page not found\n", _TEXT, routed=False)
        methods, names = found
        if method not in methods:
            return ApiReply(405, routed=False)
        if user_agent.startswith("Mozilla/"):
            # A page in a browser must not reach it by a host name that the page controls.
            return ApiReply(403, b"User agent not allowed\n", _TEXT)
        request = _Request(body)
        try:
            if method == "GET":  # it changes nothing, so it need not wait for a name that resolves slowly
                reply = await methods[method](request, *names)
            else:
                async with self._proxies.lock:
                    reply = await methods[method](request, *names)
        except _REFUSALS as error:
            status, text = _refusal(error)
            reply = ApiReply(
                status, json.dumps({"error": text, "status": status}, separators=(",", ":")).encode() + b"\n", _TEXT
            )
        return replace(reply, warnings=tuple(request.warnings))

    async def _populate(self, request: _Request) -> ApiReply:
        """Make many proxies. If one fails, those before it are made and answered nevertheless."""
        made: list[Proxy] = []
        refusal: Json = {}
        try:
            for wanted in proxies_wanted(request.body, request.warn):
                proxy = await self._proxies.add_or_replace(wanted)
                made.append(proxy)
                _warn_of_upstream(proxy, request)
        except _REFUSALS as error:
            status, text = _refusal(error)
            refusal = {"error": text, "status": status}
        return _json({**refusal, "proxies": [proxy.as_json() for proxy in made] or None}, refusal.get("status", 201))

    def _route(self, path: str) -> tuple[Mapping[str, Callable[..., Awaitable[ApiReply]]], list[str]] | None:
        match path.split("/")[1:]:
            case ["version"]:
                return {"GET": self._version}, []
            case ["metrics"] if self._proxies.counts is not None:  # Toxiproxy's needs to be told, too
                return dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), self._show_metrics), []
            case ["reset"]:
                return {"POST": self._reset}, []
            case ["populate"]:
                return {"POST": self._populate}, []
            case ["proxies"]:
                return {"GET": self._list, "POST": self._create}, []
            case ["proxies", proxy] if proxy:
                change = self._update
                return {"GET": self._show, "POST": change, "PATCH": change, "DELETE": self._delete}, [proxy]
            case ["proxies", proxy, "toxics"] if proxy:
                return {"GET": self._list_toxics, "POST": self._add_toxic}, [proxy]
            case ["proxies", proxy, "toxics", toxic] if proxy and toxic:
                edit = self._change_toxic
                return {
                    "GET": self._show_toxic,
                    "POST": edit,
                    "PATCH": edit,
                    "DELETE": self._remove_toxic,
                }, [proxy, toxic]
        return None

    async def _version(self, request: _Request) -> ApiReply:
        return ApiReply(200, f'{{"version": "{VERSION}"}}\n'.encode(), "application/json;charset=utf-8")

    async def _show_metrics(self, request: _Request) -> ApiReply:
        assert self._proxies.counts is not None
        open_now = [count for proxy in self._proxies.by_name.values() for count in proxy.byte_counts()]
        return ApiReply(200, self._proxies.counts.text(open_now), METRICS_TYPE)

    async def _reset(self, request: _Request) -> ApiReply:
        await self._proxies.reset()
        return ApiReply(204)

    async def _list(self, request: _Request) -> ApiReply:
        return _json({name: proxy.as_json() for name, proxy in sorted(self._proxies.by_name.items())})

    async def _create(self, request: _Request) -> ApiReply:
        proxy = await self._proxies.add(proxy_wanted(request.body, request.warn))
        _warn_of_upstream(proxy, request)
        return _json(proxy.as_json(), 201)

    async def _show(self, request: _Request, name: str) -> ApiReply:
        return _json(self._proxies.get(name).as_json())

    async def _update(self, request: _Request, name: str) -> ApiReply:
        proxy = self._proxies.get(name)
        given = proxy_changes(request.body, request.warn)
        await proxy.update(
            given.get("listen", proxy.listen),
            given.get("upstream", proxy.upstream),
            given.get("enabled", proxy.enabled),
        )
        if "upstream" in given:
            _warn_of_upstream(proxy, request)
        return _json(proxy.as_json())

    async def _delete(self, request: _Request, name: str) -> ApiReply:
        await self._proxies.remove(name)
        return ApiReply(204)

    async def _list_toxics(self, request: _Request, name: str) -> ApiReply:
        return _json([toxic.as_json() for toxic in self._proxies.get(name).toxics])

    async def _add_toxic(self, request: _Request, name: str) -> ApiReply:
        proxy = self._proxies.get(name)
        toxic = new_toxic(request.body, [present.name for present in proxy.toxics], request.warn)
        await proxy.set_toxics([*proxy.toxics, toxic])
        return _json(toxic.as_json())

    async def _show_toxic(self, request: _Request, name: str, label: str) -> ApiReply:
        return _json(_toxic(self._proxies.get(name), label).as_json())

    async def _change_toxic(self, request: _Request, name: str, label: str) -> ApiReply:
        proxy = self._proxies.get(name)
        old = _toxic(proxy, label)
        new = changed_toxic(request.body, old, request.warn)
        await proxy.set_toxics([new if toxic is old else toxic for toxic in proxy.toxics])
        return _json(new.as_json())

    async def _remove_toxic(self, request: _Request, name: str, label: str) -> ApiReply:
        proxy = self._proxies.get(name)
        gone = _toxic(proxy, label)
        await proxy.set_toxics([toxic for toxic in proxy.toxics if toxic is not gone])
        return ApiReply(204)


_REFUSALS = (BadBody, ApiError, UsageError)


def _refusal(error: BadBody | ApiError | UsageError) -> tuple[int, str]:
    """Return status and text."""
    if isinstance(error, BadBody):
        return 400, f"bad request body: {error}"
    return (error.status if isinstance(error, ApiError) else 400), str(error)


def _warn_of_upstream(proxy: Proxy, request: _Request) -> None:
    """Toxiproxy takes every upstream, and says in its log, once clients come, what is wrong with it."""
    try:
        dial_address(proxy.upstream)
    except AddressError as error:
        request.warn(
            f"upstream of the proxy {proxy.name}: {error}. Every connection will end at once. "
            "Expected such as 127.0.0.1:6379"
        )


def _json(value: object, status: int = 200) -> ApiReply:
    return ApiReply(status, json.dumps(value, separators=(",", ":")).encode(), _JSON)


def _toxic(proxy: Proxy, label: str) -> Toxic:
    for toxic in proxy.toxics:
        if toxic.name == label:
            return toxic
    raise ApiError("toxic not found", 404)
