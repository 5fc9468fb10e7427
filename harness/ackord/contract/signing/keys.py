"""Secrets and keys as they stand in a contract: texts that are never shown."""

from __future__ import annotations

import hmac
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

__all__ = ["Secret", "SigningProblem", "same"]


class SigningProblem(Exception):
    """A scheme cannot be made from its settings; ``path`` is the place in them. The text never holds a secret."""

    def __init__(self, path: tuple[str | int, ...], problem: str, *, expected: str = "", mend: str = "") -> None:
        super().__init__(problem)
        self.path = path
        self.problem = problem
        self.expected = expected
        self.mend = mend


class Secret(str):
    """Text that no message shows; it stands in a contract as ``${env:NAME}``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}('...')"

    @classmethod
    def _checked(cls, value: object) -> Secret:
        if not isinstance(value, str) or not value:
            raise PydanticCustomError(
                "secret", "expected text, which is best taken from the environment: ${{env:NAME}}"
            )
        return cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._checked)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1}


def same(found: str | None, expected: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return found is not None and hmac.compare_digest(found.encode(errors="replace"), expected.encode())
