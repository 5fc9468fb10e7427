"""Faults of the bytes between merchant and provider: Toxiproxy's toxics."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, Strict, model_validator

from ...contract.base.field_types import field_problem
from ...errors import UsageError
from ..links.kinds import toxic_from_json
from .base import Fault, Seam, register

__all__ = ["ToxicFault"]


@register
class ToxicFault(Fault):
    """One of Toxiproxy's toxics on the TCP connections of the merchants: it knows bytes and no messages, as a bad network does."""

    seam: ClassVar[Seam] = Seam.WIRE
    heals: ClassVar[str] = "The toxic is taken off; what it held back leaves at once, in order."

    fault: Literal["toxic"] = Field(description="The fault's name.")
    type: Literal["latency", "down", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data"] = (
        Field(description="Toxiproxy's name of the toxic.")
    )
    stream: Literal["upstream", "downstream"] = Field(
        default="downstream", description="`downstream`: the answers; `upstream`: the requests."
    )
    toxicity: Annotated[float, Strict(), Field(gt=0, le=1)] = Field(
        default=1.0, description="The share of connections that it acts on, drawn once for each."
    )
    attributes: dict[str, Annotated[float, Strict(), Field(ge=0)]] = Field(
        default={},
        description="Toxiproxy's: latency `latency`, `jitter` (ms); bandwidth `rate` (KB/s); slow_close `delay` (ms); timeout and reset_peer `timeout` (ms); "
        "slicer `average_size`, `size_variation` (bytes), `delay` (µs); limit_data `bytes`.",
    )

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        try:
            toxic_from_json(self.toxic())
        except UsageError as error:
            raise field_problem("attributes", str(error)) from None
        return self

    def toxic(self) -> dict[str, object]:
        """As Toxiproxy's interface takes it."""
        return {name: getattr(self, name) for name in ("type", "stream", "toxicity", "attributes")}
