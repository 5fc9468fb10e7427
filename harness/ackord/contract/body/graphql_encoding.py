"""Encodes requests of GraphQL (GraphQL over HTTP): a document, its variables, and the operation's name, in JSON.

Two documents are of one operation if their type (query, mutation) and their first field are the same: a client may
select other fields, write white space as it likes, and call its operation as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Any

from pydantic import AfterValidator

from ..base.contract_error import ContractError, DocumentPath
from ..base.template_match import DocumentMatcher, RequestMismatch, TextValues, match_data
from .base import Renderer, register
from .json_encoding import JsonEncoding

__all__ = ["GraphQlEncoding", "is_graphql"]

_KEYS = ("query", "variables", "operationName")
_COMMENT = re.compile(r"#[^\n]*")
_NAME = r"[_A-Za-z][_0-9A-Za-z]*"
_OPERATION = re.compile(
    rf"\A\s*(?:(query|mutation|subscription)\b\s*(?:{_NAME})?\s*(?:\([^)]*\))?[^{{]*)?\{{\s*(?:{_NAME}\s*:\s*)?({_NAME})"
)


def _checked(data: dict[str, Any] | None) -> dict[str, Any] | None:
    if data is None:
        return None
    if not isinstance(data.get("query"), str) or _operation(data["query"]) is None:
        raise ValueError('expected query: a GraphQL document, such as "mutation Pay($no: ID!) { pay(no: $no) { id } }"')
    unknown = [key for key in data if key not in _KEYS]
    if unknown:
        raise ValueError(f"there is no {unknown[0]} in a request of GraphQL: expected {', '.join(_KEYS)}")
    if not isinstance(data.get("variables", {}), dict):
        raise ValueError("expected variables: a mapping of names to values")
    return data


def is_graphql(data: Any) -> bool:
    """Return whether plain data is a request of GraphQL."""
    try:
        return isinstance(data, dict) and "query" in data and _checked(data) is not None
    except ValueError:
        return False


def _operation(document: str) -> tuple[str, str] | None:
    """Return the type of the first operation and its first field; ``None`` for text that is no document."""
    match = _OPERATION.match(_COMMENT.sub("", document))
    return (match[1] or "query", match[2]) if match else None


@register
class GraphQlEncoding(JsonEncoding):
    """Requests of GraphQL; answers are JSON with ``data`` and ``errors``."""

    name = "graphql"
    shown = "GraphQL"
    about = (
        "A request of GraphQL: `query` is the document, `variables` its variables, `operationName` its name where "
        "there are several. Texts of `variables` hold `${order_no}` and so on; the document holds none. Answers are "
        "`format: json` (or `graphql`), with `$.data...` and `$.errors`; errors come with status 200, too."
    )
    data = Annotated[dict[str, Any] | None, AfterValidator(_checked)]
    place = "$.data.pay.id"

    def renderer(self, data: Any, allowed: Collection[str], path: DocumentPath) -> Renderer:
        if "${" in data["query"]:
            raise ContractError(
                (*path, "query"),
                "a value stands in the document itself",
                expected="a variable of GraphQL ($no), whose value stands under variables",
            )
        return super().renderer(data, allowed, path)

    def matcher(self, data: Any) -> DocumentMatcher:
        wanted, variables = _operation(data["query"]), data.get("variables", {})

        def match(document: Any, values: TextValues, insist: bool) -> None:
            query = document.get("query") if isinstance(document, dict) else None
            if not isinstance(query, str) or _operation(query) != wanted:
                raise RequestMismatch
            match_data(variables, document.get("variables") or {}, values, insist)

        return match
