"""The words of ``ackord verify``; what it finds is in tests/unit/certificate."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ackord.certificate.bundle import ENVELOPES
from ackord.certificate.envelope import seal
from ackord.certificate.keys import public_pem
from ackord.certificate.statement import as_test_result
from tests.unit.certificate.build import KEY, OTHER_KEY, issued, small_level
from tests.unit.certificate.forger import statement_of

Run = Callable[..., tuple[int, str, str]]
AT = ("--at", "2026-01-05T00:00:00Z")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with small_level():
        issued(folder)
    return folder / "bundle"


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(made, tmp_path / "bundle")
    (tmp_path / "key.pub.pem").write_bytes(public_pem(KEY.public_key()))
    (tmp_path / "other.pub.pem").write_bytes(public_pem(OTHER_KEY.public_key()))
    with small_level():
        yield tmp_path / "bundle"


def test_a_sound_one_is_told_with_all_that_it_does_not_prove(run: Run, bundle: Path) -> None:
    code, out, _ = run("verify", "bundle", "--key", "key.pub.pem", *AT, "--badge", "badge.json")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "SOUND: bundle"
    assert lines[-1] == "Exit code 0."
    for said in ("level      S0", "Example Pay (sandbox)", "challenge  none", "It does not prove:", "came from that provider",
                 "beside     terminal-status-final is INCONCLUSIVE: no part of S0"):  # fmt: skip
        assert said in out
    assert json.loads(Path("badge.json").read_text())["message"] == "until 2026-04-02"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--key", "other.pub.pem", *AT), 1, "NOT SIGNED BY THIS KEY: bundle\n  - not signed by this key: "),
        (AT, 3, "SIGNER UNKNOWN: bundle"),
        (("--key", "key.pub.pem", "--at", "2027-01-01T00:00:00Z"), 3, "EXPIRED: bundle"),
        (("--key", "key.pub.pem", *AT, "--nonce", "a-challenge"), 1, "REPLAYED: bundle"),
        (("--key", "key.pub.pem", *AT, "--max-age", "1d"), 1, "REPLAYED: bundle"),
    ],
)
def test_what_is_not_sound_is_the_first_word(
    run: Run, bundle: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    found, out, _ = run("verify", "bundle", *words)
    assert (found, out[: len(said)]) == (code, said)
    assert out.endswith(f"Exit code {code}.\n")


def test_what_another_version_signed_otherwise_is_no_crash(run: Run, bundle: Path) -> None:
    statement = statement_of(bundle)
    statement["predicate"]["suite"] = {"version": "9.9"}
    (bundle / ENVELOPES).write_bytes(seal([statement, as_test_result(statement)], KEY))
    code, out, _ = run("verify", "bundle", "--key", "key.pub.pem", *AT)
    assert code == 0
    assert "has another form than that of this version, and is not shown." in out


def test_what_was_altered_is_not_certified_again(run: Run, bundle: Path) -> None:
    (bundle / "subject.yaml").write_text("x")
    code, out, err = run("verify", "bundle", "--key", "key.pub.pem", *AT, "--again", "reference")
    assert code == 1
    assert out.startswith("ALTERED: bundle\n  - altered: subject.yaml is not the file that was signed")
    assert "it is not certified again" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere",), "there is no certificate.intoto.jsonl in it"),
        (("bundle", "--at", "tomorrow"), "--at tomorrow: this is no time"),
        (("bundle", "--max-age", "7"), "--max-age 7: this is no time"),
        (("bundle", "--key", "none.pem"), "cannot be read"),
    ],
)
def test_mistakes_are_told(run: Run, bundle: Path, words: tuple[str, ...], said: str) -> None:
    code, _, err = run("verify", *words)
    assert code == 2
    assert said in err
