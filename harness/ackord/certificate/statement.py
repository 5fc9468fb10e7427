"""Makes the two in-toto Statements of a certificate: our own predicate, and the same as a `test-result`.

Everything in them but the claim (who, when, for how long, in answer to what) follows from the evidence, so whoever
verifies makes them again and compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from .. import __version__
from ..core.clock import MS
from ..core.result import CampaignResult
from ..core.verdict import Result
from ..guarantees.merchant.catalogue import guarantee_named
from .assessment import GuaranteeStanding, LevelAssessment
from .dates import unix_of, written
from .levels import CATALOGUE_VERSION, levels_digest
from .subject import CertificateSubject

__all__ = [
    "CERTIFICATE_TYPE",
    "DOES_NOT_PROVE",
    "FORMAT",
    "PROVES",
    "STATEMENT_TYPE",
    "TEST_RESULT_TYPE",
    "CertificateClaim",
    "as_test_result",
    "certificate_statement",
    "run_id",
]

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
CERTIFICATE_TYPE = "urn:ackord:certificate:v1"
TEST_RESULT_TYPE = "https://in-toto.io/attestation/test-result/v0.1"
FORMAT = 1

PROVES = (
    "Whoever holds the private key signed exactly these files.",
    "The recorded answers, read again by the contract and judged again, earn the level.",
    "The profiles are those that come with this version of Ackord, and each was run to its end.",
)
DOES_NOT_PROVE = (
    "That the recorded bytes came from that provider: whoever signs can invent a whole run. Certify it yourself with "
    "`ackord verify --again URL`.",
    "Who the signer is: get the public key from somewhere else than this bundle.",
    "Anything about another version, configuration or environment of the product, or about faults that no profile "
    "of the level injects.",
    "That the subject is described truly: vendor, product and version are the signer's words.",
)

Json = dict[str, Any]


class CertificateClaim(NamedTuple):
    """What the signer claims and no evidence can show."""

    level: str
    issued: str
    expires: str
    nonce: str = ""
    """The customer's challenge that the run answers; empty for none."""
    openapi_strict: bool = False
    """Whether the run held answers to status codes that the OpenAPI document lists."""

    @classmethod
    def read(cls, statement: Mapping[str, Any]) -> CertificateClaim:
        """Return the claim of a statement. Raises ``KeyError``, ``TypeError`` or ``ValueError`` if it has none."""
        predicate = statement["predicate"]
        if statement["predicateType"] != CERTIFICATE_TYPE or predicate["format"] != FORMAT:
            raise ValueError("this is a statement of another kind, or of another version")
        claim = predicate["claim"]
        issued, expires = (written(unix_of(claim[name])) for name in ("issued", "expires"))
        strict = predicate["judged"]["openapi_strict"] is True
        return cls(str(claim["level"]), issued, expires, str(claim["nonce"] or ""), strict)


def run_id(journals: Mapping[str, str]) -> str:
    """Return what tells a run from every other one. ``journals``: profile -> SHA-256 of its journal."""
    text = "".join(f"{profile} {digest}\n" for profile, digest in sorted(journals.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def certificate_statement(
    claim: CertificateClaim,
    subject: CertificateSubject,
    campaign: CampaignResult,
    assessment: LevelAssessment,
    files: Mapping[str, str],
    unread: Mapping[str, int],
) -> Json:
    """Return the statement with our predicate.

    ``files``: path below the bundle -> SHA-256, of every file but the envelopes. ``unread``: raw answers that could not
    be read again, by the reason.
    """
    level = assessment.level
    journals = {p.profile: files[f"evidence/{p.profile}/journal.jsonl"] for p in campaign.profiles}
    header = campaign.profiles[0].history.header
    predicate = {
        "format": FORMAT,
        "claim": {"level": level.name, "title": level.title, "issued": claim.issued, "expires": claim.expires,
                  "nonce": claim.nonce or None, "run": run_id(journals)},
        "subject": subject.model_dump(mode="json", exclude_none=True),
        "judged": {
            "contract": campaign.contract, "provider": campaign.provider, "target": campaign.target,
            "started": campaign.started, "openapi_strict": claim.openapi_strict,
        },
        "suite": {
            "name": "ackord", "version": __version__, "seed": campaign.seed, "budget": campaign.budget,
            "catalogue": {"version": CATALOGUE_VERSION, "sha256": levels_digest()},
            "profiles": [
                {"name": p.profile, "sha256": files[f"evidence/profiles/{p.profile}.yaml"],
                 "journal_sha256": journals[p.profile]}
                for p in campaign.profiles
            ],
        },
        "left_out": [
            {"profile": p.profile, "reason": p.reason} for p in campaign.left_out if p.profile in level.every_profile
        ],
        "guarantees": [_standing(s) for s in assessment.standings],
        "landing": {p.profile: asdict(p.landing) for p in campaign.profiles if p.landing is not None},
        "promises": header.promises.to_json(),
        "unread_answers": dict(sorted(unread.items())),
        "evidence": [_resource(name, digest) for name, digest in sorted(files.items())],
        "proves": list(PROVES),
        "does_not_prove": list(DOES_NOT_PROVE),
    }  # fmt: skip
    return _statement(CERTIFICATE_TYPE, predicate, _subjects(subject, files))


def as_test_result(certificate: Json) -> Json:
    """Return the same as in-toto's `test-result`, made from the statement of the certificate alone."""
    passed, warned = [], []
    for row in certificate["predicate"]["guarantees"]:
        for profile, cell in row["profiles"].items():
            name = f"{profile}/{row['id']}"
            if row["strength"] and cell["result"] == Result.HELD:
                passed.append(name)
            elif row["strength"] and cell["result"] != Result.NOT_APPLICABLE:
                warned.append(name)
    evidence = certificate["predicate"]["evidence"]
    configuration = [r for r in evidence if r["name"].endswith((".yaml", ".json")) and "result.json" not in r["name"]]
    predicate = {
        "result": "WARNED" if warned else "PASSED",
        "configuration": configuration,
        "passedTests": passed,
        "warnedTests": warned,
        "failedTests": [],
    }
    return _statement(TEST_RESULT_TYPE, predicate, certificate["subject"])


def _statement(kind: str, predicate: Json, subjects: list[Json]) -> Json:
    """Return a statement in the order in which its signed form is read back."""
    made = {"_type": STATEMENT_TYPE, "subject": subjects, "predicateType": kind, "predicate": predicate}
    read_back: Json = json.loads(json.dumps(made, sort_keys=True))
    return read_back


def _subjects(subject: CertificateSubject, files: Mapping[str, str]) -> list[Json]:
    """Return what the statement is about: the vendor's description, the contract, its OpenAPI document, artefacts."""
    about = [name for name in files if name in ("subject.yaml", "evidence/run-contract.yaml") or "/openapi." in name]
    return [
        *(_resource(name, files[name]) for name in sorted(about)),
        *(_resource(artifact.name, artifact.sha256) for artifact in subject.artifacts),
    ]


def _resource(name: str, sha256: str) -> Json:
    return {"name": name, "digest": {"sha256": sha256}}


def _standing(s: GuaranteeStanding) -> Json:
    known = guarantee_named(s.guarantee)
    stale_ns = s.worst_staleness_ns
    return {
        "id": s.guarantee,
        "strength": s.strength,
        "clause": known.clause if known else "",
        "result": s.result.value,
        "exposures_count": s.exposures,
        "worst_staleness_ms": None if stale_ns is None else stale_ns / MS,
        "profiles": {
            profile: {
                "result": g.result.value, "exposures_count": g.exposures, "orders_count": g.orders,
                "violations_count": g.violations, "reason": g.reason,
            }
            for profile, g in s.by_profile.items()
        },
    }  # fmt: skip
