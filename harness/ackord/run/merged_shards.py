"""Merges the evidence of all shards of a campaign into one folder, from which every report is written.

Each shard's journals are judged again. What does not belong together is refused: a shard that is missing or given
twice, and shards of another contract, version, seed, profile or provider.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from ..core.result import CampaignResult, ProfileResult
from ..core.shard import Shard
from ..errors import FileError, UsageError, unwritable
from ..report.campaign_summary import labelled
from ..report.contract_places import shown_file
from ..report.json_result import FILE_NAME, read, reading
from ..workload.openapi_check import ApiDocument
from .evidence import CONTRACT_FILE, clear_evidence
from .recorded_campaign import recorded_campaign

__all__ = ["merge_shards"]

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
"""A profile's name, which becomes that of a folder."""


class _Part(NamedTuple):
    folder: Path
    shard: Shard
    result: CampaignResult
    tool: str
    """The version of Ackord that ran it."""


def merge_shards(
    folders: Sequence[Path], out: Path, document: ApiDocument | None = None, *, contract: str = ""
) -> CampaignResult:
    """Copy the journals of all shards into ``out`` and return the whole campaign; its reports are still to be written.

    ``contract`` is for journals without a copy of it. Raises ``UsageError`` for folders that do not make one whole
    campaign, ``FileError`` or ``JournalError`` for a file that is missing or was altered.
    """
    parts = sorted((_part(folder, document, contract) for folder in folders), key=lambda p: p.shard.number)
    if not parts:
        raise UsageError("no folder of a shard was given.\n  mend: name the evidence folders of all shards")
    _refuse_others(parts)
    _refuse_gaps(parts)
    if out.resolve() in {folder.resolve() for folder in folders}:
        raise UsageError(f"--out {out} is the folder of a shard.\n  mend: name a new folder")
    sequence = parts[0].shard.profiles
    profiles = [(sequence.index(p.profile), part, p) for part in parts for p in part.result.profiles]
    profiles.sort(key=lambda found: found[0])  # stable: runs of one profile stay in the sequence of their shards
    clear_evidence(out)
    copied = _copied([p for _, _, p in profiles], replace(parts[0].result, profiles=()), out)
    _copy_contract(parts, out)
    return _whole(parts, copied, out)


def _part(folder: Path, document: ApiDocument | None, contract: str) -> _Part:
    file = folder / FILE_NAME
    if not file.is_file():
        raise UsageError(
            f"{folder} holds no {FILE_NAME}, so which shard it is of is not known.\n"
            "  expected: the folder that `ackord certify --shard` wrote"
        )
    result = recorded_campaign(folder, document, contract=contract)
    if result.shard is None:
        raise UsageError(
            f"{folder} holds a whole campaign, not a shard of one.\n"
            "  mend: leave it out, or run `ackord certify` with --shard"
        )
    with reading(file):
        _refuse_names(file, result.shard, result)
        return _Part(folder, result.shard, result, str(read(file)["tool_version"]))


def _refuse_names(file: Path, shard: Shard, result: CampaignResult) -> None:
    """Raise ``FileError`` for a profile that is none of the campaign's, or whose name could be a path of its own."""
    for name in (*shard.profiles, *(p.profile for p in result.profiles)):
        if name not in shard.profiles or not _NAME.match(name):
            raise FileError(
                file, None, f"{name!r} is no profile of the campaign of which this is shard {shard}",
                mend="restore the folder as the run left it",
            )  # fmt: skip


def _refuse_others(parts: Sequence[_Part]) -> None:
    """Raise ``UsageError`` if the parts are not of one campaign."""
    first = parts[0]
    for part in parts[1:]:
        one, other = first.result, part.result
        for what, mine, its in (
            ("contracts", one.contract, other.contract),
            ("versions of Ackord", first.tool, part.tool),
            ("campaigns: their seeds", first.shard.seed, part.shard.seed),
            ("campaigns: their number of shards", first.shard.count, part.shard.count),
            ("campaigns: their profiles", first.shard.profiles, part.shard.profiles),
            ("campaigns: their budget", one.budget, other.budget),
            ("campaigns: their flaw", one.flaw, other.flaw),
            ("versions of the provider", one.provider_version, other.provider_version),
        ):
            if mine != its:
                raise _differs(what, first.folder, mine, part.folder, its)
    _refuse_other_files(parts)


def _refuse_other_files(parts: Sequence[_Part]) -> None:
    """Raise ``UsageError`` if contracts, or profiles of one name, differ in their bytes."""
    contracts: dict[str, Path] = {}
    profiles: dict[str, tuple[str, Path]] = {}
    for part in parts:
        for p in part.result.profiles:
            header = p.history.header
            contracts.setdefault(header.contract_sha256, part.folder)
            known, where = profiles.setdefault(p.profile, (header.profile_sha256, part.folder))
            if known != header.profile_sha256:
                what = f"forms of the profile {p.profile}"
                raise _differs(what, where, known[:12], part.folder, header.profile_sha256[:12])
    if len(contracts) > 1:
        (one, here), (other, there), *_ = contracts.items()
        raise _differs("contracts, by their SHA-256", here, one[:12], there, other[:12])


def _differs(what: str, here: Path, mine: object, there: Path, its: object) -> UsageError:
    return UsageError(
        f"these are shards of different {what}: {here} has {_shown(mine)}, {there} has {_shown(its)}.\n"
        "  expected: the shards of one run of one pipeline\n"
        "  mend: run all shards again with the same contract, version, seed and options"
    )


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value) or "none"


def _refuse_gaps(parts: Sequence[_Part]) -> None:
    """Raise ``UsageError`` if a shard is missing or given twice."""
    count = parts[0].shard.count
    by_number: dict[int, list[Path]] = {}
    for part in parts:
        by_number.setdefault(part.shard.number, []).append(part.folder)
    for number, folders in by_number.items():
        if len(folders) > 1:
            raise UsageError(
                f"shard {number}/{count} is given twice: {', '.join(map(str, folders))}.\n"
                "  mend: leave one of them out; which one is not chosen here, because no run makes another one good"
            )
    missing = [f"{number}/{count}" for number in range(1, count + 1) if number not in by_number]
    if missing:
        raise UsageError(
            f"{'shard' if len(missing) == 1 else 'shards'} {', '.join(missing)} of the campaign "
            f"{'is' if len(missing) == 1 else 'are'} missing, so nothing is merged.\n"
            "  mend: name the evidence folders of all shards; run again what left none"
        )


def _copied(profiles: Sequence[ProfileResult], bare: CampaignResult, out: Path) -> tuple[ProfileResult, ...]:
    """Copy each profile's journal into a folder of its label below ``out``."""
    copied = []
    for label, p in labelled(replace(bare, profiles=tuple(profiles))):
        path = out / label / "journal.jsonl"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(p.journal, path)
        except OSError as error:
            raise unwritable(path, "the journal", error) from error
        copied.append(replace(p, journal=str(path)))
    return tuple(copied)


def _copy_contract(parts: Sequence[_Part], out: Path) -> None:
    for part in parts:
        if (part.folder / CONTRACT_FILE).is_file():
            try:
                shutil.copyfile(part.folder / CONTRACT_FILE, out / CONTRACT_FILE)
            except OSError as error:
                raise unwritable(out / CONTRACT_FILE, "the contract's copy", error) from error
            return


def _whole(parts: Sequence[_Part], profiles: tuple[ProfileResult, ...], out: Path) -> CampaignResult:
    first = parts[0].result
    failed = [part for part in parts if part.result.failure]
    judged = next((part.result for part in parts if part.result.profiles), first)
    file = judged.contract_file
    if Path(file).name == CONTRACT_FILE:  # the copy beside a shard's evidence, which may go
        file = shown_file(out / CONTRACT_FILE, out / CONTRACT_FILE)
    return replace(
        first,
        seed=parts[0].shard.seed,
        target=", ".join(dict.fromkeys(part.result.target for part in parts)),
        started=min(part.result.started for part in parts),
        elapsed_ns=max(part.result.elapsed_ns for part in parts),
        profiles=profiles,
        not_run=tuple(name for part in parts for name in part.result.not_run),
        left_out=tuple({p.profile: p for part in parts for p in part.result.left_out}.values()),
        required=tuple(dict.fromkeys(name for part in parts for name in part.result.required)),
        out=str(out),
        repeat=parts[0].shard.command,
        failure=f"shard {failed[0].shard}: {failed[0].result.failure}" if failed else "",
        failed_with=failed[0].result.failed_with if failed else first.failed_with,
        interrupted=any(part.result.interrupted for part in parts),
        contract_file=file,
        contract_lines=judged.contract_lines,
        shard=None,
    )
