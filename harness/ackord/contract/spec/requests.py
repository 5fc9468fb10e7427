"""Define a contract's requests: method, path, parameters, headers, and one body in one encoding."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from ..base.field_types import HeaderName, Name, StrictModel, field_problem

__all__ = ["BODIES", "PathText", "RequestSpec"]

BODIES = ("json", "form", "xml")
"""The encodings of a body; a request has at most one."""


def _path(path: str) -> str:
    if not path.startswith("/") or re.search(r"[\s?#]", path):
        raise ValueError("expected a path that begins with /, without blanks, ? and #; parameters stand under query")
    if re.search(r"(^|/)\.\.?(/|$)", path):
        raise ValueError("expected a path without . and .. in it")
    return path


PathText = Annotated[str, AfterValidator(_path)]


class RequestSpec(StrictModel):
    """One request. Texts may hold variables: `${order_no}` and so on."""

    renamed: ClassVar[Mapping[str, str]] = {"plane": "host"}

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(description="The HTTP method.")
    path: PathText = Field(description="The path below the base address; values in it are percent-encoded.")
    host: Name | None = Field(
        default=None,
        description="Which of the contract's `hosts` it goes to; left out: the base address. For providers whose "
        "queries have another host.",
    )
    query: dict[str, str] = Field(
        default={},
        description="Parameters after `?`. One that is exactly one variable is left out while that has no value.",
    )
    headers: dict[HeaderName, str] = Field(
        default={}, description="Further headers, such as one that carries the idempotency key."
    )
    json_body: Any = Field(
        default=None,
        alias="json",
        description="A body in JSON. A text that is exactly one variable keeps the variable's type: `${amount.minor}` "
        "is a number.",
    )
    form: dict[str, Any] | None = Field(
        default=None,
        description="A body of form fields (`application/x-www-form-urlencoded`). What is nested gets brackets: "
        "`{metadata: {order: x}}` is `metadata[order]=x`, a list's first item `a[0]=x`.",
    )
    xml: dict[str, Any] | None = Field(
        default=None,
        description="A body in XML: the root element and what is in it. `{xml: {amount: 5}}` is "
        "`<xml><amount>5</amount></xml>`; `@name` is an attribute, a list repeats its element, `#text` is "
        "the text of an element that has attributes.",
    )

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        given = [name for name in BODIES if self.body(name) is not None]
        if len(given) > 1:
            raise field_problem(given[1], f"there is a body in {given[0]} already", expected="one body in one encoding")
        if self.xml is not None and len(self.xml) != 1:
            raise field_problem("xml", f"it has {len(self.xml)} root elements", expected="one, with the others in it")
        return self

    def body(self, encoding: str) -> Any:
        """The body in one of ``BODIES``, if that is what it has."""
        return self.json_body if encoding == "json" else getattr(self, encoding)

    def speaks_of(self, variable: str) -> bool:
        """Whether its templates hold a variable."""
        body = self.body(self.encoding) if self.encoding else None
        return f"${{{variable}}}" in repr((self.path, self.query, self.headers, body))

    @property
    def encoding(self) -> str:
        """One of ``BODIES``, or empty without a body."""
        return next((name for name in BODIES if self.body(name) is not None), "")
