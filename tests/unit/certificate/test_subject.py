"""A subject is strict: what is signed can be read by people as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.certificate.subject import read_subject
from ackord.errors import FileError

GOOD = "vendor: Example Pay\nproduct: Payouts\nversion: '1.2'\nenvironment: sandbox\n"


def subject(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "vendor.yaml"
    path.write_text(text)
    return path


def test_a_subject_is_read(tmp_path: Path) -> None:
    more = f"contact: qa@example.com\nartifacts:\n  - {{name: image, sha256: {'a' * 64}}}\n"
    found = read_subject(subject(tmp_path, GOOD + more))
    assert (found.vendor, found.version, found.contact) == ("Example Pay", "1.2", "qa@example.com")
    assert found.artifacts[0].sha256 == "a" * 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vendor: x\n", "vendor.yaml:"),
        (GOOD.replace("'1.2'", "1.2"), r"vendor.yaml:3: .*version"),
        (GOOD + "vender: x\n", "did you mean|Did you mean"),
        (GOOD.replace("Payouts", '"Pay\\u202eouts"'), r"vendor.yaml:2"),
        (GOOD.replace("Payouts", '"Pay\\nouts"'), r"vendor.yaml:2"),
        (GOOD + "artifacts: [{name: image, sha256: ABC}]\n", r"vendor.yaml:5"),
        (GOOD.replace("Payouts", "${env:HOME}"), r"vendor.yaml:2"),
        ("", "is empty"),
    ],
)
def test_a_wrong_subject_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FileError, match=said):
        read_subject(subject(tmp_path, text))
