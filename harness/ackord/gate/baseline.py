"""Reads and writes a baseline (YAML): the findings that are known, each with owner, reason and expiry.

A finding is known again by its contract, guarantee and profile, whatever the seed and the orders of a run. What no
contract can waive, because money moved twice, is refused here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field

from ..contract.base.field_types import StrictModel
from ..contract.loading.yaml_document import YamlDocument, read_yaml, validate_document
from ..core.verdict import Result
from ..guarantees.merchant.catalogue import guarantee_named
from ..report.files import write_file
from ..report.fingerprint import fingerprint
from .policy import Day, Told, check_guarantees

__all__ = ["Baseline", "Waiver", "read_baseline", "waivable", "write_baseline"]

_HEAD = """\
# Known findings, written by `ackord gate baseline`. Owner, reason and expiry may be edited, and entries removed.
# `ackord gate` fails for a waiver that has expired, and for one whose finding does not occur any more.
"""


class Waiver(StrictModel):
    """A known finding."""

    id: str = Field(description="Its identity: of contract, guarantee and profile; GitLab's report has the same.")
    guarantee: str = Field(description="The guarantee that is broken.")
    profile: str = Field(description="The profile under which it is.")
    result: Literal["VIOLATED", "UNSAFE"] = Field(description="The worst result that is accepted.")
    owner: Told = Field(description="Who answers for it.")
    reason: Told = Field(description="Why it is accepted, such as a ticket.")
    expires: Day = Field(description="The last day on which it is accepted, in UTC.")

    @property
    def key(self) -> tuple[str, str]:
        return self.guarantee, self.profile

    @property
    def accepted(self) -> Result:
        return Result(self.result)


class _BaselineFile(StrictModel):
    version: Literal[1] = Field(description="The version of this form.")
    contract: str = Field(description="The contract whose findings these are.")
    findings: list[Waiver] = Field(description="The known findings.")


@dataclass(frozen=True, slots=True)
class Baseline:
    """A validated baseline and its file; without a file, nothing is known."""

    contract: str
    waivers: tuple[Waiver, ...] = ()
    document: YamlDocument | None = None

    def place(self, waiver: Waiver) -> str:
        """Return ``baseline.yaml:12`` for a waiver; empty without a file."""
        if self.document is None:
            return ""
        line = self.document.position(("findings", self.waivers.index(waiver))).line
        return f"{self.document.path}:{line}"


def waivable(guarantee: str, result: Result) -> bool:
    """Return whether a finding may be waived: a violation of some guarantees no contract can allow."""
    known = guarantee_named(guarantee)
    return result is not Result.VIOLATED or known is None or known.waivable


def read_baseline(path: Path) -> Baseline:
    """Read a baseline. Raises ``FileError``."""
    document = read_yaml(path)
    file = validate_document(document, _BaselineFile)
    check_guarantees(document, ((("findings", i, "guarantee"), w.guarantee) for i, w in enumerate(file.findings)))
    first: dict[str, int] = {}
    for i, waiver in enumerate(file.findings):
        at = ("findings", i)
        identity = fingerprint(file.contract, *waiver.key)
        if waiver.id != identity:
            raise document.error(
                (*at, "id"),
                f"this is not the identity of {waiver.guarantee} under {waiver.profile} in contract {file.contract}",
                expected=identity,
                mend="correct guarantee and profile, or let `ackord gate baseline` write the waiver",
            )
        if identity in first:
            line = document.position(("findings", first[identity])).line
            raise document.error((*at, "id"), f"this finding is known already, in line {line}", mend="remove one")
        if not waivable(waiver.guarantee, waiver.accepted):
            raise document.error(
                (*at, "guarantee"),
                f"{waiver.guarantee} cannot be waived: money moved twice, which no contract can allow",
                expected="findings that a contract could allow",
                mend="remove the entry, and mend what is judged",
            )
        first[identity] = i
    return Baseline(file.contract, tuple(file.findings), document)


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Replace the file. Raises ``FileError``."""
    data: dict[str, Any] = {"version": 1, "contract": baseline.contract}
    data["findings"] = [waiver.model_dump(mode="json") for waiver in baseline.waivers]
    text = _HEAD + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    write_file(path, text.encode())
