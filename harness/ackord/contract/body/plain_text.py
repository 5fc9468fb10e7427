"""Reads a body that is plain text: its document is the whole text, and ``$`` its only place.

It is no format of an operation: single answers of an API, mostly errors, come as text from the server below it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NoReturn

from ..base.body_parsing import UnreadableBody
from ..base.contract_error import ContractError, DocumentPath
from .base import Encoding

__all__ = ["PLAIN_TEXT"]


class PlainText(Encoding):
    """A text and nothing else. It is not registered: no request has such a body."""

    name = "text"
    shown = "plain text"
    content_type = "text/plain"
    typed = True

    def renderer(self, data: Any, allowed: Collection[str], path: DocumentPath) -> NoReturn:
        raise ContractError(path, "no request has a body of plain text")

    def parse(self, body: bytes) -> str:
        try:
            return body.decode()
        except UnicodeDecodeError:
            raise UnreadableBody("not valid UTF-8") from None

    def write(self, document: Any) -> bytes:
        return b"" if not document else str(document).encode()


PLAIN_TEXT = PlainText()
