"""Define what a statement says about itself, by which its lines are checked: totals, a checksum, a count of pages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from ..base.field_types import StrictModel
from ..base.patterns import compile_pattern
from .places import RegexSelector, SelectorField

__all__ = ["Pattern", "StatementChecksum", "TotalName", "TotalPattern", "TotalPlace"]

TotalName = Literal[
    "rows", "rows_out", "rows_in", "amount", "amount_out", "amount_in", "net", "fee", "opening", "closing"
]
"""``amount`` is the sum without signs; ``net`` is what came in less what went out, as ``closing`` less ``opening``."""


def _sound(pattern: str) -> str:
    compile_pattern(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_sound)]


class TotalPattern(StrictModel):
    """A total in a row above or below the movements of a table."""

    regex: Pattern = Field(
        description="A regular expression that one row's text meets, its cells joined by the delimiter: the first "
        "group is the total."
    )


def _form(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    return "part" if isinstance(value, RegexSelector) or (isinstance(value, dict) and "from" in value) else "pattern"


TotalPlace = Annotated[
    Annotated[str, Tag("text")] | Annotated[RegexSelector, Tag("part")] | Annotated[TotalPattern, Tag("pattern")],
    Discriminator(_form),
]
"""Of JSON and XML a place in an answer; of a table a cell above or below the movements, whose total stands under it."""


class StatementChecksum(StrictModel):
    """A digest of the statement's file, as the answer tells it that names the file."""

    at: SelectorField = Field(description="Where it stands in the answer, in hexadecimal.")
    algorithm: Literal["md5", "sha1", "sha256", "sha512"] = Field(description="How it is made.")
    of: Literal["file", "content"] = Field(
        default="file", description="Of the file as it is fetched, or of what is in it once it is unpacked."
    )
