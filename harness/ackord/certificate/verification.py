"""Verifies a bundle: signatures, digests, times, and whether its raw answers, judged again, say what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..errors import FileError
from .bundle import ENVELOPES, KEY, bundle_files
from .dates import unix_of, written
from .envelope import OpenedEnvelope, open_envelopes
from .judged_again import JudgedAgain, judge_again
from .keys import fingerprint, read_public_key
from .soundness import Soundness, VerificationFinding
from .statement import CertificateClaim

__all__ = ["MOST_VALID_S", "Verification", "VerificationRequest", "verify_bundle"]

MOST_VALID_S = 366 * 86_400
"""How long a certificate may be valid: software changes."""
_CLOCKS_APART_S = 300

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class VerificationRequest:
    """What the one who verifies knows and demands."""

    at_s: int
    """The time for which it is verified, in seconds since 1970."""
    key: Ed25519PublicKey | None = None
    """The signer's key, from somewhere else than the bundle; ``None``: not known."""
    nonce: str = ""
    """The challenge that was given to the vendor; empty: none."""
    max_age_s: int | None = None
    """How long ago it may have been issued; ``None``: as long as it is valid."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of it."""

    findings: tuple[VerificationFinding, ...]
    statement: Json | None = None
    """The statement of the certificate; ``None`` if there is none that the signer at hand signed."""
    signer: str = ""
    """The fingerprint of the key that is said to have signed."""
    again: JudgedAgain | None = None
    """The evidence, judged again; ``None`` if it did not come to that."""

    @property
    def soundness(self) -> Soundness:
        """Return the gravest kind of all findings; SOUND without any."""
        return min((finding.kind for finding in self.findings), key=list(Soundness).index, default=Soundness.SOUND)


def verify_bundle(bundle: Path, request: VerificationRequest) -> Verification:
    """Verify a bundle. Raises ``FileError`` for a folder that is none."""
    if not (bundle / ENVELOPES).is_file() or (bundle / ENVELOPES).is_symlink():
        raise FileError(
            bundle, None, f"there is no {ENVELOPES} in it",
            expected="the folder of a certificate, as `ackord certify --sign` wrote it",
        )  # fmt: skip
    try:
        envelopes = open_envelopes((bundle / ENVELOPES).read_bytes())
        if len(envelopes) != 2:
            raise ValueError(f"it holds {len(envelopes)} envelopes instead of two")
    except ValueError as why:
        return Verification((VerificationFinding(Soundness.ALTERED, f"{ENVELOPES}: {why}"),))
    certificate, test_result = envelopes
    signer = certificate.key_id
    if found := [*_of_signatures(bundle, envelopes, request.key)]:
        return Verification(tuple(found), None, signer)
    signed = certificate.statement
    try:
        claim = CertificateClaim.read(signed)
        digests = {r["name"]: r["digest"]["sha256"] for r in signed["predicate"]["evidence"]}
    except (KeyError, TypeError, ValueError) as why:
        wrong = VerificationFinding(Soundness.SIGNED_BUT_WRONG, f"what was signed is no certificate: {why}")
        return Verification((wrong,), None, signer)
    try:
        files = bundle_files(bundle)
    except FileError as why:
        return Verification((VerificationFinding(Soundness.ALTERED, str(why)),), signed, signer)
    if found := [*_of_files(files, digests)]:
        return Verification(tuple(found), signed, signer)
    again = judge_again(bundle, (signed, test_result.statement), claim, files)
    findings = [
        *again.findings,
        *_of_key_file(bundle, signer),
        *_of_times(claim, request),
        *_of_challenge(claim, request),
    ]
    if request.key is None:
        findings.append(
            VerificationFinding(Soundness.SIGNER_UNKNOWN, "no --key was given, so nothing is known of who signed it")
        )
    return Verification(tuple(findings), signed, signer, again)


def _of_signatures(
    bundle: Path, envelopes: list[OpenedEnvelope], key: Ed25519PublicKey | None
) -> Iterator[VerificationFinding]:
    """Yield what is wrong with the signatures. Without a key they are held against the bundle's own."""
    try:
        own = read_public_key(bundle / KEY)
    except FileError as why:
        own = None
        if key is None:
            yield VerificationFinding(Soundness.ALTERED, f"its own key cannot be read: {why}")
            return
    for number, envelope in enumerate(envelopes, start=1):
        wanted = key or own
        assert wanted is not None
        if envelope.signed_by(wanted):
            if envelope.key_id != fingerprint(wanted):
                yield VerificationFinding(
                    Soundness.ALTERED, f"{ENVELOPES}:{number}: it names another key than the one that signed it"
                )
        elif key is not None and own is not None and fingerprint(own) != fingerprint(key) and envelope.signed_by(own):
            yield VerificationFinding(
                Soundness.NOT_BY_THIS_KEY,
                f"{ENVELOPES}:{number}: it was signed by the key {fingerprint(own)}, and the one you gave is "
                f"{fingerprint(key)}",
            )
        else:
            yield VerificationFinding(
                Soundness.ALTERED,
                f"{ENVELOPES}:{number}: the signature does not fit: it, the statement or the key was altered",
            )


def _of_files(files: dict[str, str], digests: dict[str, str]) -> Iterator[VerificationFinding]:
    for name in sorted({*files, *digests}):
        if name not in files:
            yield VerificationFinding(Soundness.ALTERED, f"{name} is missing")
        elif name not in digests:
            yield VerificationFinding(Soundness.ALTERED, f"{name} is no part of what was signed")
        elif files[name] != digests[name]:
            yield VerificationFinding(
                Soundness.ALTERED, f"{name} is not the file that was signed: its SHA-256 is another one"
            )


def _of_key_file(bundle: Path, signer: str) -> Iterator[VerificationFinding]:
    try:
        found = fingerprint(read_public_key(bundle / KEY))
    except FileError as why:
        yield VerificationFinding(Soundness.SIGNED_BUT_WRONG, f"{KEY} is no key: {why.problem}")
        return
    if found != signer:
        yield VerificationFinding(Soundness.SIGNED_BUT_WRONG, f"{KEY} is another key than the one that signed it")


def _of_times(claim: CertificateClaim, request: VerificationRequest) -> Iterator[VerificationFinding]:
    issued_s, expires_s = unix_of(claim.issued), unix_of(claim.expires)
    if issued_s > request.at_s + _CLOCKS_APART_S:
        yield VerificationFinding(
            Soundness.SIGNED_BUT_WRONG,
            f"it was issued at {claim.issued}, which is still to come: now is {written(request.at_s)}",
        )
    if not 0 < expires_s - issued_s <= MOST_VALID_S:
        yield VerificationFinding(
            Soundness.SIGNED_BUT_WRONG, f"it is valid from {claim.issued} to {claim.expires}; a year is the most"
        )
    if request.at_s >= expires_s:
        yield VerificationFinding(Soundness.EXPIRED, f"it expired at {claim.expires}; ask for a new one")
    if request.max_age_s is not None and request.at_s - issued_s > request.max_age_s:
        yield VerificationFinding(
            Soundness.REPLAYED, f"it was issued at {claim.issued}, longer ago than you take (--max-age)"
        )


def _of_challenge(claim: CertificateClaim, request: VerificationRequest) -> Iterator[VerificationFinding]:
    if request.nonce and claim.nonce != request.nonce:
        answered = f"the challenge {claim.nonce!r}" if claim.nonce else "no challenge at all"
        yield VerificationFinding(
            Soundness.REPLAYED, f"it answers {answered}, and you gave the challenge {request.nonce!r}"
        )
