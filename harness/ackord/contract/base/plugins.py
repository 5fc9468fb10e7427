"""Load a plug-in by its entry point's name, validate its settings, and check what it returns.

A contract's file says ``hook: {name: ..., settings: {...}}``. An installed package registers the name under an entry
point: a signing scheme, an extractor, a statement parser. The file itself never holds code.

Theory. Plug-in code is the user's own: it is trusted to run, but not to be correct. Settings that it refuses are an
error in the contract, reported with their place. If it raises anything else, or returns a wrong value, the caller
reports the same failure as for malformed data from a provider.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, Field, PrivateAttr, ValidationError, ValidationInfo, model_validator

from ...core.registry import Registry
from ...errors import UnknownNameError, UsageError
from .body_parsing import MAX_INFLATED, UnreadableBody, UnwritableBody, shortened
from .contract_error import ContractError
from .field_types import StrictModel

__all__ = [
    "Plugin",
    "check_plain",
    "check_reader_writer",
    "checked_writer",
    "failure_reason",
    "is_plain",
]

MAX_DEPTH = 100
"""How deep a document may be nested."""
_MAX_BITS = 1024
"""Of a whole number: Python writes larger ones slowly, or not at all."""
_MAX_REASON = 200


class _PluginFactory(Protocol):
    """What a package registers."""

    @property
    def name(self) -> str: ...

    @property
    def settings(self) -> Any:
        """The model of its settings."""
        ...


class _ReaderWriter(Protocol):
    """What is made of it, where it reads and writes."""

    @property
    def read(self) -> Callable[..., Any]: ...

    @property
    def write(self) -> Callable[[Any], bytes] | None: ...

    @property
    def content_type(self) -> str: ...


T = TypeVar("T", bound=_PluginFactory)
M = TypeVar("M")


class Plugin(StrictModel):
    """Something that an installed package registers under an entry point, by its name."""

    name: str = Field(min_length=1, description="Its name, as the package registers it.")
    settings: Any = Field(default={}, description="Its settings: what they are, the package says.")
    _folder: Path = PrivateAttr(default=Path())

    @model_validator(mode="after")
    def _beside_the_contract(self, info: ValidationInfo) -> Plugin:
        self._folder = (info.context or {}).get("folder", Path())
        return self

    def made(self, things: Registry[T], group: str, kind: type[T], factory_of: Callable[[T], Callable[[Any], M]]) -> M:
        """Create the plug-in from its settings. ``group`` is the entry point, ``kind`` what must be registered there.

        Raises ``ContractError``.
        """
        thing = self._found(things, group, kind)
        settings = self._settings_for(thing, things.kind)
        try:
            return factory_of(thing)(settings)
        except ContractError as error:
            raise error.under("settings") from None
        except Exception as error:
            problem = f"the {things.kind} {self.name} cannot be made from them: {failure_reason(error)}"
            raise ContractError(("settings",), problem) from error

    def _found(self, things: Registry[T], group: str, kind: type[T]) -> T:
        try:
            things.load_outsiders(group, kind, lambda thing: thing.name)
            return things.get(self.name)
        except UnknownNameError as error:
            mend = f"install the package that brings it; it names a {kind.__name__} under the entry point {group}"
            raise ContractError(("name",), str(error), mend=mend) from None
        except UsageError as error:
            raise ContractError(("name",), str(error)) from None

    def _settings_for(self, thing: _PluginFactory, kind: str) -> Any:
        model = thing.settings
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise ContractError(("name",), f"the {kind} {self.name} takes no settings as a mapping")
        try:
            return model.model_validate(self.settings, context={"folder": self._folder})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            field = first.get("ctx", {}).get("field")
            path = ("settings", *first["loc"], *([field] if field else []))
            raise ContractError(path, first["msg"]) from None


def check_reader_writer(made: _ReaderWriter, kind: type[_ReaderWriter]) -> None:
    """What a package made, before it is relied on. Raises ``ContractError``."""
    if not isinstance(made, kind) or not callable(made.read) or not (made.write is None or callable(made.write)):
        raise ContractError(("name",), f"it did not make {kind.__name__}, with functions that read and write")
    text = made.content_type
    if not (isinstance(text, str) and text.isascii() and text.isprintable() and text.strip() == text != ""):
        raise ContractError(("name",), "the content type that it gives cannot stand in a header")


def checked_writer(name: str, ways: _ReaderWriter) -> Callable[[Any], bytes] | None:
    """How it writes, with ``UnwritableBody`` for whatever goes wrong; ``None`` if it does not."""
    write = ways.write
    if write is None:
        return None

    def checked(content: Any) -> bytes:
        try:
            written = write(content)
        except Exception as error:
            raise UnwritableBody(f"{name} cannot write it: {failure_reason(error)}") from None
        if type(written) is not bytes:
            raise UnwritableBody(f"{name} wrote {type(written).__name__}, expected bytes")
        return written

    return checked


def failure_reason(error: Exception) -> str:
    """What somebody else's exception says, on one line; not even its text is trusted."""
    try:
        text = shortened(str(error), _MAX_REASON)
    except Exception:
        text = ""
    name = "" if isinstance(error, UnreadableBody) and text else type(error).__name__
    return ": ".join(filter(None, (name, text)))


def is_plain(value: Any) -> bool:
    """Whether a value is a text, a number, true, false or null, as JSON has them."""
    kind = type(value)
    if kind is int:
        return bool(value.bit_length() <= _MAX_BITS)
    return math.isfinite(value) if kind is float else kind in (str, bool, type(None))


def check_plain(document: Any) -> None:
    """Check that a value could have been parsed from JSON.

    Raises ``UnreadableBody`` for other types, keys that are not text, a cycle, or too many values.
    """
    left, size = [(document, 0)], 0
    while left:
        value, depth = left.pop()
        if type(value) is dict:
            if not all(type(key) is str for key in value):
                raise UnreadableBody("a key in it is no text")
            size += sum(map(len, value))
            left += [(item, depth + 1) for item in value.values()]
        elif type(value) is list:
            left += [(item, depth + 1) for item in value]
        elif not is_plain(value):
            raise UnreadableBody(f"there is {type(value).__name__} in it, which is nothing that JSON has")
        size += len(value) if type(value) is str else 1
        if depth > MAX_DEPTH or size + len(left) > MAX_INFLATED:
            raise UnreadableBody("it is too large, or nested too deeply")
