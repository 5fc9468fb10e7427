"""Encodes bodies as form fields (``application/x-www-form-urlencoded``); what is nested gets brackets.

An answer's document is a mapping of the fields' full names, brackets included, to their texts.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ...core.key_promises import ByteForm
from ..base.body_parsing import UnreadableBody
from ..base.contract_error import ContractError, DocumentPath
from ..base.equivalents import equivalent_form
from ..base.template import check_key, field_template, in_address
from ..base.template_match import DocumentMatcher, TextPattern, match_fields
from .base import Encoding, Renderer, register, strict_mapping

__all__ = ["FormEncoding", "form_fields"]

_MOST_FIELDS = 1000


@register
class FormEncoding(Encoding):
    """Names with texts."""

    name = "form"
    shown = "a form"
    content_type = "application/x-www-form-urlencoded"
    about = (
        "A body of form fields (`application/x-www-form-urlencoded`). What is nested gets brackets: "
        "`{metadata: {order: x}}` is `metadata[order]=x`, a list's first item `a[0]=x`."
    )
    place = "$.status"
    flat = True

    def renderer(self, data: Any, allowed: Collection[str], path: DocumentPath) -> Renderer:
        fields = [
            (in_address(name).replace("%5B", "[").replace("%5D", "]"), field_template(text, allowed, at))
            for name, text, at in form_fields(data, path)
        ]
        return lambda template_context: "&".join(
            [f"{name}={t.render(template_context)}" for name, t in fields if not t.absent(template_context)]
        ).encode()

    def parse(self, body: bytes) -> Any:
        """Texts may come without percent-encoding, as UnionPay's do."""
        try:
            return strict_mapping(parse_qsl(body.decode(), True, True, max_num_fields=_MOST_FIELDS, errors="strict"))
        except ValueError:
            raise UnreadableBody("not a valid form") from None

    def equivalent(self, body: bytes, form: ByteForm) -> bytes:
        return equivalent_form(body, form)

    def write(self, document: Any) -> bytes:
        return urlencode(document).encode()

    def matcher(self, data: Any) -> DocumentMatcher:
        fields = [(name, TextPattern(text)) for name, text, _ in form_fields(data)]
        return lambda document, values, insist: match_fields(fields, document or {}, values, insist)


def form_fields(data: Any, path: DocumentPath = ()) -> list[tuple[str, str, DocumentPath]]:
    """Flatten nested data into a form's fields: name with brackets, text, and place.

    Raises ``ContractError`` for data that a form cannot hold.
    """
    return _fields(data, "", path)


def _fields(value: Any, name: str, path: DocumentPath) -> list[tuple[str, str, DocumentPath]]:
    if isinstance(value, dict) or (isinstance(value, list) and name):
        fields = []
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(key, str):
                check_key(key, path)
            fields += _fields(item, f"{name}[{key}]" if name else str(key), (*path, key))
        return fields
    if isinstance(value, bool):
        return [(name, "true" if value else "false", path)]
    if value is None or not isinstance(value, str | int):
        raise ContractError(path, f"{value!r} cannot stand in a form", expected="text or a whole number")
    return [(name, str(value), path)]
