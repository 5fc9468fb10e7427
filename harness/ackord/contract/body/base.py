"""Defines an encoding of bodies: rendering a request, parsing and writing an answer, and the places in it.

Theory. What ``parse`` returns is a *document*. Unless an encoding says otherwise, it is plain data as in JSON, its
places are ``$.a.b[0]``, and a request's template is matched with it key by key. ``parse``, ``write`` and the methods
on places are inverse to each other, so that an emulator can answer what the client reads.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from ...core.key_promises import ByteForm
from ...core.registry import Registry
from ..base.body_parsing import UnreadableBody, UnwritableBody, body_bytes, shortened
from ..base.charsets import as_utf8, in_charset
from ..base.contract_error import DocumentPath
from ..base.http_messages import HttpResponse
from ..base.json_path import MISSING, NamedElement, Step, compile_path, split_path
from ..base.template_match import DocumentMatcher, match_data
from ..base.variables import TemplateContext

__all__ = ["ENCODINGS", "Encoding", "Renderer", "encoding_at", "register", "set_in_json", "strict_mapping"]

Renderer = Callable[[TemplateContext], bytes]


class Encoding(ABC):
    """One encoding. Its methods are pure, and called from several threads."""

    name: str
    """The name under ``format``, and the key of a request's body."""
    shown: str
    """In words, for people: ``JSON``, ``a form``."""
    content_type: str
    about: str
    """The description of a request's body, for the field reference."""
    data: Any = dict[str, Any] | None
    """The type of a request's body as the YAML gives it."""
    place: str = "$.a.b[0]"
    """An example of a place. Its first character tells the kind of place: ``$`` or ``/``."""
    typed: bool = False
    """Whether a number is told from its text, as in JSON."""
    flat: bool = False
    """Whether a document is one mapping of names to texts, without anything inside them."""
    mixed: bool = False
    """Whether a place may hold text and further places at once, as an XML element does."""
    writable: bool = True
    charset: str = ""
    """What its texts are encoded in, where that is declared; empty: UTF-8, or what a header says."""

    def in_charset(self, charset: str) -> Encoding:
        """Return this encoding with another charset than UTF-8; itself for an empty one."""
        if not charset:
            return self
        made = copy.copy(self)
        made.charset = charset
        return made

    @abstractmethod
    def renderer(self, data: Any, allowed: Collection[str], path: DocumentPath) -> Renderer:
        """Compile a request's body, plain data with templates in its texts; ``allowed`` variables may stand in it.

        The renderer does not raise: it encodes whatever a value holds. Raises ``ContractError`` with its place, which
        begins with ``path``.
        """

    @abstractmethod
    def parse(self, body: bytes) -> Any:
        """Return the document of a body that is not empty.

        Raises ``UnreadableBody`` with the reason, or ``ValueError`` without one.
        """

    @abstractmethod
    def write(self, document: Any) -> bytes:
        """Return the body that ``parse`` reads as this document. Raises ``UnwritableBody``."""

    def equivalent(self, body: bytes, form: ByteForm) -> bytes:
        """Return a request's body with the same values in other bytes; itself where there is no such form of it."""
        return body

    def read(self, answer: HttpResponse) -> Any:
        """Return the document of an answer; ``None`` for an empty body. Raises ``UnreadableBody`` and nothing else."""
        body = body_bytes(answer)
        if not body:
            return None
        try:
            return self.parse(self.decoded(body, answer.headers.get("content-type", "")))
        except ValueError:
            raise UnreadableBody(self._why_unreadable(answer, f"not valid {self.shown}")) from None
        except UnreadableBody as why:
            raise UnreadableBody(self._why_unreadable(answer, str(why))) from None

    def decoded(self, body: bytes, content_type: str) -> bytes:
        """Return a body in UTF-8, without a byte order mark. Raises ``UnreadableBody``."""
        return as_utf8(body, content_type, self.charset, always_utf8=self.typed)

    def encoded(self, document: Any) -> bytes:
        """Return the body of a document, in the charset that is declared. Raises ``UnwritableBody``."""
        return in_charset(self.write(document), self.charset)

    def _why_unreadable(self, answer: HttpResponse, why: str) -> str:
        content_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self.name in content_type or content_type in ("", self.content_type):
            return f"{answer.status}, {why}"
        return f"{answer.status} {shortened(content_type)}, expected {self.shown}"

    def matcher(self, data: Any) -> DocumentMatcher:
        """Return what reads a document where ``data``, a request's body, has variables."""
        return partial(match_data, data)

    # Places.

    def getter(self, at: str) -> Callable[[Any], Any]:
        """Return what reads a place in a document, or ``MISSING``; it never raises. Raises ``ValueError``."""
        return compile_path(at)

    def rows_getter(self, at: str) -> Callable[[Any], Any]:
        """Return what reads a list of rows in a document, or ``MISSING``. Raises ``ValueError``."""
        return compile_path(at)

    def row_getter(self, at: str, rows: str) -> Callable[[Any], Any]:
        """Return what reads a place in a row of the list at ``rows``. Raises ``ValueError``."""
        return compile_path(at)

    def put_rows(self, document: Any, at: str, rows: list[Any]) -> Any:
        """Return the document with a list of rows. Raises ``UnwritableBody``."""
        return self.put(document, at, rows)

    def new_document(self, example: Any) -> Any:
        """Return the document that an answer is written into: a rule's ``example``, or an empty one for ``None``."""
        return {} if example is None else copy.deepcopy(example)

    def put(self, document: Any, at: str, value: Any) -> Any:
        """Return the document with ``value`` at a place; ``MISSING`` removes it. Raises ``UnwritableBody``."""
        if self.flat and value is not MISSING and not isinstance(value, str | int):
            raise UnwritableBody(f"{at} stands in {self.shown}, which has no room for {value!r}")
        return set_in_json(document, split_path(at), value)


ENCODINGS: Registry[Encoding] = Registry("encoding")


def register(encoding: type[Encoding]) -> type[Encoding]:
    """Register an encoding by its name. Raises ``ValueError`` for a name that is taken."""
    ENCODINGS.add(encoding.name, encoding())
    return encoding


def encoding_at(at: str) -> Encoding | None:
    """Return the first encoding that has such places; ``None`` for a header."""
    return next((encoding for encoding in ENCODINGS if at.startswith(encoding.place[0])), None)


def strict_mapping(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a mapping. Raises ``ValueError`` for a key that is given twice."""
    given = list(pairs)
    data = dict(given)
    if len(data) != len(given):
        raise ValueError("a key is given twice")
    return data


def set_in_json(document: Any, steps: tuple[Step, ...], value: Any) -> Any:
    """Return plain data with ``value`` at a place. Missing containers are created; ``MISSING`` removes the value.
    Raises ``UnwritableBody``.
    """
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, NamedElement):
        items = document if isinstance(document, list) else []
        index = step.index_in(items)
        if index is None and value is MISSING:
            return document
        if index is None:
            items.append({step.field: step.text})
            index = len(items) - 1
        return set_in_json(items, (index, *rest), value)
    if isinstance(step, int):
        items = document if isinstance(document, list) else []
        if value is MISSING and step >= len(items):
            return document
        while step >= len(items):
            items.append({})
        items[step] = set_in_json(items[step], rest, value)
        return items
    if document is not None and not isinstance(document, dict):
        raise UnwritableBody(f"{step!r} cannot stand in {type(document).__name__}")
    data = {} if document is None else document
    if value is MISSING and (not rest or step not in data):
        data.pop(step, None)
    else:
        data[step] = set_in_json(data.get(step), rest, value)
    return data
