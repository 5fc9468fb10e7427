"""Reads what a project says once of all its runs: ``ackord.toml``, or the table ``[tool.ackord]`` of a
``pyproject.toml``.

Each key is an option of ``ackord certify`` as the command line writes it. ``contracts`` lists what is judged; an entry
may be a table that says more about one of them. Paths are relative to the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from ..errors import FileError, did_you_mean, dotted
from ..run.options.run_options import RunOptions
from .toml_document import TomlDocument, TomlPath, read_toml

__all__ = ["FILE_NAME", "SETTABLE", "ContractEntry", "ProjectSettings", "find_settings", "key_of", "read_settings"]

FILE_NAME = "ackord.toml"
_PYPROJECT = "pyproject.toml"
_TABLE = ("tool", "ackord")

SETTABLE = (
    "target", "profiles", "require", "flaw", "budget", "time_limit", "seed", "out", "inject", "ca", "remote",
    "allow_hosts", "toxiproxy", "callback_port", "postgres_bin", "openapi", "openapi_strict", "repeats", "fail_fast",
    "provider_version",
)  # fmt: skip
"""Options that a file may set, as fields of ``RunOptions``."""
_SAID_ALOUD = {
    "production": "real money may move only where somebody types the provider's name",
    "allow-hooks": "a contract's commands and SQL run only where somebody says so who has read them",
}
"""Options that guard against files, so that no file can set them."""
_PATHS = frozenset({"out", "ca", "postgres_bin", "openapi"})
"""Options that are paths, whatever they look like."""
_OF_THE_WHOLE = frozenset({"out"})
"""Options that an entry cannot have, because they are about all contracts together."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KINDS: Mapping[Any, tuple[type[Any], str]] = {
    str: (str, "text in quotes"),
    bool: (bool, "true or false"),
    int: (int, "a whole number"),
    int | None: (int, "a whole number"),
    Path | None: (str, "a path in quotes"),
    Sequence[str]: (list, 'a list of texts, such as ["one", "two"]'),
}
_FIELDS = {option.name: option for option in fields(RunOptions)}
_TYPES = get_type_hints(RunOptions)


def key_of(option: str) -> str:
    """Return how a file writes an option of ``RunOptions``: ``time-limit``."""
    return option.replace("_", "-")


_OPTIONS = {key_of(name): name for name in SETTABLE}


@dataclass(frozen=True, slots=True)
class ContractEntry:
    """One of the contracts that a project lists."""

    contract: str
    name: str
    """The folder of its evidence; empty: the contract's own name."""
    settings: Mapping[str, Any]
    """Options of ``RunOptions`` that this entry says."""
    at: TomlPath
    """Its place in the file."""


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """What a project's file says, with every path relative to the working folder."""

    document: TomlDocument
    contracts: tuple[ContractEntry, ...]
    settings: Mapping[str, Any]
    """Options of ``RunOptions`` for all contracts."""

    @property
    def path(self) -> Path:
        return self.document.path

    def place(self, option: str, entry: ContractEntry | None) -> str:
        """Return ``file:line`` of what the file says about an option; empty if it says nothing."""
        at = self.at(option, entry)
        return "" if at is None else f"{self.path}:{self.document.line(at)}"

    def at(self, option: str, entry: ContractEntry | None) -> TomlPath | None:
        """Return where the file says an option, for ``entry`` or for all."""
        if entry is not None and option in entry.settings:
            return (*entry.at, key_of(option))
        return (key_of(option),) if option in self.settings else None


def find_settings(start: Path) -> ProjectSettings | None:
    """Return the settings of the nearest folder from ``start`` upwards that has any; ``None`` if none has.

    ``ackord.toml`` comes before ``pyproject.toml`` of the same folder, which does not count without ``[tool.ackord]``.
    Raises ``FileError``.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / FILE_NAME).is_file():
            return read_settings(folder / FILE_NAME)
        project = folder / _PYPROJECT
        if project.is_file() and "ackord" in _tools_of(project):
            return read_settings(project)
    return None


def _tools_of(project: Path) -> Collection[str]:
    """Return the names of the tools that a ``pyproject.toml`` speaks of; none if it is broken, as others will say."""
    try:
        tools = read_toml(project).data.get("tool", {})
    except FileError:
        return ()
    return tools if isinstance(tools, dict) else ()


def read_settings(path: Path) -> ProjectSettings:
    """Read a file of settings. Raises ``FileError`` with the line of whatever is wrong with it."""
    document = read_toml(_shown(path))
    if path.name == _PYPROJECT:
        tools = document.data.get("tool", {})
        table = tools.get("ackord") if isinstance(tools, dict) else None
        if not isinstance(table, dict):
            raise FileError(document.path, None, "it has no table [tool.ackord]", mend="add one, or name another file")
        document = replace(document, data=table, root=_TABLE)
    return _Reader(document).read()


def _shown(path: Path) -> Path:
    """Return a path as a user writes it: relative to the working folder where that is shorter."""
    relative = os.path.relpath(path)
    return Path(relative) if len(relative) < len(str(path)) else path


class _Reader:
    def __init__(self, document: TomlDocument) -> None:
        self._document = document
        self._folder = document.path.parent

    def read(self) -> ProjectSettings:
        known = ("contracts", *_OPTIONS)
        contracts = tuple(self._entries()) if "contracts" in self._document.data else ()
        settings = self._options(self._document.data, (), known)
        self._refuse_two_of_a_name(contracts)
        return ProjectSettings(self._document, contracts, settings)

    def _entries(self) -> Iterator[ContractEntry]:
        listed = self._document.data["contracts"]
        if not isinstance(listed, list) or not listed:
            raise self._document.error(
                ("contracts",),
                "contracts names no contract" if listed == [] else f"contracts cannot be used (got {_told(listed)})",
                expected='a list of names, paths or tables, such as ["mine.yaml", {contract = "theirs.yaml", '
                'target = "http://127.0.0.1:8080"}]',
                mend='write contracts = ["mine.yaml"], or several tables [[contracts]]',
            )
        for number, entry in enumerate(listed):
            yield self._entry(entry, ("contracts", number))

    def _entry(self, entry: Any, at: TomlPath) -> ContractEntry:
        if isinstance(entry, str):
            return ContractEntry(self._contract(entry, at), "", {}, at)
        if not isinstance(entry, dict):
            raise self._document.error(
                at,
                f"{dotted(at)} cannot be used (got {_told(entry)})",
                expected="a contract's name or path, or a table",
            )
        if "contract" not in entry:
            problem = f'the key "contract" is missing in {dotted(at)}'
            raise self._document.error(at, problem, mend='add contract = "mine.yaml"')
        for key in ("contract", "name"):
            if key in entry and not isinstance(entry[key], str):
                raise self._wrong((*at, key), entry[key], "text in quotes")
        name = entry.get("name", "")
        if "name" in entry and not _NAME.fullmatch(name):
            expected = "letters, digits, dots, hyphens and underscores: it becomes the name of a folder"
            raise self._wrong((*at, "name"), name, expected)
        known = ("contract", "name", *(key for key, option in _OPTIONS.items() if option not in _OF_THE_WHOLE))
        settings = self._options(entry, at, known)
        return ContractEntry(self._contract(entry["contract"], (*at, "contract")), name, settings, at)

    def _options(self, table: Mapping[str, Any], at: TomlPath, known: Sequence[str]) -> dict[str, Any]:
        """Return the options that a table sets. Raises ``FileError``."""
        found = {}
        for key, value in table.items():
            if key in _SAID_ALOUD:
                raise self._document.error(
                    (*at, key),
                    f"{dotted((*at, key))} stands in no file: {_SAID_ALOUD[key]}",
                    mend=f"take it out, and give --{key} on the command line",
                )
            if key not in known:
                raise self._document.error(
                    (*at, key),
                    f"{dotted((*at, key))}: there is no such key{' in an entry of contracts' if at else ''}."
                    f"{did_you_mean(key.replace('_', '-'), known)}",
                    expected=f"one of {', '.join(known)}",
                )
            if key in _OPTIONS:
                found[_OPTIONS[key]] = self._value(_OPTIONS[key], value, (*at, key))
        return found

    def _value(self, option: str, value: Any, at: TomlPath) -> Any:
        kind, expected = _KINDS[_TYPES[option]]
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self._wrong(at, value, expected)
        if kind is list:
            return [self._item(item, (*at, number)) for number, item in enumerate(value)]
        if kind is int:
            bounds = _FIELDS[option].metadata["settings"]
            low, high = bounds.get("min", 0), bounds.get("max", 2**63 - 1)
            if not low <= value <= high:
                raise self._wrong(at, value, f"a whole number from {low} to {high}")
        if option in _PATHS and value:
            return Path(self._below(value)) if _TYPES[option] == Path | None else self._below(value)
        return self._placed(value) if option in ("target", "toxiproxy") else value

    def _item(self, item: Any, at: TomlPath) -> str:
        if not isinstance(item, str):
            raise self._wrong(at, item, "text in quotes")
        return self._placed(item)

    def _contract(self, text: str, at: TomlPath) -> str:
        if not text:
            raise self._wrong(at, text, "a contract's name, or the path of a YAML file")
        return self._placed(text)

    def _placed(self, text: str) -> str:
        """Return a name as it is, and a path as it is seen from the working folder."""
        is_path = "://" not in text and ("/" in text or text.endswith((".yaml", ".yml")))
        return self._below(text) if is_path else text

    def _below(self, text: str) -> str:
        if Path(text).is_absolute():
            return text
        found = os.path.relpath(self._folder / text)
        return f"./{found}" if "/" in text and "/" not in found and not found.endswith((".yaml", ".yml")) else found

    def _wrong(self, at: TomlPath, value: Any, expected: str) -> FileError:
        return self._document.error(at, f"{dotted(at)} cannot be used (got {_told(value)})", expected=expected)

    def _refuse_two_of_a_name(self, contracts: Sequence[ContractEntry]) -> None:
        names: set[str] = set()
        for entry in contracts:
            name = entry.name or Path(entry.contract).stem
            if name in names:
                problem = f"{dotted(entry.at)}: the name {name} is taken, and each has a folder of evidence by its name"
                table = f'{{contract = "{entry.contract}", name = "{name}-2"}}'
                raise self._document.error(entry.at, problem, mend=f"write it as a table with a name, such as {table}")
            names.add(name)


def _told(value: Any) -> str:
    """Return a value as TOML writes it, as far as it is short."""
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
