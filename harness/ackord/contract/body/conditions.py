"""Compile conditions on an answer (``when``), choose the first rule that holds, and give values that meet them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any, Generic, TypeVar

from ..base.json_path import MISSING
from ..base.patterns import compile_pattern
from .selectors import compile_selector

__all__ = ["RuleTable", "Test", "all_hold", "example_of", "matcher", "status_codes", "test_of"]

Test = Callable[[Any, Mapping[str, str], Any], bool]
"""Of a document, headers and a row."""

T = TypeVar("T")


def status_codes(wanted: Any) -> frozenset[int]:
    """The codes of ``404``, ``[200, 202]`` or ``5xx``."""
    codes: set[int] = set()
    for item in wanted if isinstance(wanted, list) else [wanted]:
        codes |= {item} if isinstance(item, int) else set(range(int(item[0]) * 100, int(item[0]) * 100 + 100))
    return frozenset(codes)


def test_of(key: str, wanted: Any) -> Test:
    """One condition; ``key`` is a place. Raises ``ValueError`` for a place that cannot be."""
    get, holds = compile_selector(key), matcher(wanted)
    return lambda document, headers, row: holds(get(document, headers, row))


def all_hold(when: Mapping[str, Any]) -> Callable[[int, Any, Mapping[str, str]], bool]:
    """All conditions of a ``when`` that stands alone, over an answer's status, document and headers."""
    codes = status_codes(when["status"]) if "status" in when else None
    tests = [test_of(key, wanted) for key, wanted in when.items() if key != "status"]

    def hold(status: int, document: Any, headers: Mapping[str, str]) -> bool:
        return (codes is None or status in codes) and all(test(document, headers, MISSING) for test in tests)

    return hold


class RuleTable(Generic[T]):
    """Rules on answers in their order, each with a value; the first whose conditions all hold wins."""

    __slots__ = ("_any_status", "_by_status")

    def __init__(self, rules: Iterable[tuple[Mapping[str, Any], T]]) -> None:
        """Each rule is its ``when`` and its value. Raises ``ValueError`` for a place that cannot be."""
        compiled = [
            (
                status_codes(when["status"]) if "status" in when else None,
                (tuple(test_of(key, wanted) for key, wanted in when.items() if key != "status"), value),
            )
            for when, value in rules
        ]
        # Dispatched by status code, so that few rules are tried.
        named = frozenset[int]().union(*(codes for codes, _ in compiled if codes is not None))
        self._by_status = {
            code: tuple(rule for codes, rule in compiled if codes is None or code in codes) for code in named
        }
        self._any_status = tuple(rule for codes, rule in compiled if codes is None)

    def first(self, status: int, document: Any, headers: Mapping[str, str], row: Any = MISSING) -> T | None:
        """Return the value of the rule that an answer meets; ``None`` if it meets none."""
        for tests, value in self._by_status.get(status, self._any_status):
            for test in tests:
                if not test(document, headers, row):
                    break
            else:
                return value
        return None


def example_of(wanted: Any) -> Any:
    """Return a value that meets a condition; ``MISSING`` if nothing may stand there.

    Raises ``ValueError`` for a pattern without an example.
    """
    if isinstance(wanted, list):
        return wanted[0]
    if not isinstance(wanted, dict):
        return wanted
    if "regex" in wanted:
        if "example" not in wanted:
            plain = re.fullmatch(r"\^?((?:[\w \-]|[^\x00-\x7f])+)\$?", wanted["regex"])
            if plain is None:
                raise ValueError(f"no text is known that matches {wanted['regex']!r}: add example: beside it")
            return plain[1]
        return wanted["example"]
    if "empty" in wanted:
        return [] if wanted["empty"] else ["x"]
    return "x" if wanted["exists"] else MISSING


def matcher(wanted: Any) -> Callable[[Any], bool]:
    if isinstance(wanted, dict):
        way, value = next(iter(wanted.items()))
        return _MATCHERS[way](value)
    # The type belongs to the value: in JSON 1, 1.0, true and "1" are four things; Python calls three of them equal.
    values = {(type(v), v) for v in (wanted if isinstance(wanted, list) else [wanted])}
    if all(kind is str for kind, _ in values):
        words = frozenset(v for _, v in values)
        return lambda value: type(value) is str and value in words
    kinds = frozenset(kind for kind, _ in values)
    return lambda value: type(value) in kinds and (type(value), value) in values


def _exists(expected: bool) -> Callable[[Any], bool]:
    return lambda value: (value is not MISSING and value is not None) is expected


def _empty(expected: bool) -> Callable[[Any], bool]:
    def holds(value: Any) -> bool:
        nothing = value is MISSING or value is None
        return (nothing or (isinstance(value, Sized) and len(value) == 0)) is expected

    return holds


def _regex(pattern: str) -> Callable[[Any], bool]:
    search = compile_pattern(pattern)
    return lambda value: type(value) is str and search(value) is not None


_MATCHERS: dict[str, Callable[[Any], Callable[[Any], bool]]] = {"exists": _exists, "empty": _empty, "regex": _regex}
