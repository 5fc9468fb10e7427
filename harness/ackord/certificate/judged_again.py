"""Judges the evidence of a bundle again and compares it, part by part, with what was signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from ..contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ..core.result import CampaignResult
from ..errors import AckordError
from ..run.evidence import CONTRACT_FILE
from .assessment import assess
from .bundle import EVIDENCE, PAGE, SUBJECT, made_reports, read_evidence
from .evidence_checks import evidence_problems, foreign_profiles, unread_answers, unread_too_many
from .levels import CATALOGUE_VERSION, LEVELS, levels_digest
from .page import certificate_page
from .soundness import Soundness, VerificationFinding
from .statement import CertificateClaim, as_test_result, certificate_statement
from .subject import read_subject

__all__ = ["JudgedAgain", "judge_again"]

Json = Mapping[str, Any]
_UNREADABLE = (AckordError, ValueError, LookupError, TypeError, AttributeError, OSError)
"""What the files of a hostile bundle may raise."""
_CELL = {"result": "", "exposures_count": " exposures", "orders_count": " orders", "violations_count": " violations"}


@dataclass(frozen=True, slots=True)
class JudgedAgain:
    """The evidence as this Ackord judges it."""

    findings: tuple[VerificationFinding, ...]
    differences: tuple[str, ...] = ()
    """How another version came to something else, or was made otherwise, without the level being in doubt."""
    campaign: CampaignResult | None = None
    """``None``: the evidence cannot be judged."""
    contract: LoadedContract | None = None


def judge_again(
    bundle: Path, statements: tuple[Json, Json], claim: CertificateClaim, files: Mapping[str, str]
) -> JudgedAgain:
    """Judge a bundle again whose signatures and digests are right. ``files``: path -> SHA-256."""
    signed, test_result = statements
    suite = _suite(signed)
    other = suite.get("version") != __version__ or suite.get("catalogue") != _own_catalogue()
    blame = Soundness.OTHER_VERSION if other else Soundness.SIGNED_BUT_WRONG
    try:
        contract = load_contract(bundle / EVIDENCE / CONTRACT_FILE, env=PlaceholderEnv())
        campaign = read_evidence(bundle, openapi_strict=claim.openapi_strict)
        level = LEVELS.get(claim.level)
        subject = read_subject(bundle / SUBJECT)
        assessment = assess(campaign, level)
        unread, answers = unread_answers(campaign, contract)
        expected = certificate_statement(claim, subject, campaign, assessment, files, unread)
        found = [*_of_evidence(bundle, campaign, contract, claim)]
        if too_many := unread_too_many(unread, answers):
            found.append(VerificationFinding(Soundness.SIGNED_BUT_WRONG, too_many))
        if not other:
            found += _of_documents(bundle, campaign, signed)
    except _UNREADABLE as error:
        kind = Soundness.SIGNED_BUT_WRONG if _is_edited(error) else blame
        return JudgedAgain((VerificationFinding(kind, f"the evidence cannot be judged: {_said(error)}"),))
    found += [VerificationFinding(blame, f"{level.name} is not earned: {d.sentence}") for d in assessment.denials]
    if test_result != as_test_result(dict(signed)):
        found.append(
            VerificationFinding(Soundness.SIGNED_BUT_WRONG, "the test-result says something else than the certificate")
        )
    differences = list(_differences(signed, expected))
    if not other:
        found += [VerificationFinding(blame, sentence) for sentence in differences]
    return JudgedAgain(tuple(found), tuple(differences) if other else (), campaign, contract)


def _suite(signed: Json) -> Json:
    suite = signed["predicate"].get("suite")
    return suite if isinstance(suite, dict) else {}


def _own_catalogue() -> Json:
    return {"version": CATALOGUE_VERSION, "sha256": levels_digest()}


def _is_edited(error: BaseException) -> bool:
    """Return whether it is the file that is wrong, whatever version reads it."""
    return any(word in str(error) for word in ("was edited", "the digest in the footer", "does not fit", "SHA-256"))


def _said(error: BaseException) -> str:
    return str(error) if isinstance(error, AckordError) else f"{type(error).__name__}: {error}"


def _of_evidence(
    bundle: Path, campaign: CampaignResult, contract: LoadedContract, claim: CertificateClaim
) -> Iterator[VerificationFinding]:
    profiles = bundle / EVIDENCE / "profiles"
    for problem in evidence_problems(campaign, contract, profiles, nonce=claim.nonce, issued=claim.issued):
        kind = Soundness.REPLAYED if problem.replayed else Soundness.SIGNED_BUT_WRONG
        yield VerificationFinding(kind, problem.sentence)
    tools = {p.history.header.tool for p in campaign.profiles}
    foreign = Soundness.SIGNED_BUT_WRONG if tools == {__version__} else Soundness.OTHER_VERSION
    for name in foreign_profiles(campaign, profiles):
        yield VerificationFinding(foreign, f"the profile {name} is not the one that comes with Ackord {__version__}")
    for p in campaign.profiles:
        for note in p.verdict.notes:
            if " judged again it is " in note:
                yield VerificationFinding(Soundness.SIGNED_BUT_WRONG, f"{p.profile}: {note}")


def _of_documents(bundle: Path, campaign: CampaignResult, signed: Json) -> Iterator[VerificationFinding]:
    """Yield the documents for people that say something else than the evidence."""
    documents = [*made_reports(campaign, bundle), (PAGE, certificate_page(signed))]
    for name, content in documents:
        if (bundle / name).read_bytes() != content:
            yield VerificationFinding(
                Soundness.SIGNED_BUT_WRONG, f"{name} is not what the evidence gives: it was edited before it was signed"
            )


def _differences(signed: Json, expected: Json) -> Iterator[str]:
    """Yield how the signed statement differs from the one that the evidence gives."""
    if signed["subject"] != expected["subject"]:
        yield "the statement is about other files than those of the bundle"
    mine, theirs = expected["predicate"], signed["predicate"]
    rows = {row["id"]: row for row in theirs.get("guarantees", ())}
    for row in mine["guarantees"]:
        yield from _of_row(row, rows.pop(row["id"], None))
    for name in rows:
        yield f"{name} was signed as {rows[name].get('result')}, and is not judged here"
    for part in sorted({*mine, *theirs} - {"guarantees"}):
        if mine.get(part) != theirs.get(part):
            yield f"{part}: signed {_short(theirs.get(part), mine.get(part))}"


def _of_row(mine: Json, theirs: Json | None) -> Iterator[str]:
    name = mine["id"]
    if theirs is None:
        yield f"{name} is {mine['result']} here, and the certificate does not tell of it"
        return
    for profile in dict.fromkeys((*mine["profiles"], *theirs["profiles"])):
        here, there = mine["profiles"].get(profile), theirs["profiles"].get(profile)
        if here is None or there is None:
            yield f"{name} under {profile}: judged {'by the signer only' if here is None else 'here only'}"
            continue
        for field, unit in _CELL.items():
            if here[field] != there.get(field):
                yield f"{name} under {profile}: signed {there.get(field)}{unit}, judged again {here[field]}{unit}"
    if {**mine, "profiles": {}} != {**theirs, "profiles": {}}:
        changed = [field for field in mine if field != "profiles" and mine[field] != theirs.get(field)]
        yield f"{name}: signed with another {', '.join(changed) or 'content'}"


def _short(theirs: Any, mine: Any) -> str:
    """Return two values, or of two mappings only what differs."""
    if isinstance(theirs, dict) and isinstance(mine, dict):
        changed = [key for key in {**theirs, **mine} if theirs.get(key) != mine.get(key)]
        theirs, mine = ({key: data.get(key) for key in changed} for data in (theirs, mine))
    return " instead of ".join(text if len(text) <= 200 else f"{text[:200]}..." for text in (str(theirs), str(mine)))
