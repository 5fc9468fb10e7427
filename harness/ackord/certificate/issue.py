"""Issues a certificate: judges a run's evidence again, as a stranger would, and signs it only if it earns the level."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .. import __version__
from ..chaos.profile import read_profile
from ..contract.loading.loader import PlaceholderEnv, load_contract
from ..core.result import CampaignResult
from ..errors import FileError, JournalError, UsageError
from ..report.files import write_file
from ..run.evidence import CONTRACT_FILE
from .assessment import Denial, LevelAssessment, assess
from .bundle import (
    ENVELOPES,
    EVIDENCE,
    KEY,
    PAGE,
    SUBJECT,
    bundle_files,
    copy_evidence,
    made_reports,
    new_bundle,
    read_evidence,
)
from .dates import written
from .envelope import seal
from .evidence_checks import evidence_problems, foreign_profiles, unread_answers, unread_too_many
from .keys import public_pem
from .levels import LEVELS
from .page import certificate_page
from .statement import CertificateClaim, as_test_result, certificate_statement
from .subject import CertificateSubject, read_subject

__all__ = ["CertificateOrder", "IssuedCertificate", "issue_certificate"]

_INCONCLUSIVE = 3


@dataclass(frozen=True, slots=True)
class CertificateOrder:
    """What the signer asks for."""

    level: str
    key: Ed25519PrivateKey
    subject: Path
    """The YAML file."""
    issued_s: int
    """Now, in seconds since 1970."""
    valid_s: int
    nonce: str = ""
    """The customer's challenge; empty for none."""
    openapi: Path | None = None
    openapi_strict: bool = False

    @property
    def claim(self) -> CertificateClaim:
        times = (written(self.issued_s), written(self.issued_s + self.valid_s))
        return CertificateClaim(self.level, *times, self.nonce, self.openapi_strict)


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """The end of it: a bundle, or the reasons why there is none."""

    assessment: LevelAssessment
    denials: tuple[Denial, ...]
    bundle: Path | None
    """``None``: nothing was signed, and no folder is left."""


def issue_certificate(campaign: CampaignResult, out: Path, order: CertificateOrder, bundle: Path) -> IssuedCertificate:
    """Sign the evidence in ``out`` into the folder ``bundle``, or say why not.

    ``campaign`` is what the run says of itself; what is signed is read from the files. Raises ``FileError`` for a
    folder that is not empty or cannot be written, and for a subject that is wrong.
    """
    level = LEVELS.get(order.level)
    subject = read_subject(order.subject)
    told = assess(campaign, level)
    if not told.granted:
        return IssuedCertificate(told, told.denials, None)
    new_bundle(bundle)
    try:
        issued = _issue(campaign, out, order, bundle, subject)
    except BaseException:
        shutil.rmtree(bundle, ignore_errors=True)
        raise
    if issued.bundle is None:
        shutil.rmtree(bundle, ignore_errors=True)
    return issued


def _issue(
    campaign: CampaignResult, out: Path, order: CertificateOrder, bundle: Path, subject: CertificateSubject
) -> IssuedCertificate:
    shipped = {p.profile: read_profile(p.profile).path for p in campaign.profiles}
    copy_evidence(out, bundle, campaign, shipped, order.openapi)
    try:
        again = read_evidence(bundle, openapi_strict=order.openapi_strict)
    except (FileError, JournalError, UsageError) as problem:
        assessment = assess(campaign, LEVELS.get(order.level))
        return IssuedCertificate(assessment, (Denial(1, f"the evidence was altered: {problem}"),), None)
    assessment = assess(again, LEVELS.get(order.level))
    contract = load_contract(bundle / EVIDENCE / CONTRACT_FILE, env=PlaceholderEnv())
    claim = order.claim
    found = [
        Denial(1, f"the evidence contradicts itself: {problem.sentence}")
        for problem in evidence_problems(
            again, contract, bundle / EVIDENCE / "profiles", nonce=claim.nonce, issued=claim.issued
        )
    ]
    found += [Denial(2, f"{name} is not the profile that comes with Ackord {__version__}")
              for name in foreign_profiles(again, bundle / EVIDENCE / "profiles")]  # fmt: skip
    found += [
        Denial(1, f"{p.profile}: {note}")
        for p in again.profiles
        for note in p.verdict.notes
        if " judged again it is " in note
    ]
    unread, answers = unread_answers(again, contract)
    if too_many := unread_too_many(unread, answers):
        found.append(Denial(_INCONCLUSIVE, too_many))
    denials = (*assessment.denials, *found)
    if denials:
        return IssuedCertificate(assessment, denials, None)
    for name, content in [*made_reports(again, bundle)]:
        write_file(bundle / name, content, masked=True)
    shutil.copyfile(order.subject, bundle / SUBJECT)
    write_file(bundle / KEY, public_pem(order.key.public_key()), masked=True)
    parts = (claim, subject, again, assessment)
    draft = certificate_statement(*parts, bundle_files(bundle), unread)
    write_file(bundle / PAGE, certificate_page(draft), masked=True)
    statement = certificate_statement(*parts, bundle_files(bundle), unread)
    write_file(bundle / ENVELOPES, seal([statement, as_test_result(statement)], order.key), masked=True)
    return IssuedCertificate(assessment, (), bundle)
