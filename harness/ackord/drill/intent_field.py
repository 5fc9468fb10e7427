"""Reads the payable thing that a submit says it is for, at the place that the contract or the user declares."""

from __future__ import annotations

from collections.abc import Callable

from ..contract.base.body_parsing import UnreadableBody
from ..contract.base.http_messages import HttpRequest, HttpResponse
from ..contract.base.json_path import compile_path
from ..contract.spec.model import Contract

__all__ = ["intent_reader"]


def intent_reader(contract: Contract, path: str) -> Callable[[HttpRequest], str]:
    """Return what reads ``path`` (a JSONPath) in the body of a submit; without a path, nothing is read."""
    encoding = contract.submit.request.encoding
    if not path or encoding is None:
        return lambda request: ""
    get = compile_path(path)

    def intent_of(request: HttpRequest) -> str:
        try:
            found = get(encoding.read(HttpResponse(200, {}, request.body)))
        except UnreadableBody:
            return ""
        return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""

    return intent_of
