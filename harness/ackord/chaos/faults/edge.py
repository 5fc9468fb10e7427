"""Defines the base of the edge's faults: which requests one hits, and what it does to a request and to its answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

from pydantic import Field, ValidationError

from ...contract.base.field_types import Count, JsonPath, StrictModel
from ...contract.loading.validation_errors import explain_error
from ...errors import UnknownNameError, UsageError
from ..timing.schedule import ALWAYS, Schedule
from .base import Fault, Json, KeyedFault, Milliseconds, Seam, drawn_number, load_faults
from .edge_actions import AnswerAction, EdgeAction
from .edge_views import AnswerView, KeyedRandom, RequestView

__all__ = ["EdgeFault", "Match", "edge_fault", "edge_faults"]


class Match(StrictModel):
    """Which requests a fault may hit; what is left out means any. All that is given must hold."""

    operation: list[Literal["submit", "resubmit", "query", "cancel", "refund"]] = Field(
        default=[], description="Kinds of operation."
    )
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
    """A fault between merchant and provider: the gateway applies it to single operations.

    ``on_request`` and ``on_answer`` are pure. They see what passes and return what is to be done (``edge_actions``);
    the gateway and the simulation carry that out, and record each effect.
    """

    seams: ClassVar[tuple[Seam, ...]] = (Seam.EDGE,)
    seam: ClassVar[Seam] = Seam.EDGE
    heals: ClassVar[str] = "The gateway drops the rule; what it holds back at that moment is let go."

    composable: ClassVar[bool] = False
    """Whether it combines with any other fault; of the rest only one can hit a request."""
    queries_only: ClassVar[bool] = False
    """Whether it hits only queries."""
    needs_history: ClassVar[bool] = False
    """Whether ``on_answer`` looks at earlier answers, so that they are remembered."""

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

    def on_request(self, request: RequestView, random: KeyedRandom) -> Collection[EdgeAction] | None:
        """Return what is to be done for a request that it hits; ``None``: it does not hit this one after all.

        Called once for a request, when it is here whole (its beginning, if it is too large to be held).
        """
        return ()

    def on_answer(self, answer: AnswerView) -> AnswerAction | None:
        """Return what is to be done to the provider's complete answer; ``None``: it passes.

        A fault that defines this has the answer held back until it is complete, up to 1 MiB; a larger one passes.
        """
        return None

    @classmethod
    def holds_answer(cls) -> bool:
        """Whether answers are held back for ``on_answer``."""
        return cls.on_answer is not EdgeFault.on_answer

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


def edge_faults() -> dict[str, type[EdgeFault]]:
    """Return all faults of the edge by name, those of installed packages included."""
    return {known.fault_name(): known for known in load_faults() if issubclass(known, EdgeFault)}


def edge_fault(name: object, params: Mapping[str, Any]) -> EdgeFault:
    """Make a fault from the parameters of a rule (see ``to_rule``).

    Raises ``UsageError`` for an unknown name or parameter and for a value out of bounds.
    """
    faults = load_faults()
    found = faults.get(name) if isinstance(name, str) and name in faults else Fault
    if not issubclass(found, EdgeFault):
        raise UnknownNameError("fault of the edge", str(name), edge_faults())
    own = [field for field in found.model_fields if field not in EdgeFault.common]
    if unknown := [str(param) for param in params if param not in own]:
        raise UnknownNameError(f"parameter of {name}", unknown[0], own)
    try:
        return found.model_validate({"fault": name, **params})
    except ValidationError as error:
        problem = explain_error(error.errors(include_url=False)[0], dict(params), ())
        raise UsageError(
            f"{name}: {problem.problem}" + (f". Expected {problem.expected}" if problem.expected else "")
        ) from None
