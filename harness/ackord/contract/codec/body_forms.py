"""Formats of bodies at work: from an answer to its document, and from a document to a body. What another package reads or writes is checked here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import tostring

from ..base.bodies import Unreadable, body_bytes, parse_body
from ..base.outsiders import SettingsProblem, check_plain, check_ways, checked_writer, reason
from ..base.template import Path_, TemplateProblem
from ..base.wire import WireAnswer
from ..extractors import Bodies
from ..spec.formats import Format, places_of
from .encodings import CONTENT_TYPES

__all__ = ["FORM", "JSON", "XML", "BodyForm", "body_form"]


@dataclass(frozen=True, slots=True)
class BodyForm:
    """Bodies of one format. ``read`` raises ``Unreadable`` and nothing else, ``write`` ``Unwritable``."""

    places: str
    """By whose rules places are written: ``json``, ``form`` or ``xml``."""
    shown: str
    """In words, for people."""
    content_type: str
    read: Callable[[WireAnswer], Any]
    write: Callable[[Any], bytes] | None
    """``None``: nobody knows how, so nobody can stand for such a provider."""


def _json(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _form(document: Any) -> bytes:
    return urlencode(document).encode()


def _xml(document: Any) -> bytes:
    return b"" if document is None else tostring(document, encoding="utf-8")


def _known(name: str, shown: str, write: Callable[[Any], bytes]) -> BodyForm:
    return BodyForm(name, shown, CONTENT_TYPES[name], lambda answer: parse_body(answer, name), write)


JSON, FORM, XML = _known("json", "JSON", _json), _known("form", "a form", _form), _known("xml", "XML", _xml)
_KNOWN = {form.places: form for form in (JSON, FORM, XML)}


def body_form(given: Format, at: Path_) -> BodyForm:
    """What a contract's ``format`` means; ``at`` is its place. Raises ``TemplateProblem`` for a way that cannot be gone."""
    if isinstance(given, str):
        return _KNOWN[given]
    extractor, settings = given.way()
    try:
        bodies = extractor.make(settings)
        check_ways(bodies, Bodies)
    except SettingsProblem as error:
        path = (*at, extractor.name, *error.path)
        raise TemplateProblem(path, error.problem, expected=error.expected, mend=error.mend) from None
    name = settings.name if extractor.name == "hook" else extractor.name
    write = checked_writer(name, bodies)
    return BodyForm(places_of(given), f"what {name} reads", bodies.content_type, _reader(name, bodies), write)


def _reader(name: str, bodies: Bodies) -> Callable[[WireAnswer], Any]:
    def read(answer: WireAnswer) -> Any:
        body = body_bytes(answer)
        if not body:
            return None
        try:
            document = bodies.read(answer.headers, body)
            check_plain(document)
        except Exception as error:
            raise Unreadable(f"{answer.status}, {name} cannot read it: {reason(error)}") from None
        return document

    return read
