"""Defines what a fault is: one class with its parameters, effect, evidence, healing and drawing.

To add one, write one file in this folder: a subclass of its seam's base (``links.LinkFault``,
``controls.ControlFault``, ``triggers.TriggeredFault``, ``callbacks.CallbackFault`` or ``edge.EdgeFault``) with a
docstring (what it does), ``seam``, ``heals`` and ``@register``. Nothing else has to be edited. A package brings one by
naming the class, without ``@register``, under the entry point ``ackord.faults``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, Literal, Protocol, Self, TypeVar, get_args

from pydantic import Discriminator, Field, Strict, Tag, model_validator

from ...contract.base.field_types import Name, StrictModel, field_problem
from ...core.event import Event, ReplicationSample
from ...core.registry import Registry
from ...core.seed import Seed
from ..timing.schedule import Schedule

__all__ = [
    "FAULTS",
    "ActiveFault",
    "Fault",
    "Json",
    "KeyedFault",
    "Milliseconds",
    "ParameterRange",
    "RunControl",
    "Seam",
    "drawn_number",
    "load_faults",
    "register",
]

Json = dict[str, Any]


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
    CALLBACK = "callback"
    """HTTP from the provider to a merchant under drill."""
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


class RunControl(Protocol):
    """What a fault may request from the run in which it is armed.

    Every method raises ``EnvironmentFailed`` if it does not succeed.
    """

    @property
    def nodes(self) -> Sequence[str]:
        """The names of the provider's nodes."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """The history so far."""
        ...

    async def control(self, do: str, **arguments: Any) -> Json:
        """Call the control interface of the provider that was started for the run."""
        ...

    def samples(self, since_ns: int, replica: str = "") -> list[ReplicationSample]:
        """Return the samples of a replica (default: the standby) by probes that began at or after ``since_ns``."""
        ...

    def free_node(self) -> str | None:
        """Return the next node in turn that no fault holds; ``None``: all are held."""
        ...

    def use_up(self) -> None:
        """Say that the provider must be started anew before the next profile."""
        ...

    async def do_hook(self, name: str) -> Json:
        """Do a hook of the contract, unless another fault has done it already; return what shows that it was done."""
        ...

    async def hook_in_effect(self, name: str) -> Json | None:
        """Measure a hook that is done; return what shows that it is in effect and was not before, if that is so."""
        ...

    async def undo_hook(self, name: str) -> None:
        """Undo the hook, unless another fault still needs it."""
        ...


class Fault(StrictModel):
    """The base of all faults."""

    renamed: ClassVar[Mapping[str, str]] = {"chance": "probability"}
    seams: ClassVar[tuple[Seam, ...]] = ()
    """The seams whose faults derive from this class."""
    seam: ClassVar[Seam]
    """Where this fault enters; one of ``seams``."""
    also_needs: ClassVar[tuple[Seam, ...]] = ()
    """Further seams that a target must have, though it enters elsewhere."""
    heals: ClassVar[str]
    """How it is taken back, in one sentence."""
    takes_hold_late: ClassVar[bool] = False
    """Whether it takes hold some time after its arming, so that a run waits for its evidence. The evidence must not
    need injection then: a lag that a provider has anyway counts, too."""
    instant: ClassVar[bool] = False
    """Whether it happens at an instant, such as a crash, rather than lasting."""
    common: ClassVar[set[str]]
    """The fields that all faults have."""
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
        return Schedule(drawn_number(self.after_ms), _maybe(self.for_ms), _maybe(self.every_ms))

    def params(self) -> dict[str, Any]:
        """Its own parameters, without those that all faults have; units are in the names."""
        return self.model_dump(mode="json", exclude=self.common)

    @property
    def hit_share(self) -> float:
        """The share of what it could hit that it hits, from 0 to 1. Raises ``ValueError`` as long as it is a span."""
        return 1.0

    def said(self) -> Json:
        """Its parameters and its share, as a history has them."""
        return {**self.params(), "share": self.hit_share}

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        """Return what shows, from the far side, that this arming had an effect; ``None``: nothing does.

        Faults of the edge are shown operation by operation (``fired``) and need none.
        """
        return armed.proof


F_co = TypeVar("F_co", bound=Fault, covariant=True)


@dataclass(slots=True, eq=False)
class ActiveFault(Generic[F_co]):
    """One arming of a fault. What shows its effect is kept here, so that it cannot count for another arming."""

    fault: F_co
    since_ns: int
    """The instant of arming."""
    on: bool = True
    """Whether its schedule lets it be in force now."""
    injected: Json | None = None
    """Triggered faults: what was done; ``None`` while nothing is to be taken back."""
    told: Json | None = None
    """Faults of the control interface: the settings that were sent last while it was in force."""
    answer: Json | None = None
    """The answer to the settings with which it came into force."""
    proof: Json | None = None
    """What was seen when it was put in force: it may be over when somebody asks."""
    proven: bool = False
    """Whether its effect is in the history."""


class KeyedFault(Fault):
    """A fault that hits a share of the orders or operations: the same ones for the same seed."""

    share: Share = Field(default=1.0, description="The share of what it could hit, over 0 and up to 1.")

    @property
    def hit_share(self) -> float:
        return drawn_number(self.share)


Fault.common = set(KeyedFault.model_fields)

_LEAST_PERIOD_MS = 100


def drawn_number(value: float | ParameterRange) -> float:
    """The value of a parameter that may be a span. Raises ``ValueError`` for a span that the seed has not drawn."""
    if isinstance(value, ParameterRange):
        raise ValueError("a span has no value until the seed has drawn it")
    return value


def _maybe(value: float | ParameterRange | None) -> float | None:
    return None if value is None else drawn_number(value)


FAULTS: Registry[type[Fault]] = Registry("fault")
ENTRY_POINT_GROUP = "ackord.faults"

F = TypeVar("F", bound=type[Fault])


def register(fault: F) -> F:
    """Make a fault known by its name.

    Raises ``ValueError`` if the name is taken, if the fault has no docstring, or if its base class does not fit its
    seam.
    """
    FAULTS.add(checked_name(fault), fault)
    return fault


def load_faults() -> Registry[type[Fault]]:
    """Return all faults, those of installed packages included. Raises ``UsageError`` for one that cannot be used."""
    FAULTS.load_outsiders(ENTRY_POINT_GROUP, type(Fault), checked_name)
    return FAULTS


def checked_name(fault: type[Fault]) -> str:
    if not issubclass(fault, Fault) or getattr(fault, "seam", None) not in fault.seams:
        raise ValueError(f"{fault.__name__} must derive from the base class of the faults of its seam")
    name = fault.fault_name()
    if not fault.__doc__ or not getattr(fault, "heals", ""):
        raise ValueError(f"the fault {name} needs a docstring and says how it heals")
    return name
