"""Match templates with what a request holds, and find the values of their variables: the reverse of ``template``.

A text matches if its literals do. A strict look (``insist``) also compares what holds no variable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from .contract_error import DocumentPath
from .template import SplitTemplate, split_text
from .variables import CAPTURED

__all__ = [
    "DocumentMatcher",
    "PathPattern",
    "RequestMismatch",
    "TextPattern",
    "TextValues",
    "is_needed",
    "match_data",
    "match_fields",
]

TextValues = dict[str, Any]
"""By variables' names: text, or in JSON what stood there."""

DocumentMatcher = Callable[[Any, TextValues, bool], None]
"""Adds what a document holds to the values; the flag is ``insist``. Raises ``RequestMismatch``."""

_MAY_BE_ABSENT = frozenset({"provider_id", "cursor", "callback_url"})


class RequestMismatch(Exception):
    """The request is not of this pattern."""


def _note(values: TextValues, name: str, value: Any) -> None:
    """A variable that stands in several places has one value. Raises ``RequestMismatch``."""
    if values.setdefault(name, value) != value and str(values[name]) != str(value):
        raise RequestMismatch


class TextPattern:
    """A text with variables in it."""

    value = "(.*?)"

    def __init__(self, text: str, allowed: Collection[str] | None = None, path: DocumentPath = ()) -> None:
        """Raises ``ContractError``, at ``path``, for a variable that is not allowed."""
        split = split_text(text, allowed, path)
        self.names = split.names
        self.variable = split.variable
        self._constant = split.literals[0] if not split.names else None
        parts = [re.escape(split.literals[0])]
        for literal in split.literals[1:]:
            parts += [self.value, re.escape(literal)]
        self._match = re.compile("".join(parts), re.DOTALL).fullmatch
        self._as_json = _as_json(split) if self.names and self.variable is None else None

    def match(self, text: Any, values: TextValues, insist: bool) -> None:
        """Raises ``RequestMismatch``."""
        if self._constant is not None:
            if insist and text != self._constant:
                raise RequestMismatch
            return
        if self.variable is not None:
            _note(values, self.variable, text)
            return
        if self._as_json is not None and type(text) is str:
            try:
                document = json.loads(text)
            except ValueError:
                document = None
            if document is not None:
                match_data(self._as_json, document, values, insist)
                return
        match = self._match(text) if type(text) is str else None
        if match is None:
            raise RequestMismatch
        for name, value in zip(self.names, match.groups(), strict=True):
            _note(values, name, value)


class PathPattern(TextPattern):
    """A path, in which a value never holds a slash."""

    value = "([^/]+)"

    def match(self, text: Any, values: TextValues, insist: bool = True) -> None:
        match = self._match(text)
        if match is None:
            raise RequestMismatch
        for name, value in zip(self.names, match.groups(), strict=True):
            _note(values, name, unquote(value))


def _as_json(split: SplitTemplate) -> Any:
    """Return the data of a text that is itself JSON with variables in it; ``None`` if it is not.

    Alipay's form field ``biz_content`` is such a text.
    """
    text = split.literals[0] + "".join(
        f"${{{name}}}{literal}" for name, literal in zip(split.names, split.literals[1:], strict=True)
    )
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None


def match_fields(
    fields: Iterable[tuple[str, TextPattern]], found: Mapping[str, Any], values: TextValues, insist: bool
) -> None:
    """Named texts: a query's parameters, a form, headers. Raises ``RequestMismatch``."""
    for name, pattern in fields:
        if name in found:
            pattern.match(found[name], values, insist)
        elif (pattern.names and not _optional(pattern.variable)) or (not pattern.names and insist):
            raise RequestMismatch


def _optional(variable: str | None) -> bool:
    return variable is not None and (variable in _MAY_BE_ABSENT or variable.startswith(CAPTURED))


def match_data(template: Any, found: Any, values: TextValues, insist: bool) -> None:
    """Plain data, key by key; further keys are ignored. Raises ``RequestMismatch``."""
    if isinstance(template, dict):
        if not isinstance(found, dict):
            raise RequestMismatch
        for key, part in template.items():
            if key in found:
                match_data(part, found[key], values, insist)
            elif is_needed(part, insist):
                raise RequestMismatch
    elif isinstance(template, list):
        if not isinstance(found, list) or len(found) != len(template):
            raise RequestMismatch
        for part, item in zip(template, found, strict=True):
            match_data(part, item, values, insist)
    elif isinstance(template, str):
        TextPattern(template).match(found, values, insist)
    elif insist and found != template:
        raise RequestMismatch


def is_needed(part: Any, insist: bool) -> bool:
    """Whether what a template speaks of must be there: where variables are in it, or on the strict look."""
    return insist or (isinstance(part, str) and "${" in part) or isinstance(part, dict | list)
