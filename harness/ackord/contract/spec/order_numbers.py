"""Define what a contract's order numbers look like, in the YAML and for the code that generates them."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, Self

from pydantic import Field, model_validator

from ..base.field_types import Count, StrictModel, field_problem

__all__ = ["OrderNumberFormat", "OrderNumberSpec"]


class OrderNumberFormat(NamedTuple):
    """The form of a contract's order numbers."""

    alphabet: str = "0123456789"
    """Every character that may stand in one."""
    length: tuple[int, int] = (16, 32)
    """Fewest and most characters, the prefix included."""
    prefix: str = ""
    uuid: bool = False
    """They are UUIDs; nothing else counts then."""


class OrderNumberSpec(StrictModel):
    """What the merchant's own order numbers look like, so that the harness can make valid ones."""

    form: Literal["uuid"] | None = Field(
        default=None,
        description="`uuid`: every number is a UUID; `alphabet` and `length` mean nothing then.",
    )
    prefix: str = Field(default="", max_length=64, description="What every number begins with.")
    alphabet: str = Field(
        default="0-9A-Za-z",
        min_length=1,
        description="Characters it may hold; `a-z` is a range, a hyphen at the end stands for itself.",
    )
    length: tuple[Count, Count] = Field(
        default=(16, 32), description="Fewest and most characters, the prefix included."
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        low, high = self.length
        if low > high or high > 256:
            raise field_problem(
                "length", "the first number is the fewest and the second the most characters, at most 256"
            )
        room = high - len(self.prefix)
        if room < 1 or len(set(self.characters())) ** room < 10**12:
            raise field_problem("alphabet", "there are too few numbers of this form for a run to never use one twice")
        return self

    def number_form(self) -> OrderNumberFormat:
        return OrderNumberFormat(self.characters(), self.length, self.prefix, self.form == "uuid")

    def characters(self) -> str:
        """The alphabet written out: ``a-c_`` as ``abc_``."""
        return re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), self.alphabet)
