"""Encodes bodies as JSON. Parsing is strict: no duplicate keys, no NaN, and a bounded depth."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from ...core.key_promises import ByteForm
from ..base.body_parsing import UnreadableBody
from ..base.contract_error import DocumentPath
from ..base.equivalents import equivalent_json
from ..base.template import json_template
from .base import Encoding, Renderer, register, strict_mapping

__all__ = ["JsonEncoding", "json_of"]


@register
class JsonEncoding(Encoding):
    """Plain data, each value with its type."""

    name = "json"
    shown = "JSON"
    content_type = "application/json"
    about = (
        "A body in JSON. A text that is exactly one variable keeps the variable's type: `${amount.minor}` is a number."
    )
    data = Any
    typed = True

    def renderer(self, data: Any, allowed: Collection[str], path: DocumentPath) -> Renderer:
        template = json_template(data, allowed, path)
        return lambda template_context: template.render(template_context).encode()

    def parse(self, body: bytes) -> Any:
        return json_of(body)

    def equivalent(self, body: bytes, form: ByteForm) -> bytes:
        return equivalent_json(body, form)

    def write(self, document: Any) -> bytes:
        return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def json_of(text: bytes) -> Any:
    """Parse strict JSON. Raises ``UnreadableBody``."""
    try:
        return _decode(text.decode())
    except (ValueError, RecursionError) as error:  # JSONDecodeError and UnicodeDecodeError are ValueErrors
        raise UnreadableBody("nested too deeply" if isinstance(error, RecursionError) else "not valid JSON") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_decode = json.JSONDecoder(object_pairs_hook=strict_mapping, parse_constant=_no_constant).decode
