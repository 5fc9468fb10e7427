"""Decide whether an answer acknowledges an order, by the contract's rules as the edge's settings carry them.

The gateway reads no contract and has no keys: it does not check whether an answer is genuine, or which order it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...contract.base.body_parsing import UnreadableBody
from ...contract.base.http_messages import HttpResponse
from ...contract.body import ENCODINGS
from ...contract.body.conditions import RuleTable
from ...contract.body.plain_text import PLAIN_TEXT
from ...core.operation import SUBMITS, Observation, OperationKind, acknowledges

__all__ = ["AcknowledgementRules"]

_ANY_2XX: Mapping[str, Any] = {"format": None, "charset": "", "rules": [[{"status": "2xx"}, Observation.ACK.value, ""]]}
"""The rules of an edge that no contract was given for."""


_Reader = Callable[[HttpResponse], Any]


class AcknowledgementRules:
    """The rules of one contract, compiled."""

    def __init__(self, described: Mapping[str, Any] | None) -> None:
        """``described`` is what ``Codec.acknowledgement`` returns; ``None``: every 2xx acknowledges."""
        given = _ANY_2XX if described is None else described
        self._read = _body_reader(given["format"], given["charset"])
        self._rules = RuleTable((when, Observation(word)) for when, word, text in given["rules"] if not text)
        self._text_rules = RuleTable((when, Observation(word)) for when, word, text in given["rules"] if text)

    def hold(self, operation: str, answer: HttpResponse) -> bool:
        """Return whether ``answer`` acknowledges the order. Does not raise for what a provider sends."""
        if operation not in SUBMITS:
            return False
        said = self._said(self._rules, self._read, answer) or self._said(self._text_rules, PLAIN_TEXT.read, answer)
        return acknowledges(OperationKind(operation), said)

    @staticmethod
    def _said(rules: RuleTable[Observation], read: _Reader, answer: HttpResponse) -> Observation | None:
        try:
            return rules.first(answer.status, read(answer), answer.headers)
        except UnreadableBody:
            return None


def _body_reader(body: Any, charset: str) -> Callable[[HttpResponse], Any]:
    if body is None:
        return lambda answer: None
    if isinstance(body, str):
        return ENCODINGS.get(body).in_charset(charset).read
    # Only an extractor needs the contract's models, whose import takes a fifth of a second.
    from ...contract.spec.body_formats import ExtractedFormat, body_format

    return body_format(ExtractedFormat.model_validate(body), ("submit", "format")).read
