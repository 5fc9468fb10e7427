"""Validates the bodies of Toxiproxy's interface in its order and with its error texts.

Unknown fields are accepted, as Toxiproxy does, because published clients send some (noxious-client ``direction``,
toxiproxy-node ``upstream_toxics``), but not in silence: each is a warning. An unknown attribute of a toxic is refused:
no client sends one, and a toxic whose latency was misspelt does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...errors import UnknownNameError, UsageError, did_you_mean
from ..links.kinds import TOXICS
from ..links.kinds.base import DOWNSTREAM, STREAMS, Toxic
from .gojson import BadBody, GoField, kind_of, read, take
from .proxies import ApiError, ProxyWanted

__all__ = ["Warn", "changed_toxic", "new_toxic", "proxies_wanted", "proxy_changes", "proxy_wanted"]

Json = dict[str, Any]
Warn = Callable[[str], None]
"""Is told what was passed over."""

_KINDS = {kind.kind: kind for kind in TOXICS if kind.kind != "down"}
_GO_TYPES = {
    "latency": "LatencyToxic",
    "bandwidth": "BandwidthToxic",
    "slow_close": "SlowCloseToxic",
    "timeout": "TimeoutToxic",
    "reset_peer": "ResetToxic",
    "slicer": "SlicerToxic",
    "limit_data": "LimitDataToxic",
    "noop": "NoopToxic",
}
_PROXY_TYPE = "toxiproxy.Proxy"
_ENTRY_TYPE = 'struct { toxiproxy.Proxy; Enabled *bool "json:\\"enabled\\"" }'
_CHANGE_TYPE = 'struct { Attributes interface {} "json:\\"attributes\\""; Toxicity float32 "json:\\"toxicity\\"" }'
_NAMES = ("name", "listen", "upstream")
_PROXY = {**{name: GoField("string", f"Proxy.{name}") for name in _NAMES}, "enabled": GoField("bool", "Proxy.enabled")}
_ENTRY = {**{name: GoField("string", f".Proxy.{name}") for name in _NAMES}, "enabled": GoField("bool", ".enabled")}
_TOXIC = {
    "attributes": GoField("toxics.NoopToxic", "ToxicWrapper.attributes"),
    **{name: GoField("string", f"ToxicWrapper.{name}") for name in ("name", "type", "stream")},
    "toxicity": GoField("float32", "ToxicWrapper.toxicity"),
}
_SEEN_IN_ANSWERS = ("toxics", "logger")
"""Fields of answers that a client may send back."""


def proxy_wanted(body: bytes, warn: Warn) -> ProxyWanted:
    """Parse the body of ``POST /proxies``."""
    value = read(body)
    given = take(value, _PROXY_TYPE, _PROXY)
    _need(given, "")
    return _wanted(given, value, warn)


def proxies_wanted(body: bytes, warn: Warn) -> list[ProxyWanted]:
    """Parse the body of ``POST /populate``; all of it is checked before anything is made."""
    value = read(body)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadBody(f"json: cannot unmarshal {kind_of(value)} into Go value of type []{_ENTRY_TYPE}")
    entries = [take(each, _ENTRY_TYPE, _ENTRY) for each in value]
    for number, given in enumerate(entries, 1):
        _need(given, f" at proxy {number}")
    return [_wanted(given, each, warn) for given, each in zip(entries, value, strict=True)]


def proxy_changes(body: bytes, warn: Warn) -> Json:
    """Parse the body of ``PATCH /proxies/{proxy}``: the given ones of ``listen``, ``upstream`` and ``enabled``.

    ``toxics`` are not among them: Go's client sends back what it saw last, which others may have changed since.
    """
    value = read(body)
    given = take(value, _PROXY_TYPE, _PROXY)
    _warn_of_unknown(value, "field of a proxy", _PROXY, warn)
    given.pop("name", None)  # the path names it
    return given


def new_toxic(body: bytes, taken: Iterable[str], warn: Warn) -> Toxic:
    """Parse the body of ``POST /proxies/{proxy}/toxics``. ``taken``: names of existing toxics."""
    return _toxic(read(body), taken, warn)


def _toxic(value: Any, taken: Iterable[str], warn: Warn) -> Toxic:
    given = take(value, "toxics.ToxicWrapper", _TOXIC)
    stream = given.get("stream", DOWNSTREAM).lower()
    if stream not in STREAMS:
        raise ApiError("stream was invalid, can be either upstream or downstream", 400)
    kind = _KINDS.get(given.get("type", ""))
    if kind is None:
        raise ApiError("invalid toxic type", 400)
    name = given.get("name") or f"{kind.kind}_{stream}"
    if name in taken:
        raise ApiError("toxic already exists", 409)
    attributes = _attributes(kind, given.get("attributes", {}))
    toxic = kind.from_attributes(attributes, name=name, stream=stream, toxicity=given.get("toxicity", 1.0))
    _warn_of_unknown(value, "field of a toxic", _TOXIC, warn)
    return toxic


def changed_toxic(body: bytes, old: Toxic, warn: Warn) -> Toxic:
    """Parse the body of ``PATCH /proxies/{proxy}/toxics/{toxic}``: attributes and toxicity; other
    fields are ignored.
    """
    kind = type(old)
    fields = {
        "attributes": GoField(f"toxics.{_GO_TYPES[kind.kind]}", ".attributes"),
        "toxicity": GoField("float32", ".toxicity"),
    }
    value = read(body)
    given = take(value, _CHANGE_TYPE, fields)
    attributes = {**old.as_json()["attributes"], **_attributes(kind, given.get("attributes", {}))}
    toxic = kind.from_attributes(
        attributes, name=old.name, stream=old.stream, toxicity=given.get("toxicity", old.toxicity)
    )
    _warn_of_unknown(value, "field of a toxic", _TOXIC, warn)
    return toxic


def _need(given: Mapping[str, Any], where: str) -> None:
    for field in ("name", "upstream"):
        if not given.get(field):
            raise ApiError(f"missing required field: {field}{where}", 400)


def _wanted(given: Mapping[str, Any], value: Any, warn: Warn) -> ProxyWanted:
    """Toxiproxy passes over ``toxics`` in silence, so a proxy that was written down and made again would be healthy;
    here it gets them.
    """
    toxics: list[Toxic] = []
    shown = next((each for field, each in value.items() if field.lower() == "toxics"), None)
    if isinstance(shown, list):
        for number, each in enumerate(shown, 1):
            try:
                toxics.append(_toxic(each, [toxic.name for toxic in toxics], warn))
            except (ApiError, UsageError) as error:
                status = error.status if isinstance(error, ApiError) else 400
                raise ApiError(f"toxic {number} of the proxy {given['name']}: {error}", status) from None
    elif shown:
        warn(f"toxics of the proxy {given['name']} are passed over. Expected a list, got {kind_of(shown)}")
    _warn_of_unknown(value, "field of a proxy", _PROXY, warn)
    return ProxyWanted(
        given["name"], given.get("listen", ""), given["upstream"], given.get("enabled", True), tuple(toxics)
    )


def _attributes(kind: type[Toxic], value: Any) -> Json:
    """Return integers by Toxiproxy's names. Raises ``UnknownNameError`` for one that the toxic does not have."""
    go_type = "int" if kind.kind == "slicer" else "int64"
    struct = _GO_TYPES[kind.kind]
    fields = {name: GoField(go_type, f"{struct}.attributes.{name}") for name in kind.attributes}
    taken = take(value, struct, fields)
    for field in value or {}:
        if field.lower() not in kind.attributes:
            raise UnknownNameError(f"attribute of the toxic {kind.kind}", field, kind.attributes)
    return taken


def _warn_of_unknown(value: Any, what: str, known: Iterable[str], warn: Warn) -> None:
    names = list(known)
    for field in value or {}:
        if field.lower() not in (*names, *_SEEN_IN_ANSWERS):
            warn(f'no {what} is called "{field}".{did_you_mean(field, names)} Known: {", ".join(names)}')
