"""Answers whether a version may ship: the matrix of provider version, suite version and profile over recorded results.

After Pact's can-i-deploy: what was not recorded is not known, and what is not known does not ship. Nothing is retried
to green: a profile that did not pass in every recorded run of a version does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..core.verdict import Result, exit_code
from ..errors import UnknownNameError, UsageError
from ..report.files import json_bytes
from ..report.format import printable
from ..report.markdown import escaped
from .recorded_results import RecordedRun

__all__ = ["ShipAnswer", "VersionCell", "can_i_ship", "ship_json", "ship_markdown", "ship_text"]


class VersionCell(NamedTuple):
    """All recorded runs of one profile, for one version of the provider and one of the suite."""

    runs: tuple[RecordedRun, ...]
    """Those with the newest form of contract and profile; empty: there is none."""
    outdated: int = 0
    """Runs with an earlier form of the contract or the profile, which prove nothing of the present one."""

    @property
    def ships(self) -> str:
        answers = {row.ships for row in self.runs}
        return "no" if "no" in answers else "yes" if "yes" in answers else "unknown"

    @property
    def shown(self) -> str:
        """Return ``yes``, ``no (2 of 3 runs passed)``, ``-`` for nothing recorded."""
        if not self.runs:
            return "outdated" if self.outdated else "-"
        passed = sum(row.ships == "yes" for row in self.runs)
        return self.ships if len(self.runs) == 1 else f"{self.ships} ({passed} of {len(self.runs)} runs passed)"


@dataclass(frozen=True, slots=True)
class ShipAnswer:
    """The answer, and the matrix around it."""

    contract: str
    provider_version: str
    suite_version: str
    wanted: tuple[str, ...]
    """The profiles that must have passed."""
    profiles: tuple[str, ...]
    """All profiles of the matrix."""
    matrix: dict[tuple[str, str], dict[str, VersionCell]]
    """(provider version, suite version) -> profile -> cell, the newest first."""

    def cell(self, profile: str) -> VersionCell:
        return self.matrix.get((self.provider_version, self.suite_version), {}).get(profile, VersionCell(()))

    @property
    def reasons(self) -> list[str]:
        """Return why it may not ship, one sentence for each profile; empty if it may."""
        return [why for profile in self.wanted if (why := self._why_not(profile))]

    def _why_not(self, profile: str) -> str:
        cell = self.cell(profile)
        if cell.ships == "yes" and cell.runs:
            return ""
        if not cell.runs:
            which = f"provider {self.provider_version} and suite {self.suite_version}"
            if cell.outdated:
                return f"{profile}: recorded for {which} with an earlier form of the contract or the profile only"
            return f"{profile}: nothing is recorded for {which}"
        against = next((row for row in cell.runs if row.ships == cell.ships), cell.runs[0])
        return f"{profile}: {cell.shown}: {against.why} (seed {against.seed}, {against.started})"

    @property
    def ships(self) -> bool:
        return not self.reasons

    @property
    def exit_code(self) -> int:
        """Return 0 if it may ship, 1 if something is broken, 3 if something is only not known."""
        found = {"yes": Result.HELD, "no": Result.VIOLATED, "unknown": Result.INCONCLUSIVE}
        return exit_code(found[self.cell(p).ships if self.cell(p).runs else "unknown"] for p in self.wanted)


def can_i_ship(
    rows: Sequence[RecordedRun],
    provider_version: str,
    suite_version: str,
    *,
    contract: str = "",
    profiles: Sequence[str] = (),
) -> ShipAnswer:
    """Answer for one version. ``profiles``: what must have passed; by default whatever is recorded of the contract.

    Raises ``UsageError`` where it is not clear which contract is meant, ``UnknownNameError`` for one that is not
    recorded.
    """
    contracts = sorted({row.contract for row in rows})
    if contract and contract not in contracts:
        raise UnknownNameError("contract with recorded results", contract, contracts)
    if not contract and len(contracts) > 1:
        raise UsageError(f"results of several contracts are recorded: {', '.join(contracts)}.\n  mend: give --contract")
    own = sorted((row for row in rows if row.contract == (contract or contracts[0])), key=lambda row: row.started)
    recorded = tuple(dict.fromkeys(row.profile for row in own))
    columns = tuple(sorted({*recorded, *profiles}))
    matrix: dict[tuple[str, str], dict[str, VersionCell]] = {}
    for key in dict.fromkeys((row.provider_version, row.suite_version) for row in reversed(own)):
        of_version = [row for row in own if (row.provider_version, row.suite_version) == key]
        matrix[key] = {name: _cell([row for row in of_version if row.profile == name], own) for name in columns}
    wanted = tuple(dict.fromkeys(profiles)) or tuple(sorted(recorded))
    return ShipAnswer(contract or contracts[0], provider_version, suite_version, wanted, columns, matrix)


def _cell(runs: Sequence[RecordedRun], own: Sequence[RecordedRun]) -> VersionCell:
    """``own``: all rows of the contract, the newest last, which have the present forms of contract and profiles."""
    if not runs:
        return VersionCell(())
    contract_sha256 = own[-1].contract_sha256
    profile_sha256 = next(row.profile_sha256 for row in reversed(own) if row.profile == runs[0].profile)
    present = (contract_sha256, profile_sha256)
    current = tuple(row for row in runs if (row.contract_sha256, row.profile_sha256) == present)
    return VersionCell(current, len(runs) - len(current))


def _sentence(answer: ShipAnswer) -> str:
    which = f"{answer.contract} {answer.provider_version}, by suite {answer.suite_version}"
    if answer.ships:
        return f"YES: {which}: {len(answer.wanted)} of {len(answer.wanted)} profiles passed. Exit code 0."
    short = len(answer.reasons)
    return f"NO: {which}: {short} of {len(answer.wanted)} profiles did not pass. Exit code {answer.exit_code}."


def ship_text(answer: ShipAnswer) -> str:
    """Return the answer for a terminal: a line for each version and profile, the reasons, the answer last."""
    lines = [f"Recorded results of {printable(answer.contract)}"]
    for (provider, suite), cells in answer.matrix.items():
        lines.append(f"provider {printable(provider)}, suite {printable(suite)}")
        lines += [f"  {printable(name)}: {cell.shown}" for name, cell in cells.items()]
    lines += ["", *(f"not yet  {printable(why)}" for why in answer.reasons)]
    return "\n".join([*lines, printable(_sentence(answer))]) + "\n"


def ship_markdown(answer: ShipAnswer) -> str:
    """Return the answer as Markdown, with the matrix as a table."""
    return "\n".join(_markdown(answer)) + "\n"


def _markdown(answer: ShipAnswer) -> Iterator[str]:
    yield f"## Ackord: may {escaped(answer.contract)} {escaped(answer.provider_version)} ship?"
    yield ""
    yield f"**{escaped(_sentence(answer))}**"
    yield ""
    yield " | ".join(["| provider", "suite", *map(escaped, answer.profiles), ""]).strip()
    yield "|---" * (len(answer.profiles) + 2) + "|"
    for (provider, suite), cells in answer.matrix.items():
        shown = (escaped(cells[name].shown) for name in answer.profiles)
        yield " | ".join(["", escaped(provider), escaped(suite), *shown, ""]).strip()
    if answer.reasons:
        yield ""
        for why in answer.reasons:
            yield f"- {escaped(why)}"


def ship_json(answer: ShipAnswer) -> bytes:
    """Return the answer as JSON."""
    cells: list[dict[str, Any]] = [
        {
            "provider_version": provider,
            "suite_version": suite,
            "profile": name,
            "ships": cell.ships if cell.runs else "unknown",
            "runs_count": len(cell.runs),
            "passed_runs_count": sum(row.ships == "yes" for row in cell.runs),
            "outdated_runs_count": cell.outdated,
        }
        for (provider, suite), by_profile in answer.matrix.items()
        for name, cell in by_profile.items()
    ]
    return json_bytes(
        {
            "ackord": "can-i-ship",
            "version": 1,
            "contract": answer.contract,
            "provider_version": answer.provider_version,
            "suite_version": answer.suite_version,
            "profiles": list(answer.wanted),
            "ships": answer.ships,
            "exit_code": answer.exit_code,
            "reasons": answer.reasons,
            "matrix": cells,
        }
    )
