"""Validates the bodies of Toxiproxy's interface in its order and with its error texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import UsageError, did_you_mean
from ..links.kinds import TOXICS
from ..links.kinds.base import DOWNSTREAM, STREAMS, Toxic
from .gojson import BadBody, GoField, kind_of, read, take
from .proxies import ApiError

__all__ = ["changed_toxic", "new_toxic", "proxies_wanted", "proxy_changes", "proxy_wanted"]

Json = dict[str, Any]
Wanted = tuple[str, str, str, bool]
"""Name, listen, upstream, enabled."""

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


def proxy_wanted(body: bytes) -> Wanted:
    """Parse the body of ``POST /proxies``."""
    value = read(body)
    given = take(value, _PROXY_TYPE, _PROXY)
    _need(given, "")
    _refuse_unknown(value, "field of a proxy", _PROXY, _SEEN_IN_ANSWERS)
    return _wanted(given)


def proxies_wanted(body: bytes) -> list[Wanted]:
    """Parse the body of ``POST /populate``; all of it is checked before anything is made."""
    value = read(body)
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadBody(f"json: cannot unmarshal {kind_of(value)} into Go value of type []{_ENTRY_TYPE}")
    entries = [take(each, _ENTRY_TYPE, _ENTRY) for each in value]
    for number, given in enumerate(entries, 1):
        _need(given, f" at proxy {number}")
    for each in value:
        _refuse_unknown(each, "field of a proxy", _PROXY, _SEEN_IN_ANSWERS)
    return [_wanted(given) for given in entries]


def proxy_changes(body: bytes) -> Json:
    """Parse the body of ``PATCH /proxies/{proxy}``: the given ones of ``listen``, ``upstream`` and ``enabled``."""
    value = read(body)
    given = take(value, _PROXY_TYPE, _PROXY)
    _refuse_unknown(value, "field of a proxy", _PROXY, _SEEN_IN_ANSWERS)
    given.pop("name", None)  # the path names it
    return given


def new_toxic(body: bytes, taken: Iterable[str]) -> Toxic:
    """Parse the body of ``POST /proxies/{proxy}/toxics``. ``taken``: names of existing toxics."""
    value = read(body)
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
    _refuse_unknown(value, "field of a toxic", _TOXIC)
    return kind.from_attributes(attributes, name=name, stream=stream, toxicity=given.get("toxicity", 1.0))


def changed_toxic(body: bytes, old: Toxic) -> Toxic:
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
    _refuse_unknown(value, "field of a toxic", _TOXIC)
    return kind.from_attributes(
        attributes, name=old.name, stream=old.stream, toxicity=given.get("toxicity", old.toxicity)
    )


def _need(given: Mapping[str, Any], where: str) -> None:
    for field in ("name", "upstream"):
        if not given.get(field):
            raise ApiError(f"missing required field: {field}{where}", 400)


def _wanted(given: Mapping[str, Any]) -> Wanted:
    return given["name"], given.get("listen", ""), given["upstream"], given.get("enabled", True)


def _attributes(kind: type[Toxic], value: Any) -> Json:
    """Return integers by Toxiproxy's names."""
    go_type = "int" if kind.kind == "slicer" else "int64"
    struct = _GO_TYPES[kind.kind]
    fields = {name: GoField(go_type, f"{struct}.attributes.{name}") for name in kind.attributes}
    taken = take(value, struct, fields)
    _refuse_unknown(value, f"attribute of the toxic {kind.kind}", kind.attributes)
    return taken


def _refuse_unknown(value: Any, what: str, known: Iterable[str], passed_over: Iterable[str] = ()) -> None:
    """Refuse unknown fields. Toxiproxy accepts them silently, and a misspelt toxic then does nothing."""
    names = list(known)
    for field in value or {}:
        if field.lower() not in (*names, *passed_over):
            raise UsageError(
                f'no {what} is called "{field}".{did_you_mean(field, names)} Known: {", ".join(names) or "none"}'
            )
