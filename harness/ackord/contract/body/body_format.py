"""Parse response bodies into documents, and encode documents as bodies. Results of plug-ins are checked here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import tostring

from ..base.body_parsing import UnreadableBody, body_bytes, parse_body
from ..base.contract_error import ContractError, DocumentPath
from ..base.http_messages import HttpResponse
from ..base.plugins import check_plain, check_reader_writer, checked_writer, failure_reason
from ..extractors import BodyCodec
from ..spec.body_formats import Format, places_of
from .request_encodings import CONTENT_TYPES

__all__ = ["FORM", "JSON", "XML", "BodyFormat", "body_format"]


@dataclass(frozen=True, slots=True)
class BodyFormat:
    """Bodies of one format. ``read`` raises ``UnreadableBody`` and nothing else, ``write`` ``Unwritable``."""

    places: str
    """By whose rules places are written: ``json``, ``form`` or ``xml``."""
    shown: str
    """In words, for people."""
    content_type: str
    read: Callable[[HttpResponse], Any]
    write: Callable[[Any], bytes] | None
    """``None``: nobody knows how, so nobody can stand for such a provider."""


def _json(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _form(document: Any) -> bytes:
    return urlencode(document).encode()


def _xml(document: Any) -> bytes:
    return b"" if document is None else tostring(document, encoding="utf-8")


def _known(name: str, shown: str, write: Callable[[Any], bytes]) -> BodyFormat:
    return BodyFormat(name, shown, CONTENT_TYPES[name], lambda answer: parse_body(answer, name), write)


JSON, FORM, XML = _known("json", "JSON", _json), _known("form", "a form", _form), _known("xml", "XML", _xml)
_KNOWN = {form.places: form for form in (JSON, FORM, XML)}


def body_format(given: Format, at: DocumentPath) -> BodyFormat:
    """Compile a contract's ``format``; ``at`` is its place. Raises ``ContractError`` for an unusable format."""
    if isinstance(given, str):
        return _KNOWN[given]
    extractor, settings = given.way()
    try:
        bodies = extractor.make(settings)
        check_reader_writer(bodies, BodyCodec)
    except ContractError as error:
        raise error.under(*at, extractor.name) from None
    name = settings.name if extractor.name == "hook" else extractor.name
    write = checked_writer(name, bodies)
    return BodyFormat(places_of(given), f"what {name} reads", bodies.content_type, _reader(name, bodies), write)


def _reader(name: str, bodies: BodyCodec) -> Callable[[HttpResponse], Any]:
    def read(answer: HttpResponse) -> Any:
        body = body_bytes(answer)
        if not body:
            return None
        try:
            document = bodies.read(answer.headers, body)
            check_plain(document)
        except Exception as error:
            raise UnreadableBody(f"{answer.status}, {name} cannot read it: {failure_reason(error)}") from None
        return document

    return read
