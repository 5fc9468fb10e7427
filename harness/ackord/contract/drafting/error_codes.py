"""Finds the codes by which an operation's documented errors are told, in the examples of its answers."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .field_names import words_of
from .openapi_document import ApiOperation, Json, OpenApiDocument
from .value_roles import LeafValue, leaves, place

__all__ = ["ErrorCode", "error_codes", "shown_examples"]

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*\Z")


class ErrorCode(NamedTuple):
    """A condition on the body of an error's answer."""

    at: str
    """The place: ``$.error_code``."""
    word: str


def error_codes(document: OpenApiDocument, operation: ApiOperation, status: int) -> tuple[ErrorCode, ...]:
    """Return the code in each example of the operation's answer with this status; empty if none is shown.

    An error class that several errors share (``type``) tells none apart, and is no code.
    """
    responses = document.resolved(operation.spec.get("responses"))
    _, media = document.media(responses.get(str(status)))
    found = [_code(example) for example in shown_examples(document, media)]
    return tuple(dict.fromkeys(code for code in found if code is not None))


def shown_examples(document: OpenApiDocument, media: Json) -> list[Any]:
    """Return the examples of a body that the document shows."""
    named = [document.resolved(one).get("value") for one in document.resolved(media.get("examples")).values()]
    return [one for one in (media.get("example"), *named) if one is not None]


def _code(example: Any) -> ErrorCode | None:
    codes = [leaf for leaf in leaves(example) if _is_code(leaf) and place(leaf.path)]
    found = min(codes, key=lambda leaf: len(leaf.path), default=None)
    return None if found is None else ErrorCode(place(found.path), str(found.value))


def _is_code(leaf: LeafValue) -> bool:
    words = words_of(leaf.name)
    named = words[-1:] in (("code",), ("reason",)) or words == ("error",)
    return named and isinstance(leaf.value, str) and bool(_CODE.match(leaf.value))
