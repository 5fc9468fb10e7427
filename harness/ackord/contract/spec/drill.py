"""Define how a drill understands what a merchant sends."""

from __future__ import annotations

from pydantic import Field

from ..base.field_types import JsonPath, StrictModel

__all__ = ["DrillSpec"]


class DrillSpec(StrictModel):
    """What tells a merchant's payments apart."""

    intent: JsonPath = Field(
        description="The place in a submit's body that names the payable thing, such as an invoice's number: two order "
        "numbers for one of it are a double payment. Left out: payee, amount and currency tell things apart."
    )
