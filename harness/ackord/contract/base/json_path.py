"""Compile the small subset of JSONPath that contracts use.

Grammar: ``$`` is the whole response; ``.name`` and ``['any text']`` go into an object; ``[0]`` goes into a list. There
are no wildcards and no filters: a contract states where a value is, it does not search for it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

__all__ = ["MISSING", "JsonGetter", "compile_path", "split_path", "without_places"]


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""What a getter returns when nothing stands at its place; ``None`` is a JSON null that does stand there."""

JsonGetter = Callable[[Any], Any]

_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,6})\]|\['([^']*)'\]")


def split_path(path: str) -> tuple[str | int, ...]:
    """``$.a[0].b`` to ``("a", 0, "b")``. Raises ``ValueError`` that shows where the path stops making sense."""
    if not path.startswith("$"):
        raise ValueError(f"{path!r} is not a place in a JSON answer: it starts with $, as in $.a.b[0].c")
    steps: list[str | int] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(
                f"{path!r} cannot be read from {path[at:]!r} on: expected .name, [0] or ['any text']; wildcards and "
                "filters are not supported"
            )
        name, index, quoted = match.groups()
        steps.append(int(index) if index is not None else name if name is not None else quoted)
        at = match.end()
    return tuple(steps)


def compile_path(path: str) -> JsonGetter:
    """Return a function that reads the value at ``path`` from a parsed response, or ``MISSING``; it never raises.

    Raises ``ValueError`` for a bad path.
    """
    steps = split_path(path)
    if not steps:
        return lambda document: document
    if len(steps) == 1 and isinstance(steps[0], str):
        only = steps[0]
        return lambda document: document.get(only, MISSING) if type(document) is dict else MISSING

    def get(document: Any) -> Any:
        for step in steps:
            if type(step) is str:
                if type(document) is not dict:
                    return MISSING
                document = document.get(step, MISSING)
            elif type(document) is list and step < len(document):  # type: ignore[operator]
                document = document[step]  # type: ignore[index]
            else:
                return MISSING
        return document

    return get


def without_places(value: Any, paths: list[tuple[str | int, ...]]) -> Any:
    """Return a copy of plain data without what stands at ``paths``."""
    here = {path[0]: [p[1:] for p in paths if p[:1] == path[:1]] for path in paths if path}
    if isinstance(value, dict):
        items = value.items()
        return {k: without_places(v, [p for p in here.get(k, []) if p]) for k, v in items if () not in here.get(k, [])}
    if isinstance(value, list):
        return [
            without_places(v, [p for p in here.get(i, []) if p])
            for i, v in enumerate(value)
            if () not in here.get(i, [])
        ]
    return value
