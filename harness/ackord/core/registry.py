"""Registers guarantees, faults, reports and flaws by name. A name can be registered only once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

from ..errors import UnknownNameError, UsageError

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to objects, in the order of registration."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._things: dict[str, T] = {}
        self._outsiders_loaded = False

    def add(self, name: str, thing: T) -> T:
        """Register ``thing``. Raises ``ValueError`` if the name is taken: two plug-ins may not silently shadow each
        other.
        """
        if name in self._things:
            raise ValueError(f"a {self.kind} called {name!r} is registered already")
        self._things[name] = thing
        return thing

    def get(self, name: str) -> T:
        """Return the object of this name. Raises ``UnknownNameError``, which suggests the nearest name."""
        try:
            return self._things[name]
        except KeyError:
            raise UnknownNameError(self.kind, name, self._things) from None

    def load_outsiders(self, group: str, kind: type[T], name_of: Callable[[T], str]) -> None:
        """Register the plug-ins of other packages under the entry point ``group``, once. Raises ``UsageError`` for one
        that cannot be used.
        """
        if self._outsiders_loaded:
            return
        for point in entry_points(group=group):
            try:
                thing = point.load()
                if not isinstance(thing, kind):
                    raise TypeError(f"expected a {kind.__name__}, found {type(thing).__name__}")
                self.add(name_of(thing), thing)
            except Exception as error:
                raise UsageError(
                    f"the {self.kind} {point.name!r} of the entry point {point.value!r} cannot be used: {error}. "
                    "Mend or uninstall the package that brings it."
                ) from error
        self._outsiders_loaded = True

    def names(self) -> list[str]:
        return list(self._things)

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, name: object) -> bool:
        return name in self._things
