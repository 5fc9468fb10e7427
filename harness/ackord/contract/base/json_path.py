"""Compile the small subset of JSONPath that contracts use.

Grammar: ``$`` is the whole response; ``.name`` and ``['any text']`` go into an object; ``[0]`` goes into a list, and
``[name=text]`` to the first of its objects whose field ``name`` is ``text``, as lists have it whose elements say what
they are (``$.totals[type=total].amount``). There are no wildcards and no other filters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeAlias

__all__ = ["MISSING", "JsonGetter", "NamedElement", "Step", "compile_path", "split_path", "without_places"]


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""What a getter returns when nothing stands at its place; ``None`` is a JSON null that does stand there."""

JsonGetter = Callable[[Any], Any]


class NamedElement(NamedTuple):
    """A step to the first object of a list whose ``field`` is ``text``."""

    field: str
    text: str

    def index_in(self, items: list[Any]) -> int | None:
        """Return where it stands, or ``None``. Numbers and truth values are no texts."""
        field, text = self
        return next((at for at, item in enumerate(items) if type(item) is dict and item.get(field) == text), None)


Step: TypeAlias = str | int | NamedElement

_NAME = "[A-Za-z_][A-Za-z0-9_-]*"
_STEP = re.compile(rf"\.({_NAME})|\[(\d{{1,6}})\]|\['([^']*)'\]|\[({_NAME})=([A-Za-z0-9_.:/-]+)\]")


def split_path(path: str) -> tuple[Step, ...]:
    """``$.a[0].b`` to ``("a", 0, "b")``. Raises ``ValueError`` that shows where the path stops making sense."""
    if not path.startswith("$"):
        raise ValueError(f"{path!r} is not a place in a JSON answer: it starts with $, as in $.a.b[0].c")
    steps: list[Step] = []
    at = 1
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None:
            raise ValueError(
                f"{path!r} cannot be read from {path[at:]!r} on: expected .name, [0], ['any text'] or "
                "[type=total]; wildcards and other filters are not supported"
            )
        name, index, quoted, field, text = match.groups()
        if field is not None:
            steps.append(NamedElement(field, text))
        else:
            steps.append(int(index) if index is not None else name if name is not None else quoted)
        at = match.end()
    return tuple(steps)


def _index_of(step: Step, items: list[Any]) -> Step | None:
    return step.index_in(items) if isinstance(step, NamedElement) else step


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
                continue
            if type(document) is not list:
                return MISSING
            index = step.index_in(document) if isinstance(step, NamedElement) else step
            if index is None or index >= len(document):  # type: ignore[operator]
                return MISSING
            document = document[index]  # type: ignore[index]
        return document

    return get


def without_places(value: Any, paths: list[tuple[Step, ...]]) -> Any:
    """Return a copy of plain data without what stands at ``paths``."""
    if isinstance(value, list):
        paths = [(at, *path[1:]) for path in paths if path and (at := _index_of(path[0], value)) is not None]
    here = {path[0]: [p[1:] for p in paths if p[:1] == path[:1]] for path in paths if path}
    if isinstance(value, dict):
        items: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return value
    kept = {k: without_places(v, [p for p in here.get(k, []) if p]) for k, v in items if () not in here.get(k, [])}
    return kept if isinstance(value, dict) else list(kept.values())
