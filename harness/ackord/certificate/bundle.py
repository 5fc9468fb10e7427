"""Lays out the bundle of a certificate: a folder in which every byte is in a file that the statement names.

A folder and no archive: an archive has bytes of its own (times, padding, names twice) that no digest covers, and has to
be unpacked, from a stranger, before anything is verified. To send it, pack it with whatever you like.

    certificate.intoto.jsonl        the signed statements, a DSSE envelope a line
    CERTIFICATE.md                  the same for people
    subject.yaml, public-key.pem    who vouches for what
    evidence/                       as a run leaves it: `ackord report` and `ackord audit` read it
        result.json, ...            reports, made again from the journals
        run-contract.yaml           the contract; openapi.json if the run had one
        profiles/NAME.yaml          the profiles
        NAME/journal.jsonl          the journals
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..core.result import CampaignResult
from ..errors import FileError, UsageError, unwritable
from ..report import json_result
from ..report.html import page
from ..report.report_registry import REPORTS, rendered
from ..run.evidence import CONTRACT_FILE
from ..run.recorded_campaign import recorded_campaign
from ..workload.openapi_check import ApiDocument

__all__ = [
    "ENVELOPES",
    "EVIDENCE",
    "KEY",
    "PAGE",
    "SUBJECT",
    "bundle_files",
    "copy_evidence",
    "made_reports",
    "new_bundle",
    "read_evidence",
]

ENVELOPES = "certificate.intoto.jsonl"
PAGE = "CERTIFICATE.md"
SUBJECT = "subject.yaml"
KEY = "public-key.pem"
EVIDENCE = "evidence"
_REPORTS = ("json", "markdown", "junit")


def new_bundle(folder: Path) -> Path:
    """Make an empty folder for a bundle. Raises ``FileError`` if there is something already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileError(
                folder, None, "there is something in this folder, and a bundle holds nothing but its own files",
                mend="choose another folder with --out, or remove it",
            )  # fmt: skip
    except OSError as error:
        raise unwritable(folder, "the bundle", error) from error
    return folder


def copy_evidence(
    out: Path, bundle: Path, campaign: CampaignResult, profiles: dict[str, Path], openapi: Path | None
) -> None:
    """Copy what a run left in ``out``, and its profiles, into a bundle. Raises ``FileError``."""
    evidence = bundle / EVIDENCE
    copies = {
        out / CONTRACT_FILE: evidence / CONTRACT_FILE,
        out / json_result.FILE_NAME: evidence / json_result.FILE_NAME,
    }
    for p in campaign.profiles:
        copies[Path(p.journal)] = evidence / p.profile / "journal.jsonl"
        copies[profiles[p.profile]] = evidence / "profiles" / f"{p.profile}.yaml"
    if openapi is not None:
        copies[openapi] = evidence / f"openapi{openapi.suffix}"
    for source, target in copies.items():
        if not source.is_file():
            raise FileError(
                source, None, "this part of the evidence is missing",
                expected="the folder of a run, as the run left it", mend="run it again",
            )  # fmt: skip
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise unwritable(target, f"the copy of {source}", error) from error


def read_evidence(bundle: Path, *, openapi_strict: bool = False) -> CampaignResult:
    """Judge a bundle's journals again. What depends on the folder that it lies in is the same everywhere.

    Raises ``FileError`` or ``JournalError`` for evidence that was altered, ``UsageError`` for what is missing.
    """
    evidence = bundle / EVIDENCE
    for profile in json_result.read(evidence / json_result.FILE_NAME).get("profiles", ()):
        # A path that leads elsewhere would have another run judged than the one that is signed.
        if profile.get("journal") != f"{profile.get('profile')}/journal.jsonl":
            raise UsageError(
                f"{json_result.FILE_NAME} names a journal outside of the evidence: {profile.get('journal')}"
            )
    documents = sorted(evidence.glob("openapi.*"))
    document = ApiDocument(documents[0], strict=openapi_strict) if documents else None
    campaign = recorded_campaign(evidence, document)
    return replace(campaign, out=EVIDENCE, contract_file=CONTRACT_FILE)


def made_reports(campaign: CampaignResult, bundle: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the reports of a bundle, path and content, made from its evidence alone.

    They name journals relative to the evidence, so they are the same wherever the bundle lies.
    """
    evidence = bundle / EVIDENCE
    for report in map(REPORTS.get, _REPORTS):
        yield f"{EVIDENCE}/{report.file}", rendered(report, campaign, evidence)
    # Without charts: their library is whichever is installed, and a bundle must be the same everywhere.
    yield f"{EVIDENCE}/{page.FILE_NAME}", page.render(campaign, evidence, charts=False)


def bundle_files(bundle: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a bundle but the envelopes, by its path below the bundle.

    Raises ``FileError`` for whatever is no regular file, and for what cannot be read.
    """
    found: dict[str, str] = {}
    try:
        for path in sorted(bundle.rglob("*")):
            name = path.relative_to(bundle).as_posix()
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                raise FileError(path, None, "a bundle holds files and folders only, and this is neither")
            if path.is_file() and name != ENVELOPES:
                with path.open("rb") as file:
                    found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileError(bundle, None, f"the bundle cannot be read: {error.strerror}") from error
    return found
