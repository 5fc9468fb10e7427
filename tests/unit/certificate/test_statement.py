"""The statements are in-toto's, by its own package, and a run has one id."""

from __future__ import annotations

from pathlib import Path

import google.protobuf.json_format as protobuf
import in_toto_attestation.predicates.test_result.v0.test_result_pb2 as test_result_pb2
import in_toto_attestation.v1.statement_pb2 as statement_pb2
import pytest
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement

from ackord.certificate.bundle import ENVELOPES, bundle_files
from ackord.certificate.envelope import OpenedEnvelope, open_envelopes
from ackord.certificate.statement import CERTIFICATE_TYPE, TEST_RESULT_TYPE, CertificateClaim, run_id

from .build import ISSUED
from .forger import statement_of


def envelopes(bundle: Path) -> list[OpenedEnvelope]:
    return open_envelopes((bundle / ENVELOPES).read_bytes())


def test_in_toto_s_own_package_takes_both(bundle: Path) -> None:
    kinds = []
    for opened in envelopes(bundle):
        parsed = protobuf.Parse(opened.envelope.payload, statement_pb2.Statement())
        Statement.copy_from_pb(parsed).validate()
        kinds.append(parsed.predicate_type)
    assert kinds == [CERTIFICATE_TYPE, TEST_RESULT_TYPE]


def test_the_test_result_is_one_by_its_own_schema(bundle: Path) -> None:
    predicate = envelopes(bundle)[1].statement["predicate"]
    parsed = protobuf.ParseDict(predicate, test_result_pb2.TestResult())
    assert parsed.result == "PASSED"
    assert "none/acknowledged-order-visible" in parsed.passed_tests
    assert not parsed.failed_tests
    assert {r.name for r in parsed.configuration} >= {"evidence/run-contract.yaml", "evidence/profiles/none.yaml"}
    for resource in parsed.configuration:
        ResourceDescriptor.copy_from_pb(resource).validate()


def test_it_names_every_file_and_what_it_is_about(bundle: Path) -> None:
    statement = statement_of(bundle)
    assert {r["name"]: r["digest"]["sha256"] for r in statement["predicate"]["evidence"]} == bundle_files(bundle)
    assert [r["name"] for r in statement["subject"]] == ["evidence/run-contract.yaml", "subject.yaml"]


def test_it_says_what_it_does_not_prove(bundle: Path) -> None:
    said = " ".join(statement_of(bundle)["predicate"]["does_not_prove"])
    assert "That the recorded bytes came from that provider" in said
    assert "ackord verify --again URL" in said


def test_each_guarantee_has_what_a_reader_needs(bundle: Path) -> None:
    (row,) = [r for r in statement_of(bundle)["predicate"]["guarantees"] if r["id"] == "acknowledged-order-visible"]
    assert row["strength"] == "MUST"
    assert row["clause"].startswith("A query that began after")
    assert row["result"] == "HELD"
    assert row["exposures_count"] == row["profiles"]["none"]["exposures_count"] > 0
    assert row["worst_staleness_ms"] is None


def test_a_claim_is_read_back(bundle: Path) -> None:
    assert CertificateClaim.read(statement_of(bundle)) == CertificateClaim("S0", ISSUED, "2026-04-02T03:30:00Z")


@pytest.mark.parametrize("part", ["predicateType", "predicate"])
def test_what_is_no_certificate_has_no_claim(bundle: Path, part: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        CertificateClaim.read(statement_of(bundle) | {part: "x"})


def test_a_run_is_told_from_others_by_its_journals() -> None:
    assert run_id({"a": "1", "b": "2"}) == run_id({"b": "2", "a": "1"})
    assert len({run_id({"a": "1"}), run_id({"a": "2"}), run_id({"b": "1"}), run_id({"a": "1", "b": "2"})}) == 4
