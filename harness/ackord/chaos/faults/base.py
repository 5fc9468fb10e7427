"""What a fault is: a frozen set of parameters with a name, the seam at which it enters, and how it heals.

A fault is data. Whoever owns its seam applies it: the gateway the edge faults, the run all others. To add one, write one file in this folder:
a subclass of ``Fault`` with a docstring (what it does), ``seam`` and ``heals``, and ``@register``. Nothing else has to be edited.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

from pydantic import Field, Strict

from ...contract.fields import Name, Part
from ...core.registry import Registry

__all__ = ["FAULTS", "EdgeFault", "Fault", "FaultSpec", "KeyedFault", "Match", "Milliseconds", "Seam", "register"]

Milliseconds = Annotated[float, Strict(), Field(ge=0, le=600_000, allow_inf_nan=False)]
"""At most ten minutes."""
Share = Annotated[float, Strict(), Field(gt=0, le=1)]


class Seam(StrEnum):
    """Where chaos enters, from outside in."""

    EDGE = "edge"
    """HTTP between merchant and provider; always there."""
    NODES = "nodes"
    """Several addresses of one provider."""
    REPLICATION = "replication"
    """A TCP link inside the provider's data tier."""
    CHANNEL = "channel"
    """The provider's own way to its bank."""
    PROCESS = "process"
    """The provider's processes: crash, restart."""
    HOOK = "hook"
    """A control call or a setting that the provider itself offers."""


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One fault of a profile, as those who apply it need it."""

    name: str
    seam: Seam
    params: dict[str, Any]
    share: float = 1.0
    """The share of what it could hit, 0 to 1; which ones is decided by hash, see ``core.seed``."""
    match: dict[str, list[Any]] = field(default_factory=dict)
    """Edge faults: ``operation``, ``attempt`` and ``node`` that it may hit; a key that is absent means any."""
    during: str = "disturb"
    """``steady``, ``disturb`` or ``all``."""
    proves: tuple[str, ...] = ()
    """Guarantees that say nothing unless this fault was proven effective."""

    def to_rule(self) -> dict[str, Any]:
        """What the gateway is given. Raises ``ValueError`` for a fault of another seam."""
        if self.seam is not Seam.EDGE:
            raise ValueError(f"{self.name} is a fault of the seam {self.seam}; the gateway takes edge faults only")
        return {"fault": self.name, "share": self.share, "match": self.match, "params": self.params}


class Fault(Part):
    """The base of all faults."""

    seam: ClassVar[Seam]
    heals: ClassVar[str]
    """How it is taken back, in one sentence."""

    fault: str = Field(description="The fault's name.")
    during: Literal["steady", "disturb", "all"] = Field(
        default="disturb", description="The phases in which it is armed."
    )
    proves: list[Name] = Field(
        default=[],
        description="Guarantees that are INCONCLUSIVE unless this fault was proven effective.",
    )

    @classmethod
    def fault_name(cls) -> str:
        return str(get_args(cls.model_fields["fault"].annotation)[0])

    def params(self) -> dict[str, Any]:
        """Its own parameters, without those that all faults have; units are in the names."""
        return self.model_dump(mode="json", exclude=_COMMON)

    def spec(self) -> FaultSpec:
        """This fault as plain data."""
        return FaultSpec(self.fault, self.seam, self.params(), during=self.during, proves=tuple(self.proves))


class KeyedFault(Fault):
    """A fault that hits a share of the orders or operations: the same ones for the same seed."""

    share: Share = Field(default=1.0, description="The share of what it could hit, over 0 and up to 1.")

    def spec(self) -> FaultSpec:
        return FaultSpec(self.fault, self.seam, self.params(), self.share, {}, self.during, tuple(self.proves))


class Match(Part):
    """Which operations a fault may hit; what is left out means any."""

    operation: list[Literal["submit", "resubmit", "query"]] = Field(default=[], description="Kinds of operation.")
    attempt: list[Annotated[int, Strict(), Field(ge=1)]] = Field(
        default=[], description="The number of the request among those for its order and operation, from 1."
    )
    node: list[str] = Field(default=[], description="The provider's nodes.")


class EdgeFault(KeyedFault):
    """A fault between merchant and provider: the gateway applies it to single operations."""

    seam: ClassVar[Seam] = Seam.EDGE
    heals: ClassVar[str] = "The gateway drops the rule; what it holds back at that moment is let go."

    match: Match = Field(default=Match(), description="Which operations it may hit.")

    def spec(self) -> FaultSpec:
        match: dict[str, list[Any]] = {k: v for k, v in self.match.model_dump(mode="json").items() if v}
        return FaultSpec(self.fault, self.seam, self.params(), self.share, match, self.during, tuple(self.proves))


_COMMON = {"fault", "during", "proves", "share", "match"}

FAULTS: Registry[type[Fault]] = Registry("fault")

F = TypeVar("F", bound=type[Fault])


def register(fault: F) -> F:
    """Make a fault known by its name. Raises ``ValueError`` for a name that is taken, or a fault that does not say what it does."""
    if not fault.__doc__ or not getattr(fault, "heals", ""):
        raise ValueError(f"the fault {fault.fault_name()} needs a docstring and says how it heals")
    FAULTS.add(fault.fault_name(), fault)
    return fault
