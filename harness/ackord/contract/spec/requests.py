"""Define a contract's requests: method, path, parameters, headers, and one body in one of the registered encodings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, create_model, model_validator

from ..base.field_types import HeaderName, Name, StrictModel, field_problem
from ..body import ENCODINGS, Encoding

__all__ = ["PathText", "RequestSpec"]


def _path(path: str) -> str:
    if not path.startswith("/") or re.search(r"[\s?#]", path):
        raise ValueError("expected a path that begins with /, without blanks, ? and #; parameters stand under query")
    if re.search(r"(^|/)\.\.?(/|$)", path):
        raise ValueError("expected a path without . and .. in it")
    return path


PathText = Annotated[str, AfterValidator(_path)]


class _RequestHead(StrictModel):
    """A request without its body."""

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


if TYPE_CHECKING:
    _EachBody = _RequestHead
else:
    _EachBody = create_model(
        "_EachBody",
        __base__=_RequestHead,
        **{f"{e.name}_body": (e.data, Field(default=None, alias=e.name, description=e.about)) for e in ENCODINGS},
    )


class RequestSpec(_EachBody):
    """One request. Texts may hold variables: `${order_no}` and so on."""

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        given = [encoding.name for encoding in ENCODINGS if self._body_in(encoding) is not None]
        if len(given) > 1:
            raise field_problem(given[1], f"there is a body in {given[0]} already", expected="one body in one encoding")
        return self

    def _body_in(self, encoding: Encoding) -> Any:
        return getattr(self, f"{encoding.name}_body")

    @property
    def encoding(self) -> Encoding | None:
        """How the body is encoded; ``None`` without a body."""
        return next((encoding for encoding in ENCODINGS if self._body_in(encoding) is not None), None)

    @property
    def body(self) -> Any:
        """The body as plain data with templates in its texts; ``None`` without one."""
        return None if self.encoding is None else self._body_in(self.encoding)

    def speaks_of(self, variable: str) -> bool:
        """Whether its templates hold a variable."""
        return f"${{{variable}}}" in repr((self.path, self.query, self.headers, self.body))
