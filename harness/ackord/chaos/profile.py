"""Reads chaos profiles (YAML): which faults are armed when, what the merchants do meanwhile, which guarantees may
break.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Union

from pydantic import Field, Strict, model_validator

from ..contract.base.field_types import Duration, Flag, Name, StrictModel, field_problem
from ..contract.loading.loader import contract_names as shipped_names
from ..contract.loading.loader import locate
from ..contract.loading.yaml_document import YamlDocument, read_yaml, validate_document
from ..core.seed import Seed
from ..errors import did_you_mean, dotted
from .faults import Fault, Seam, load_faults

__all__ = ["AnyFault", "LoadedProfile", "PhaseSize", "Phases", "Profile", "profile_names", "read_profile"]

FOLDER = "chaos_profiles"

if TYPE_CHECKING:
    AnyFault = Fault
else:
    # The members are known only at run time, so the union cannot be written with ``|``.
    AnyFault = Annotated[Union[tuple(load_faults())], Field(discriminator="fault")]  # noqa: UP007
"""Any fault, as files have it."""


class PhaseSize(StrictModel):
    """Size of one phase."""

    orders: Annotated[int, Strict(), Field(ge=0)] = Field(
        description="Orders that begin in it; a run's budget scales this."
    )
    concurrency: Annotated[int, Strict(), Field(ge=1, le=256)] = Field(
        default=12,
        description="Orders in play at once. Few keep answers quick, which a lag of a millisecond needs to show.",
    )


class Phases(StrictModel):
    """The phases in which orders begin. After them the faults are healed, and what is open settles."""

    steady: PhaseSize = Field(default=PhaseSize(orders=0), description="Before the faults: the control.")
    disturb: PhaseSize = Field(default=PhaseSize(orders=0), description="Under the faults.")


class Profile(StrictModel):
    """A chaos profile."""

    name: Name = Field(description="The profile's name, which is also its file's.")
    incident: str = Field(min_length=1, description="The incident that it stands for, in a sentence or two.")
    default: Flag = Field(
        default=True,
        description="Whether a run that names no profile includes it; `--profile all` includes every one that the "
        "target allows.",
    )
    subject: Literal["provider", "integration"] = Field(
        default="provider",
        description="Who is tried. `integration`: a merchant, by `ackord gateway` or `ackord drill`; what the merchant "
        "does is the workload, and no provider is judged.",
    )
    phases: Phases = Field(default=Phases(), description="How many orders begin when; a merchant has its own.")
    workload: dict[Name, Annotated[int, Strict(), Field(ge=0)]] = Field(
        default={}, description="Scenarios (short stories of one order) and their weights; a merchant has its own."
    )
    nodes: Literal["single", "split", "rotate"] = Field(
        default="single",
        description="Which of the provider's nodes are used: one for all; one for submits and another for resubmits "
        "and queries; or each in turn.",
    )
    faults: list[AnyFault] = Field(
        default=[],
        json_schema_extra={"x-shown-as": "list of [faults](#faults)"},
        description="The faults, each with its own parameters.",
    )
    connections: Literal["kept", "new"] = Field(
        default="kept",
        description="Whether the merchants keep their connections, or make a new one for every call, which may end "
        "at another machine each time.",
    )
    exposes: list[Name] = Field(
        default=[],
        description="Guarantees that this profile can break. One of these that met no exposure is INCONCLUSIVE, not "
        "NOT_APPLICABLE.",
    )
    machine: Flag = Field(default=True, description="Whether the stateful machine plays too, after the storm.")
    statement: Flag = Field(
        default=False,
        description="Whether the contract's statement is read: page by page while orders arrive, and all of it, twice, "
        "once it must be whole.",
    )
    clock: list[Literal["before-key-expiry", "after-key-expiry"]] = Field(
        default=[],
        description="How far the sandbox's clock (`sandbox_clock` of the contract) is moved on after the storm, step "
        "by step: to nine tenths of the time for which numbers are remembered (32 days where that is for "
        "ever), and beyond it. After each step the orders are sent again and asked for.",
    )
    exposure_window: Duration | None = Field(
        default=None,
        description="A read counts as an exposure of visibility if it began this soon after the acknowledgement; "
        "left out: at any time.",
    )

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.subject == "integration":
            if self.default:
                raise field_problem("default", "a profile that tries a merchant is no default", expected="false")
            return self
        for name in ("phases", "workload", "exposes"):
            if name not in self.model_fields_set or not getattr(self, name):
                raise field_problem(name, "it is left out", expected=f"{name}, unless subject is integration")
        return self

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.tries_merchant and not self.workload:
            return self
        if not any(self.workload.values()):
            raise field_problem("workload", "every weight is 0, so nothing would be done", expected="one weight over 0")
        sizes = {"steady": self.phases.steady.orders, "disturb": self.phases.disturb.orders}
        if not any(sizes.values()):
            raise field_problem("phases", "no phase has orders, so nothing would be done", expected="orders over 0")
        for fault in self.faults:
            if sizes.get(fault.during) == 0:
                problem = f"{fault.fault} is armed during {fault.during}, in which no order begins"
                raise field_problem("faults", problem, expected=f"orders in phases.{fault.during}, or another phase")
            for guarantee in fault.proves:
                if guarantee not in self.exposes:
                    near = did_you_mean(guarantee, self.exposes)
                    raise field_problem(
                        "faults", f"{fault.fault} proves {guarantee}, which is not under exposes.{near}"
                    )
        return self

    def drawn(self, seed: Seed) -> Profile:
        """Return the profile of one run: the seed draws the faults that take part (at least one) and every range.

        Drawing a drawn profile again changes nothing.
        """
        certain = [f.model_copy(update={"probability": 1.0}) for f in self.faults]
        chosen = [f for i, f in enumerate(certain) if self.faults[i].takes_part(seed, self.name, i)] or certain[:1]
        return self.model_copy(update={"faults": [f.drawn(seed, self.name, i) for i, f in enumerate(chosen)]})

    def sha256(self) -> str:
        """Return the digest of what is played: of the profile as JSON with sorted keys."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()

    @property
    def tries_merchant(self) -> bool:
        """Whether it tries a merchant and may judge no provider."""
        return self.subject == "integration" or any(fault.subject == "integration" for fault in self.faults)

    def needs(self) -> tuple[Seam, ...]:
        """Return the seams that a target must have. A profile that needs a missing seam is refused before the run."""
        seams = {seam for fault in self.faults for seam in (fault.seam, *fault.also_needs)}
        if self.nodes != "single":
            seams.add(Seam.NODES)
        return tuple(seam for seam in Seam if seam in seams)

    def requires(self) -> dict[str, tuple[str, ...]]:
        """Guarantee -> faults, one of which must have been proven effective: as ``RunHeader.requires`` wants it."""
        found: dict[str, list[str]] = {}
        for fault in self.faults:
            for guarantee in fault.proves:
                if fault.fault not in found.setdefault(guarantee, []):
                    found[guarantee].append(fault.fault)
        return {guarantee: tuple(faults) for guarantee, faults in found.items()}

    def exposure_window_ns(self) -> int | None:
        return self.exposure_window.ns if self.exposure_window else None


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A validated profile and its file."""

    profile: Profile
    document: YamlDocument

    @property
    def path(self) -> Path:
        return self.document.path

    def check_names(self, *, scenarios: Collection[str], guarantees: Collection[str]) -> None:
        """Raise ``FileError`` for an unknown scenario or guarantee. Both are defined in packages above this one."""
        for scenario in self.profile.workload:
            self._known("scenario", scenario, scenarios, ("workload", scenario))
        for i, guarantee in enumerate(self.profile.exposes):
            self._known("guarantee", guarantee, guarantees, ("exposes", i))

    def _known(self, kind: str, name: str, known: Collection[str], path: tuple[Any, ...]) -> None:
        if name not in known:
            problem = f'"{dotted(path)}": no {kind} is called "{name}".{did_you_mean(name, known)}'
            raise self.document.error(path, problem, expected=f"one of {', '.join(sorted(known))}")


def profile_names() -> list[str]:
    """The profiles that come with Ackord."""
    return shipped_names(FOLDER)


def read_profile(name_or_path: str | Path) -> LoadedProfile:
    """Find, read and check a profile. Raises ``UnknownNameError`` or ``FileError``."""
    document = read_yaml(locate("chaos profile", FOLDER, name_or_path))
    profile = validate_document(document, Profile)
    if profile.name != document.path.stem:
        problem = f'the profile is called "{profile.name}", its file "{document.path.name}"'
        raise document.error(("name",), problem, expected="one name for both", mend="rename one of them")
    return LoadedProfile(profile, document)
