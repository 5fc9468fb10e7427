"""What a fault is: a frozen set of parameters with a name, the seam at which it enters, and how it heals.

A fault is data. Whoever owns its seam applies it: the gateway the edge faults, the run all others. To add one, write one file in this folder:
a subclass of ``Fault`` with a docstring (what it does), ``seam`` and ``heals``, and ``@register``. Nothing else has to be edited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, get_args

from pydantic import Discriminator, Field, Strict, Tag, model_validator

from ...contract.base.field_types import Count, JsonPath, Name, StrictModel, field_problem
from ...core.registry import Registry
from ...core.seed import Seed
from ..timing.schedule import ALWAYS, Schedule

__all__ = [
    "FAULTS",
    "EdgeFault",
    "Fault",
    "FaultSpec",
    "KeyedFault",
    "Match",
    "Milliseconds",
    "ParameterRange",
    "Seam",
    "register",
]


class ParameterRange(StrictModel):
    """Two bounds, between which the run's seed draws one value for the whole run."""

    least: Annotated[float, Strict(), Field(ge=0, le=600_000)] = Field(description="The lower bound.")
    most: Annotated[float, Strict(), Field(ge=0, le=600_000)] = Field(description="The upper bound.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least > self.most:
            raise field_problem("least", f"{self.least:g} is over most, {self.most:g}", expected="least <= most")
        return self

    def drawn(self, seed: Seed, *parts: str | int) -> float:
        """A value between the bounds; from 1 on a whole number, since a real Toxiproxy takes no other."""
        value = seed.between(self.least, self.most, "span", *parts)
        return float(round(value)) if value >= 1 else round(value, 3)


_NUMBER_OR_SPAN = Discriminator(lambda value: "span" if isinstance(value, dict | ParameterRange) else "number")
Milliseconds = Annotated[
    Annotated[float, Strict(), Field(ge=0, le=600_000, allow_inf_nan=False), Tag("number")]
    | Annotated[ParameterRange, Tag("span")],
    _NUMBER_OR_SPAN,
]
"""At most ten minutes; or a span, from which the seed draws."""
Share = Annotated[
    Annotated[float, Strict(), Field(gt=0, le=1), Tag("number")] | Annotated[ParameterRange, Tag("span")],
    _NUMBER_OR_SPAN,
]


class Seam(StrEnum):
    """Where chaos enters, from outside in."""

    EDGE = "edge"
    """HTTP between merchant and provider; always there."""
    WIRE = "wire"
    """TCP between merchant and provider, in front of the edge; always there."""
    NODES = "nodes"
    """Several addresses of one provider."""
    REPLICATION = "replication"
    """A TCP link inside the provider's data tier."""
    READ_MODEL = "read-model"
    """The TCP link over which one table is copied to where queries may be answered from."""
    CHANNEL = "channel"
    """The provider's own way to its bank."""
    PROCESS = "process"
    """The provider's processes: pause, crash, restart."""
    DATABASE = "database"
    """The provider's database servers: kill one, promote another."""
    NETWORK = "network"
    """The provider's own network: take a machine off it."""
    SETTING = "setting"
    """Settings of the provider's own that only its vendor reaches, such as how late its standby applies."""
    CLOCK = "clock"
    """What the provider's nodes take for the time of day."""
    HOOK = "hook"
    """Control calls, SQL or commands that the contract declares."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One fault of a profile, as those who apply it need it."""

    name: str
    seam: Seam
    params: dict[str, Any]
    share: float = 1.0
    """The share of what it could hit, 0 to 1; which ones is decided by hash, see ``core.seed``."""
    match: dict[str, Any] = field(default_factory=dict)
    """Edge faults: what a request must be like (see ``Match``); a key that is absent means any."""
    limits: dict[str, int] = field(default_factory=dict)
    """Edge faults: ``first``, ``every`` and ``quota``, as far as they are given."""
    schedule: Schedule = ALWAYS
    instant: bool = False
    """Whether it happens at an instant, such as a crash."""
    during: str = "disturb"
    """``steady``, ``disturb`` or ``all``."""
    proves: tuple[str, ...] = ()
    """Guarantees that say nothing unless this fault was proven effective."""

    def to_rule(self, armed_ns: int = 0) -> dict[str, Any]:
        """What the gateway is given; ``armed_ns``: the instant from which its schedule counts. Raises ``ValueError`` for a fault of another seam."""
        if self.seam is not Seam.EDGE:
            raise ValueError(f"{self.name} is a fault of the seam {self.seam}; the gateway takes edge faults only")
        rule: dict[str, Any] = {"fault": self.name, "share": self.share, "match": self.match, "params": self.params}
        if self.limits:
            rule["limits"] = self.limits
        if self.schedule != ALWAYS:
            rule["schedule"] = {**self.schedule.to_json(), "armed_ns": armed_ns}
        return rule


class Fault(StrictModel):
    """The base of all faults."""

    renamed: ClassVar[Mapping[str, str]] = {"chance": "probability"}

    seam: ClassVar[Seam]
    heals: ClassVar[str]
    """How it is taken back, in one sentence."""
    instant: ClassVar[bool] = False
    """Whether it happens at an instant, such as a crash, rather than lasting."""
    subject: ClassVar[str] = ""
    """``integration``: it makes up answers, so it may try a merchant and never judge a provider."""

    fault: str = Field(description="The fault's name.")
    during: Literal["steady", "disturb", "all"] = Field(
        default="disturb", description="The phases in which it is armed."
    )
    after_ms: Milliseconds = Field(default=0, description="How long after its arming it begins, in milliseconds.")
    for_ms: Milliseconds | None = Field(
        default=None,
        description="How long it lasts; it then ends by itself. Left out: until the faults are healed.",
    )
    every_ms: Milliseconds | None = Field(
        default=None, description="From the begin of one outage to the begin of the next; left out: there is only one."
    )
    probability: Share = Field(
        default=1.0, description="The probability that it takes part in a run at all: the seed decides (swarm testing)."
    )
    proves: list[Name] = Field(
        default=[],
        description="Guarantees that are INCONCLUSIVE unless this fault was proven effective.",
    )

    @model_validator(mode="after")
    def _comes_again_after_it_ended(self) -> Self:
        if self.every_ms is None:
            return self
        period = self.every_ms.least if isinstance(self.every_ms, ParameterRange) else self.every_ms
        length = self.for_ms.most if isinstance(self.for_ms, ParameterRange) else self.for_ms
        if self.instant:
            if length is not None:
                raise field_problem("for_ms", f"{self.fault} happens at an instant, so it lasts for no time")
            if period < _LEAST_PERIOD_MS:
                raise field_problem("every_ms", f"{period:g} ms is too often", expected=f"at least {_LEAST_PERIOD_MS}")
        elif length is None:
            raise field_problem("every_ms", "it never ends, so it cannot come again", expected="for_ms as well")
        elif period < max(length, _LEAST_PERIOD_MS / 10):
            raise field_problem(
                "every_ms", f"{period:g} ms is shorter than for_ms or 10 ms", expected=f"{max(length, 10):g} or more"
            )
        return self

    @classmethod
    def fault_name(cls) -> str:
        return str(get_args(cls.model_fields["fault"].annotation)[0])

    def takes_part(self, seed: Seed, *parts: str | int) -> bool:
        """Whether the seed lets it take part in a run; ``parts`` tell it from its like."""
        probability = self.probability
        if isinstance(probability, ParameterRange):
            probability = probability.drawn(seed, *parts, "chance")
        return seed.hits(probability, "chance", *parts)

    def drawn(self, seed: Seed, *parts: str | int) -> Self:
        """What the seed makes of it: every span a number."""
        values = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, ParameterRange):
                values[name] = value.drawn(seed, *parts, name)
        return self.model_copy(update=values)

    def schedule(self) -> Schedule:
        """Raises ``ValueError`` as long as it holds a span (see ``drawn``)."""
        return Schedule(_number(self.after_ms), _maybe(self.for_ms), _maybe(self.every_ms))

    def params(self) -> dict[str, Any]:
        """Its own parameters, without those that all faults have; units are in the names."""
        return self.model_dump(mode="json", exclude=_COMMON)

    def spec(self) -> FaultSpec:
        """This fault as plain data. Raises ``ValueError`` as long as it holds a span (see ``drawn``)."""
        return FaultSpec(
            self.fault,
            self.seam,
            self.params(),
            schedule=self.schedule(),
            instant=self.instant,
            during=self.during,
            proves=tuple(self.proves),
        )


class KeyedFault(Fault):
    """A fault that hits a share of the orders or operations: the same ones for the same seed."""

    share: Share = Field(default=1.0, description="The share of what it could hit, over 0 and up to 1.")

    def spec(self) -> FaultSpec:
        return replace(super().spec(), share=_number(self.share))


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
        description="At most so many times from its arming on, in the order of arrival: the one limit that is not keyed.",
    )
    ramp_ms: Milliseconds = Field(
        default=0, description="Its share grows evenly from nothing while this long passes, in milliseconds."
    )

    def schedule(self) -> Schedule:
        return replace(super().schedule(), ramp_ms=_number(self.ramp_ms))

    def spec(self) -> FaultSpec:
        match = {k: v for k, v in self.match.model_dump(mode="json").items() if v}
        limits = {k: v for k in ("first", "every", "quota") if (v := getattr(self, k)) is not None}
        return replace(super().spec(), match=match, limits=limits)


_LEAST_PERIOD_MS = 100
_COMMON = set(EdgeFault.model_fields)
"""What is not a fault's own."""


def _number(value: float | ParameterRange) -> float:
    if isinstance(value, ParameterRange):
        raise ValueError("a span has no value until the seed has drawn it")
    return value


def _maybe(value: float | ParameterRange | None) -> float | None:
    return None if value is None else _number(value)


FAULTS: Registry[type[Fault]] = Registry("fault")

F = TypeVar("F", bound=type[Fault])


def register(fault: F) -> F:
    """Make a fault known by its name. Raises ``ValueError`` for a name that is taken, or a fault that does not say what it does."""
    if not fault.__doc__ or not getattr(fault, "heals", ""):
        raise ValueError(f"the fault {fault.fault_name()} needs a docstring and says how it heals")
    FAULTS.add(fault.fault_name(), fault)
    return fault
