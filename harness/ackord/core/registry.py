"""Registers guarantees, faults, reports and flaws by name. A name can be registered only once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, NamedTuple, TypeVar

from ..errors import UnknownNameError, UsageError

__all__ = ["InstalledPlugin", "Registry"]

T = TypeVar("T")


class InstalledPlugin(NamedTuple):
    """What another package registers."""

    kind: str
    """``fault``."""
    name: str
    value: str
    """Where it is: ``acme.faults:HolidayBank``."""
    package: str
    """``acme-ackord 1.2``; empty if it is not known."""
    problem: str
    """Why it cannot be used; empty if it can."""


def _loaded(point: EntryPoint, kind: type[T]) -> T:
    """Raises whatever the package raises, and ``TypeError`` for another thing than a ``kind``."""
    thing = point.load()
    if not isinstance(thing, kind):
        raise TypeError(f"expected a {kind.__name__}, found {type(thing).__name__}")
    return thing


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
                thing = _loaded(point, kind)
                self.add(name_of(thing), thing)
            except Exception as error:
                raise UsageError(
                    f"the {self.kind} {point.name!r} of the entry point {point.value!r} cannot be used: {error}. "
                    "Mend or uninstall the package that brings it."
                ) from error
        self._outsiders_loaded = True

    def outsiders(self, group: str, kind: type[T], name_of: Callable[[T], str]) -> Iterator[InstalledPlugin]:
        """Try every plug-in that other packages register under the entry point ``group``. Registers nothing."""
        seen = dict(self._things)
        for point in entry_points(group=group):
            problem = ""
            try:
                thing = _loaded(point, kind)
                if seen.setdefault(name_of(thing), thing) is not thing:
                    problem = f"a {self.kind} called {name_of(thing)!r} is registered already"
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
            package = "" if point.dist is None else f"{point.dist.name} {point.dist.version}"
            yield InstalledPlugin(self.kind, point.name, point.value, package, problem)

    def names(self) -> list[str]:
        return list(self._things)

    def __iter__(self) -> Iterator[T]:
        return iter(self._things.values())

    def __len__(self) -> int:
        return len(self._things)

    def __contains__(self, name: object) -> bool:
        return name in self._things
