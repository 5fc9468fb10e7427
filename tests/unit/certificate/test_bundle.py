"""Every byte of a bundle is in a file, and every file has a digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.certificate.bundle import ENVELOPES, bundle_files, made_reports, new_bundle, read_evidence
from ackord.core.verdict import Result
from ackord.errors import FileError
from ackord.run.recorded_campaign import recorded_campaign


def test_a_new_bundle_is_empty(tmp_path: Path) -> None:
    assert not list(new_bundle(tmp_path / "a" / "b").iterdir())
    (tmp_path / "a" / "b" / "x").write_text("")
    with pytest.raises(FileError, match="there is something in this folder"):
        new_bundle(tmp_path / "a" / "b")
    with pytest.raises(FileError, match="cannot be written"):
        new_bundle(tmp_path / "a" / "b" / "x")


def test_every_file_but_the_envelopes_has_its_digest(bundle: Path) -> None:
    every = {p.relative_to(bundle).as_posix() for p in bundle.rglob("*") if p.is_file()}
    assert bundle_files(bundle).keys() == every - {ENVELOPES}


def test_the_reports_can_be_made_again_byte_by_byte(bundle: Path) -> None:
    made = dict(made_reports(read_evidence(bundle), bundle))
    assert {"evidence/result.json", "evidence/ackord-summary.md", "evidence/junit.xml"} < made.keys()
    for name, content in made.items():
        assert (bundle / name).read_bytes() == content, name


def test_the_evidence_is_as_a_run_leaves_it(bundle: Path) -> None:
    assert recorded_campaign(bundle / "evidence").profiles[0].verdict.result is Result.INCONCLUSIVE
