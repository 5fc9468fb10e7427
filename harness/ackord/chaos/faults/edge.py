"""Defines the faults of the edge: which requests one hits, and what it does to a request and to its answer."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from ...contract.base.field_types import Count, JsonPath, StrictModel
from ..timing.schedule import ALWAYS, Schedule
from .base import Json, KeyedFault, Milliseconds, Seam, drawn_number

__all__ = ["EdgeFault", "Match"]


class Match(StrictModel):
    """Which requests a fault may hit; what is left out means any. All that is given must hold."""

    operation: list[Literal["submit", "resubmit", "query"]] = Field(default=[], description="Kinds of operation.")
    attempt: list[Count] = Field(
        default=[], description="The number of the request among those for its order and operation, from 1."
    )
    order: list[Count] = Field(default=[], description="Ordinals of orders: the first of a run is 1.")
    node: list[str] = Field(default=[], description="The provider's nodes.")
    header: dict[str, str] = Field(
        default={}, description="Header name -> value; `*` and `?` stand for any characters. Names in any case."
    )
    body: dict[JsonPath, str | int | float | bool | None] = Field(
        default={},
        description="JSONPath into the request's body -> value; in text, `*` and `?` stand for any characters.",
    )


class EdgeFault(KeyedFault):
    """A fault between merchant and provider: the gateway applies it to single operations."""

    seams: ClassVar[tuple[Seam, ...]] = (Seam.EDGE,)
    seam: ClassVar[Seam] = Seam.EDGE
    heals: ClassVar[str] = "The gateway drops the rule; what it holds back at that moment is let go."

    match: Match = Field(default=Match(), description="Which operations it may hit.")

    first: Count | None = Field(
        default=None, description="Only the first so many requests of each order and operation; then it lets them pass."
    )
    every: Count | None = Field(
        default=None, description="Only every so many-th order; the seed says with which it begins."
    )
    quota: Count | None = Field(
        default=None,
        description="At most so many times from its arming on, in the order of arrival: the one limit that is not "
        "keyed.",
    )
    ramp_ms: Milliseconds = Field(
        default=0, description="Its share grows evenly from nothing while this long passes, in milliseconds."
    )

    def schedule(self) -> Schedule:
        return replace(super().schedule(), ramp_ms=drawn_number(self.ramp_ms))

    def to_rule(self, armed_ns: int = 0) -> Json:
        """Return it as the gateway is given it; ``armed_ns``: the instant from which its schedule counts."""
        match = {k: v for k, v in self.match.model_dump(mode="json").items() if v}
        rule: Json = {"fault": self.fault, "share": self.hit_share, "match": match, "params": self.params()}
        if limits := {k: v for k in ("first", "every", "quota") if (v := getattr(self, k)) is not None}:
            rule["limits"] = limits
        if (schedule := self.schedule()) != ALWAYS:
            rule["schedule"] = {**schedule.to_json(), "armed_ns": armed_ns}
        return rule


EdgeFault.common = set(EdgeFault.model_fields)
