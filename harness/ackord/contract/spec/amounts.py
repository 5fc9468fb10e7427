"""Define how a provider counts money, where that is not as ISO 4217 says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from ..base.amounts import AmountUnits
from ..base.field_types import StrictModel

__all__ = ["AmountsSpec", "CurrencyCode"]

CurrencyCode = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class AmountsSpec(StrictModel):
    """How amounts are written. `limits` and reports go on counting in the minor units of ISO 4217."""

    minor_units: Literal["number", "text"] = Field(
        default="number",
        description='What minor units are in JSON: a number (`1999`) or text (`"1999"`). It holds for '
        "`${amount.minor}` and for what is read as `amount_minor`, in the ledger and the statement too.",
    )
    exponents: dict[CurrencyCode, Annotated[int, Strict(), Field(ge=0, le=8)]] = Field(
        default={},
        description="Decimal places of a currency, where the provider's minor units are not those of ISO 4217: "
        "`{ISK: 2}`.",
    )

    def units(self) -> AmountUnits:
        """Return what writes and reads amounts."""
        return AmountUnits(self.exponents, self.minor_units == "text")
