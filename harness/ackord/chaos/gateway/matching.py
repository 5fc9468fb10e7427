"""Decides which requests a rule may hit: by identity and, only if a rule asks for it, by headers and body fields."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ...contract.base.json_path import MISSING, JsonGetter, compile_path
from ...errors import UsageError
from ..faults.edge_views import RequestView
from .identity import RequestIdentity

__all__ = ["KNOWN", "RequestMatcher", "pattern"]

KNOWN = ("operation", "attempt", "order", "node", "header", "body")
"""The names in a ``match``."""


def pattern(text: str) -> Callable[[str], bool]:
    """Return a test for texts like ``text``, in which ``*`` and ``?`` match any characters; nothing else is special."""
    if "*" not in text and "?" not in text:
        return text.__eq__
    met = re.compile(fnmatch.translate(text.replace("[", "[[]"))).match
    return lambda value: met(value) is not None


class RequestMatcher:
    """A rule's ``match``, compiled. An empty one matches every request."""

    __slots__ = ("_attempts", "_bodies", "_headers", "_is_keyed", "_nodes", "_operations", "_orders", "looks")

    def __init__(self, match: Mapping[str, Any], where: str) -> None:
        """``match`` has known names only (``KNOWN``). Raises ``UsageError`` for an invalid value."""
        self._operations, self._attempts, self._orders, self._nodes = (
            _values(match[name], f"{where}.{name}") if match.get(name) else None for name in KNOWN[:4]
        )
        self._is_keyed = any(each is not None for each in (self._operations, self._attempts, self._orders))
        """Whether only a request of a known operation can match: a foreign merchant's that is not recognised has no
        operation, attempt or order.
        """
        self._headers = [
            (name.lower(), pattern(_text(value, f"{where}.header.{name}")))
            for name, value in _object(match.get("header") or {}, f"{where}.header").items()
        ]
        self._bodies = [
            (_path(path, f"{where}.body"), _wanted(value, f"{where}.body.{path}"))
            for path, value in _object(match.get("body") or {}, f"{where}.body").items()
        ]

        self.looks = bool(self._headers or self._bodies)
        """Whether it needs the request's headers or body."""

    def __call__(self, who: RequestIdentity, node: str, shown: RequestView | None) -> bool:
        """``shown`` is needed if it ``looks``."""
        if self._is_keyed:
            if not who.operation or (self._operations is not None and who.operation not in self._operations):
                return False
            if self._attempts is not None and who.attempt not in self._attempts:
                return False
            if self._orders is not None and who.ordinal not in self._orders:
                return False
        if self._nodes is not None and node not in self._nodes:
            return False
        if not self.looks:
            return True
        if shown is None:
            return False
        for header, wanted in self._headers:
            if not any(map(wanted, shown.header(header))):
                return False
        if self._bodies:
            document = shown.document()
            return document is not MISSING and all(met(get(document)) for get, met in self._bodies)
        return True


def _values(values: Any, where: str) -> frozenset[str | int]:
    if isinstance(values, str) or not isinstance(values, Collection):
        raise UsageError(f"{where} is {values!r}. Expected a list")
    for value in values:
        if not isinstance(value, str | int):
            raise UsageError(f"{where} has {value!r}. Expected names or whole numbers")
    return frozenset(values)


def _object(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{where} is {value!r}. Expected an object")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{where} is {value!r}. Expected text, in which * and ? stand for any characters")
    return value


def _path(path: str, where: str) -> JsonGetter:
    try:
        return compile_path(path)
    except ValueError as error:
        raise UsageError(f"{where}: {error}") from None


def _wanted(value: Any, where: str) -> Callable[[Any], bool]:
    if isinstance(value, str):
        met = pattern(value)
        return lambda found: isinstance(found, str) and met(found)
    if value is None or isinstance(value, bool):
        return lambda found: found is value
    if isinstance(value, int | float):
        return lambda found: isinstance(found, int | float) and not isinstance(found, bool) and found == value
    raise UsageError(f"{where} is {value!r}. Expected text, a number, true, false or null")
