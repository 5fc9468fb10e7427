"""Things that are looked up by name: guarantees, faults, reports, flaws. A name is given once; a second one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from ..errors import UnknownNameError

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to things, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}

    def add(self, name: str, thing: T) -> T:
        """Register ``thing``. Raises ``ValueError`` if the name is taken: two plug-ins may not silently shadow each other."""
        if name in self._things:
            raise ValueError(f"a {self.kind} called {name!r} is registered already")
        self._things[name] = thing
        return thing

    def get(self, name: str) -> T:
        """Raises ``UnknownNameError``, which names the nearest."""
        try:
            return self._things[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._things) from None

    def names(self) -> list[str]:
        return list(self._things)

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, name: object) -> bool:
        return name in self._things
