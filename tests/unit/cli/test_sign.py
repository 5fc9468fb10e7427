"""The words of ``ackord sign``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ackord.certificate.dates import unix_of
from ackord.core.clock import RealClock
from tests.unit.certificate.build import ISSUED, SUBJECT, evidence, recorded, small_level

Run = Callable[..., tuple[int, str, str]]
WORDS = ("out", "--level", "S0", "--sign", "key.pem", "--subject", "vendor.yaml")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "vendor.yaml").write_text(SUBJECT)
    monkeypatch.setattr(RealClock, "unix_s", staticmethod(lambda: unix_of(ISSUED)))
    with small_level():
        yield tmp_path


def test_evidence_of_today_is_signed(run: Run, folder: Path) -> None:
    evidence(folder / "out", *recorded())
    assert run("keys", "new")[0] == 0
    code, _, err = run("sign", *WORDS)
    assert code == 0, err
    assert err.endswith("S0: granted. Exit code 0, which is the level's.\ncertificate out/certificate\n")
    assert run("verify", "out/certificate", "--key", "key.pub.pem")[0] == 0
    code, _, err = run("sign", *WORDS)
    assert code == 2, "a certificate is not written over"


def test_a_refusal_says_why(run: Run, folder: Path) -> None:
    evidence(folder / "out", *recorded("standby-reads"))
    run("keys", "new")
    code, _, err = run("sign", *WORDS)
    assert code == 1
    assert "S0 is not granted:\n  - acknowledged-order-visible is VIOLATED under none: query" in err
    assert not (folder / "out" / "certificate").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("out", "--level", "S0", "--sign", "none.pem", "--subject", "vendor.yaml"), "none.pem: it cannot be read"),
        (("out", "--level", "S0", "--sign", "key.pem", "--subject", "none.yaml"), "none.yaml: there is no such file"),
        ((*WORDS, "--valid-for", "400d"), "--valid-for 400d: no certificate is valid so long"),
        ((*WORDS, "--nonce", "x"), "this is no challenge"),
        (("nowhere", *WORDS[1:]), "holds no evidence of a run"),
    ],
)
def test_mistakes_are_told(run: Run, folder: Path, words: tuple[str, ...], said: str) -> None:
    evidence(folder / "out", *recorded())
    run("keys", "new")
    code, _, err = run("sign", *words)
    assert code == 2
    assert said in err
