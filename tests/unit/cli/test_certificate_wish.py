"""What of a certificate can be refused is refused before anything is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.certificate.build import SUBJECT

Run = Callable[..., tuple[int, str, str]]
SIGNED = ("--sign", "key.pem", "--subject", "vendor.yaml")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sign", "key.pem"), "a certificate is one of a level"),
        (("--nonce", "a-challenge"), "a certificate is one of a level"),
        (("--level", "A0", "--sign", "key.pem"), "a certificate needs a key and a subject"),
        (("--level", "A0", "--subject", "vendor.yaml"), "name the key with --sign"),
        (("--level", "A0", *SIGNED, "--shard", "1/2", "--seed", "7"), "a shard is no whole run"),
        (("--level", "A9"), 'no level is called "A9"'),
        (("--level", "A0", "--profile", "none"), "leave --profile out"),
        (("--level", "A2", "--target", "http://127.0.0.1:9"), "A2 cannot be earned at http://127.0.0.1:9"),
        (("--level", "A0", *SIGNED, "--out", "taken"), "here is a certificate already"),
        (("--level", "A0", "--sign", "key.pem", "--subject", "broken.yaml"), "broken.yaml:1"),
    ],
)
def test_mistakes_are_told_before_the_run(run: Run, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    (tmp_path / "vendor.yaml").write_text(SUBJECT)
    (tmp_path / "broken.yaml").write_text("vendor: 3\n")
    (tmp_path / "taken" / "certificate").mkdir(parents=True)
    (tmp_path / "taken" / "certificate" / "x").write_text("")
    run("keys", "new")
    code, _, err = run("certify", "reference", *words)
    assert code == 2
    assert said in err
    assert not list(tmp_path.glob("**/journal.jsonl"))
