"""Reads YAML files strictly: plain data, the line of each entry, and errors that say where the problem is and how to
mend it.

Nothing is constructed from a tag. Scalars follow YAML 1.2. A bare word that YAML 1.1 readers interpret differently
(``no``, ``012``, ``1:30``) is refused, because the file would be ambiguous. Keys are text as written. ``${env:NAME}``
in a string is replaced here, so that files hold no secrets; values from the environment are never shown in a message.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ...errors import FileError
from ..base.contract_error import DocumentPath
from .file_text import decoded, read_bytes
from .validation_errors import explain_error

__all__ = [
    "MAX_ALIASES",
    "MAX_DEPTH",
    "MAX_NODES",
    "Position",
    "YamlDocument",
    "parse_yaml",
    "read_yaml",
    "validate_document",
]

MAX_ALIASES = 32
MAX_NODES = 10_000
"""Maximal number of keys and values with aliases expanded; reading them takes half a second."""
MAX_DEPTH = 50

M = TypeVar("M", bound=BaseModel)

_ENV = re.compile(r"\$\{env:([^}]*)\}")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAG = "tag:yaml.org,2002:"
_YAML_1_1 = {f"{_TAG}bool": "true or false", f"{_TAG}int": "a whole number", f"{_TAG}float": "a number"}
_KNOWN_TAGS = {f"{_TAG}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}


class Position(NamedTuple):
    """Line and column, both 1-based."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A file's plain data, with the position of each entry."""

    path: Path
    data: dict[str, Any]
    lines: Mapping[DocumentPath, Position]
    """Path of keys and indices to the position of the key (or item) that begins there; ``()`` is the file's first
    entry.
    """
    environment: Mapping[DocumentPath, Mapping[str, str]] = field(default_factory=dict)
    """Paths of values that came, wholly or in part, from the environment: the variables by name."""

    @property
    def secret(self) -> frozenset[DocumentPath]:
        """Return the paths of values that came from the environment."""
        return frozenset(self.environment)

    def position(self, path: DocumentPath) -> Position:
        """Return the position of ``path``, or of the nearest enclosing entry if it is absent."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, Position(1, 1))

    def texts(self) -> Iterator[tuple[DocumentPath, str]]:
        """Return every text value with its path."""
        return _texts(self.data, ())

    def error(self, path: DocumentPath, problem: str, *, expected: str = "", mend: str = "") -> FileError:
        """Return an error at ``path``, to be raised."""
        return FileError(self.path, self.position(path).line, problem, expected=expected, mend=mend)


def _texts(data: Any, at: DocumentPath) -> Iterator[tuple[DocumentPath, str]]:
    if isinstance(data, str):
        yield at, data
    elif isinstance(data, dict | list):
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _texts(item, (*at, key))


def read_yaml(path: Path, *, env: Mapping[str, str] | None = None) -> YamlDocument:
    """Read a YAML file; ``env`` defaults to the process's environment. Raises ``FileError`` for whatever is wrong with
    it.
    """
    return parse_yaml(path, read_bytes(path, "YAML"), env=env)


def parse_yaml(
    path: Path, raw: bytes, *, env: Mapping[str, str] | None = None, section: str | None = None
) -> YamlDocument:
    """Parse bytes like ``read_yaml``; ``path`` is used in messages only.

    ``section``: nothing but this key of the top is read, as in a file that another program reads.
    """
    text = decoded(path, raw)
    builder = _Builder(path, os.environ if env is None else env)
    root = _compose(path, text)
    if root is None:
        raise FileError(path, None, "the file is empty", expected="a mapping (key: value lines)")
    if not isinstance(root, MappingNode):
        raise FileError(path, _line(root), "the top of the file is not a mapping", expected="key: value lines")
    if section is not None:
        root.value = [pair for pair in root.value if pair[0].value == section]
    data = builder.build(root, ())
    return YamlDocument(path, data, builder.lines, builder.environment)


def validate_document(document: YamlDocument, model: type[M]) -> M:
    """Validate the document as a ``model``; validators find the file's folder in their context. Raises one
    ``FileError`` for the first problem in the file, which counts the others.
    """
    try:
        return model.model_validate(document.data, context={"folder": document.path.parent})
    except ValidationError as error:
        found = [explain_error(e, document.data, document.secret) for e in error.errors(include_url=False)]
        found.sort(key=lambda f: document.position(f.path))
        first = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise document.error(first.path, first.problem + more, expected=first.expected, mend=first.mend) from None


class _Composer(yaml.composer.Composer, yaml.resolver.Resolver):
    """Composes PyYAML's node tree with bounds on depth, aliases and length; nothing is constructed."""

    def __init__(self, path: Path, parser: Any) -> None:
        yaml.composer.Composer.__init__(self)
        yaml.resolver.Resolver.__init__(self)
        self.check_event = parser.check_event
        self.peek_event = parser.peek_event
        self.get_event = parser.get_event
        self._path = path
        self._depth = 0
        self._aliases = 0
        self._nodes = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event: Any = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            self._aliases += 1
            if self._aliases > MAX_ALIASES:
                raise FileError(
                    self._path, line, f"more than {MAX_ALIASES} aliases (*name)", mend="write the values out"
                )
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise FileError(
                self._path, line, f"more than {MAX_NODES:,} keys and values", mend="write less, or two files"
            )
        if self._depth >= MAX_DEPTH:
            raise FileError(self._path, line, f"nested more than {MAX_DEPTH} levels deep")
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


def _compose(path: Path, text: str) -> Node | None:
    # libyaml parses ten times as fast. PyYAML's own parser has the clearer messages: it reads what libyaml refuses.
    # Where both accept a text they read the same from it; libyaml alone takes tabs between words and a "?" within {}.
    if yaml.__with_libyaml__:
        with contextlib.suppress(yaml.YAMLError):
            return _Composer(path, yaml.CSafeLoader(text)).get_single_node()
    try:
        loader = yaml.SafeLoader(text)
        try:
            return _Composer(path, loader).get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        line = mark.line + 1 if mark else None
        raise FileError(path, line, f"this is not YAML: {problem}", mend=_mend(str(error.problem))) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise FileError(path, line, f"this is not YAML: {error.reason}", mend="remove the character") from None
    except yaml.YAMLError as error:
        raise FileError(path, None, f"this is not YAML: {str(error).splitlines()[0]}") from None


def _mend(problem: str) -> str:
    """Return what to change in a file that is no YAML, by what its parser met there."""
    if "'\\t'" in problem:
        return "indent with spaces: YAML takes no tabs there"
    if "another document" in problem:
        return "remove the line --- and what follows it: a file is one document"
    return "check the indentation and the quotes"


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


class _Builder:
    """Converts the node tree to plain data with the line of every entry."""

    def __init__(self, path: Path, env: Mapping[str, str]) -> None:
        self.path = path
        self.env = env
        self.lines: dict[DocumentPath, Position] = {}
        self.environment: dict[DocumentPath, dict[str, str]] = {}
        self.nodes = 0

    def build(self, node: Node, at: DocumentPath) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(at) > MAX_DEPTH:  # aliases may multiply, or refer to themselves
            raise self._error(node, "the file grows too large when its aliases are written out")
        self.lines.setdefault(at, Position(_line(node), node.start_mark.column + 1))
        if isinstance(node, ScalarNode):
            return self._scalar(node, at)
        if node.tag not in _KNOWN_TAGS:
            raise self._unknown_tag(node)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*at, i)) for i, item in enumerate(node.value)]
        data: dict[str, Any] = {}
        for key, key_node, value in self._entries(node):
            if key in data:
                first = self.lines[(*at, key)].line
                raise self._error(key_node, f'"{key}" is given twice', mend=f"remove one; the first is in line {first}")
            self.lines[(*at, key)] = Position(_line(key_node), key_node.start_mark.column + 1)
            data[key] = self.build(value, (*at, key))
        return data

    def _entries(self, node: Node) -> Iterator[tuple[str, Node, Node]]:
        for key_node, value in node.value:
            if not isinstance(key_node, ScalarNode):
                raise self._error(
                    key_node, "a key must be plain text", mend='put "quotes" around a key that holds { or ['
                )
            if key_node.tag == f"{_TAG}merge":
                raise self._error(key_node, "merge keys (<<) are not supported", mend="write the fields out")
            yield key_node.value, key_node, value

    def _scalar(self, node: ScalarNode, at: DocumentPath) -> Any:
        text: str = node.value
        if node.style or node.tag == f"{_TAG}str":
            if node.tag != f"{_TAG}str":
                raise self._unknown_tag(node)
            return self._with_environment(text, node, at)
        if text in _WORDS:
            return _WORDS[text]
        if _INT.match(text) and len(text) < 100:
            return int(text)
        if _FLOAT.match(text) and abs(value := float(text)) != float("inf"):
            return value
        if node.tag in _YAML_1_1:
            meaning = _YAML_1_1[node.tag]
            raise self._error(
                node,
                f"a bare {text} is {meaning} to some YAML readers, and text to others",
                expected="a value that means one thing",
                mend=f'write "{text}" in quotes if text is meant, or '
                f"{'true / false' if 'bool' in node.tag else 'a plain decimal number'}",
            )
        if node.tag not in _KNOWN_TAGS and node.tag not in (f"{_TAG}timestamp", f"{_TAG}value", f"{_TAG}merge"):
            raise self._unknown_tag(node)
        return self._with_environment(text, node, at)

    def _with_environment(self, text: str, node: Node, at: DocumentPath) -> str:
        if "${env:" not in text:
            return text
        used = self.environment.setdefault(at, {})

        def value_of(match: re.Match[str]) -> str:
            name = match[1]
            if not _ENV_NAME.match(name):
                raise self._error(node, f'"{name}" is not the name of an environment variable', expected="${env:NAME}")
            value = self.env.get(name)
            if not value:
                state = "is empty" if value == "" else "is not set"
                raise self._error(
                    node, f"the environment variable {name} {state}", expected="its value", mend=f"export {name}=..."
                )
            if "${" in value or not value.isprintable():
                raise self._error(
                    node, f"the environment variable {name} holds ${{ or a control character", mend=f"set {name} anew"
                )
            used[name] = value
            return value

        return _ENV.sub(value_of, text)

    def _unknown_tag(self, node: Node) -> FileError:
        return self._error(
            node,
            f"the tag {node.tag.replace(_TAG, '!!')} is not supported",
            expected="plain data",
            mend="remove the tag",
        )

    def _error(self, node: Node, problem: str, *, expected: str = "", mend: str = "") -> FileError:
        return FileError(self.path, _line(node), problem, expected=expected, mend=mend)
