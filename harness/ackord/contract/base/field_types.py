"""Define the base model and the field types of every YAML file: durations, JSON paths, exact numbers.

The base model refuses unknown fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ...errors import did_you_mean
from .http_messages import header_name
from .json_path import compile_path

__all__ = [
    "Count",
    "Duration",
    "FileName",
    "Flag",
    "HeaderName",
    "JsonPath",
    "Name",
    "StrictModel",
    "field_problem",
]

Flag = Annotated[bool, Strict()]
"""``true`` or ``false``, nothing that merely resembles them."""
Count = Annotated[int, Strict(), Field(ge=1, le=10**12)]
"""A whole number of at least 1; text and fractions are refused, and what nobody counts to."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""Lower-case letters, digits and hyphens: it becomes part of file names and test identifiers."""


def _checked_path(path: str) -> str:
    compile_path(path)
    return path


JsonPath = Annotated[str, AfterValidator(_checked_path), Field(json_schema_extra={"pattern": r"^\$"})]
"""A place in a JSON answer: ``$.a.b[0].c``."""


HeaderName = Annotated[str, AfterValidator(header_name)]


def _below(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.name:
        raise ValueError("a path below the file's own folder, such as openapi.json")
    return name


FileName = Annotated[str, AfterValidator(_below)]
"""The path of a file that belongs to the one that names it: below its folder."""


def field_problem(field: str, problem: str, *, expected: str = "") -> PydanticCustomError:
    """An error about one key of the mapping that is being validated: raise it from a validator of the whole mapping."""
    context = {"field": field, "problem": problem, "expected": expected}
    return PydanticCustomError("field_problem", "{problem}", context)


class StrictModel(BaseModel):
    """Base of all parts of a contract or a profile.

    It is frozen. An unknown field is refused, and the error names the nearest known one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, defer_build=True)

    renamed: ClassVar[Mapping[str, str]] = {}
    """Former names of fields and the present ones. A former name is refused with the present one in the message."""

    @model_validator(mode="before")
    @classmethod
    def _no_unknown_fields(cls, data: Any) -> Any:
        if isinstance(data, dict):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            for key in data:
                if key in cls.renamed:
                    raise field_problem(
                        key, f'this field is called "{cls.renamed[key]}" now', expected=f"{cls.renamed[key]}:"
                    )
                if key not in known:
                    raise field_problem(
                        key, f"there is no such field.{did_you_mean(key, known)}", expected=f"one of {', '.join(known)}"
                    )
        return data


_UNITS_NS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
_DURATION = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)")


class Duration(str):
    """A duration as written in a file: ``500ms``, ``30s``, ``5m``, ``2h`` or ``14d``. ``ns``: the same in ns."""

    __slots__ = ("ns",)

    ns: int

    def __new__(cls, text: object) -> Duration:
        """Parse a duration.

        Raises ``ValueError`` for anything but a number with a unit: a bare ``30`` could be seconds or milliseconds.
        """
        match = _DURATION.fullmatch(text) if isinstance(text, str) else None
        if match is None or not isinstance(text, str):
            raise ValueError("expected a duration with its unit, such as 500ms, 30s, 5m, 2h or 14d")
        whole, _, fraction = match[1].partition(".")
        unit_ns = _UNITS_NS[match[2]]
        duration = super().__new__(cls, text)
        duration.ns = int(whole) * unit_ns + (int(fraction) * unit_ns // 10 ** len(fraction) if fraction else 0)
        return duration

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": f"^{_DURATION.pattern}$", "examples": ["500ms", "30s", "14d"]}
