"""Reads the policy of a gate (YAML): what must have held, which findings are known, what may be left unjudged."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ..certificate.levels import LEVELS
from ..contract.base.field_types import Count, FileName, StrictModel
from ..contract.loading.yaml_document import YamlDocument, read_yaml, validate_document
from ..errors import did_you_mean, dotted
from ..guarantees import GUARANTEES, load_guarantee_plugins
from ..guarantees.merchant import MERCHANT_GUARANTEES

__all__ = [
    "Day",
    "GatePolicy",
    "InconclusiveAllowance",
    "LeastExposures",
    "LoadedPolicy",
    "RequiredSet",
    "Told",
    "check_guarantees",
    "day_of",
    "read_policy",
    "told",
]

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def day_of(text: object) -> datetime.date:
    """Return the day that ``2027-03-31`` names. Raises ``ValueError`` for anything else."""
    if isinstance(text, str) and _DAY.match(text):
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError("a day of the calendar, such as 2027-03-31")


def told(text: str) -> str:
    """Return words of a person. Raises ``ValueError`` for such as tell a reader nothing."""
    if len(text.strip()) < 2 or text.strip().upper() in ("TODO", "TBD", "N/A"):
        raise ValueError("words that tell a reader something")
    return text


Day = Annotated[datetime.date, BeforeValidator(lambda v: v if isinstance(v, datetime.date) else day_of(v))]
"""A day, in UTC; what expires on a day is valid until its end."""
Told = Annotated[str, Field(max_length=500), BeforeValidator(lambda v: told(v) if isinstance(v, str) else v)]
"""Words of a person: an owner, a reason."""


class RequiredSet(StrictModel):
    """What must have been judged."""

    guarantees: list[str] = Field(
        default=[],
        description="Guarantees that must hold wherever they are judged, and must be judged under one profile at "
        "least; no baseline waives them.",
    )
    profiles: list[str] = Field(default=[], description="Profiles that must have been run, and judged something.")


class LeastExposures(StrictModel):
    """How often a guarantee must have been put to the test."""

    guarantee: str = Field(default="", description="The guarantee; left out: each one that was judged.")
    profile: str = Field(default="", description="The profile; left out: all profiles together.")
    count: Count = Field(description="Exposures: occasions on which it could have been broken.")


class InconclusiveAllowance(StrictModel):
    """A guarantee that need not be judged."""

    guarantee: str = Field(description="The guarantee.")
    profile: str = Field(default="", description="The profile; left out: under every one.")
    owner: Told = Field(description="Who answers for it.")
    reason: Told = Field(description="Why it cannot be judged.")
    expires: Day = Field(description="The last day on which it is allowed, in UTC.")

    def covers(self, guarantee: str, profile: str) -> bool:
        return self.guarantee == guarantee and self.profile in ("", profile)


class GatePolicy(StrictModel):
    """The policy of a gate."""

    level: str = Field(
        default="", description="The level of a certificate that the run must earn, such as A2; no baseline waives it."
    )
    require: RequiredSet = Field(default=RequiredSet(), description="What must have been judged.")
    baseline: FileName | None = Field(
        default=None, description="The file of known findings, which `ackord gate baseline` writes, beside this one."
    )
    least_exposures: list[LeastExposures] = Field(
        default=[], description="How often guarantees must have been put to the test."
    )
    allow_inconclusive: list[InconclusiveAllowance] = Field(
        default=[], description="What may be INCONCLUSIVE. An ERROR of the judge never may."
    )
    flaky: Literal["fail", "worst"] = Field(
        default="fail",
        description="What a known finding comes to that was broken in some runs of a profile and not in others: "
        "`fail`, or `worst`: it counts by its worst run, so that the baseline waives it.",
    )


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A validated policy and its file; without a file, the strict one."""

    policy: GatePolicy
    document: YamlDocument | None = None

    @property
    def baseline(self) -> Path | None:
        """Return the path of the file of known findings; ``None``: the policy names none."""
        if self.document is None or self.policy.baseline is None:
            return None
        return self.document.path.parent / self.policy.baseline

    def place(self, *path: str | int) -> str:
        """Return ``gate.yaml:12`` for an entry; empty without a file."""
        return f"{self.document.path}:{self.document.position(path).line}" if self.document is not None else ""


def read_policy(path: Path | None) -> LoadedPolicy:
    """Read a policy; ``None``: everything must hold. Raises ``FileError``."""
    if path is None:
        return LoadedPolicy(GatePolicy())
    document = read_yaml(path)
    policy = validate_document(document, GatePolicy)
    if policy.level and policy.level not in LEVELS:
        known = LEVELS.names()
        problem = f'"level": no level is called "{policy.level}".{did_you_mean(policy.level, known)}'
        raise document.error(("level",), problem, expected=f"one of {', '.join(known)}")
    named: list[tuple[tuple[Any, ...], str]] = [
        (("require", "guarantees", i), name) for i, name in enumerate(policy.require.guarantees)
    ]
    named += [(("least_exposures", i, "guarantee"), e.guarantee) for i, e in enumerate(policy.least_exposures)]
    named += [(("allow_inconclusive", i, "guarantee"), e.guarantee) for i, e in enumerate(policy.allow_inconclusive)]
    check_guarantees(document, ((place, name) for place, name in named if name))
    return LoadedPolicy(policy, document)


def check_guarantees(document: YamlDocument, named: Iterable[tuple[tuple[Any, ...], str]]) -> None:
    """Raise ``FileError`` for the first place that names a guarantee that does not exist."""
    load_guarantee_plugins()
    known = [*GUARANTEES.names(), *MERCHANT_GUARANTEES.names()]
    for place, name in named:
        if name not in known:
            raise document.error(
                place,
                f'"{dotted(place)}": no guarantee is called "{name}".{did_you_mean(name, known)}',
                expected=f"one of {', '.join(sorted(known))}",
            )
