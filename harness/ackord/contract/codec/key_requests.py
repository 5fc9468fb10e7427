"""Make the requests that submit an order without a key, or with an empty one, of a contract's request.

The key is carried by the headers that hold the order number and nothing else that varies; without such a header, by the
fields of the body that do. A key that stands in the address, or inside a longer text, cannot be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.key_promises import KeyVariation
from ..spec.requests import RequestSpec

__all__ = ["key_header_of", "keyless_requests"]

_KEYS = ("${order_no}", "${order_no.uuid}")
_GONE = object()


def keyless_requests(request: RequestSpec) -> Mapping[str, RequestSpec]:
    """Return the requests without a key and with an empty one, by ``KeyVariation``; empty where neither can be made."""
    if any(key in request.path or key in repr(request.query) for key in _KEYS):
        return {}
    made: dict[str, RequestSpec] = {}
    for variation, instead in ((KeyVariation.MISSING, _GONE), (KeyVariation.EMPTY, "")):
        if key_header_of(request):
            headers = {
                name: instead if _is_key(text) else text
                for name, text in request.headers.items()
                if not (instead is _GONE and _is_key(text))
            }
            made[variation] = request.model_copy(update={"headers": headers})
        elif request.encoding is not None and (body := _replaced(request.body, instead)) != request.body:
            made[variation] = request.model_copy(update={f"{request.encoding.name}_body": body})
    return made


def key_header_of(request: RequestSpec) -> str:
    """Return the name of the header that carries the key; empty: the body carries it, or the address."""
    return next((name for name, text in request.headers.items() if _is_key(text)), "")


def _is_key(text: Any) -> bool:
    """Whether a text is the order number, but for what is fixed around it."""
    return isinstance(text, str) and text.count("${") == 1 and any(key in text for key in _KEYS)


def _replaced(value: Any, instead: Any) -> Any:
    if isinstance(value, dict):
        pairs = ((key, instead if _is_key(item) else _replaced(item, instead)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not _GONE}
    if isinstance(value, list):
        items = (instead if _is_key(item) else _replaced(item, instead) for item in value)
        return [item for item in items if item is not _GONE]
    return value
