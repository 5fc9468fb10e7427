"""The vendor's walk-through of docs/CERTIFICATES.md, copied and pasted, and what a customer sees of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..tiers import gate

GUIDE = Path(__file__).parents[2] / "docs/CERTIFICATES.md"

pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="the documents are in a checkout only")


def block(name: str, language: str) -> str:
    found = re.search(rf"^<!-- {name} -->\n```{language}\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"there is no block {name}"
    return found[1]


def shell(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Play a script as a user pastes it. Whatever is installed, `ackord` is this one."""
    own = f'ackord() {{ "{sys.executable}" -P -m ackord "$@"; }}'
    return subprocess.run(
        ["bash", "-c", f"{own}\nset -e\n{script}"], cwd=folder, capture_output=True, text=True, timeout=400, check=False
    )


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vendor")
    (folder / "vendor.yaml").write_text(block("vendor: vendor.yaml", "yaml"))
    done = shell(folder, block("vendor", "sh"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "A0: granted. Exit code 0, which is the level's." in done.stderr
    return folder


def test_a_customer_verifies_it(vendor: Path) -> None:
    done = shell(vendor, block("customer", "sh"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("SOUND: evidence/certificate\n")
    assert "challenge  20f6-a-customer-said" in done.stdout
    assert "That the recorded bytes came from that provider" in done.stdout
    assert json.loads((vendor / "badge.json").read_text())["color"] == "brightgreen"


ENDS = [
    ("--key key.pub.pem --nonce another-challenge", 1, "REPLAYED: "),
    ("--key other.pub.pem", 1, "NOT SIGNED BY THIS KEY: "),
    ("", 3, "SIGNER UNKNOWN: "),
    ("--key key.pub.pem --at 2199-01-01T00:00:00Z --badge old.json", 3, "EXPIRED: "),
    ("--key key.pem", 2, ""),
]


@pytest.mark.parametrize(("words", "code", "said"), gate(ENDS, [("NOT SIGNED BY THIS KEY: ",)], lambda end: end[2:]))
def test_what_it_does_not_prove_is_said(vendor: Path, words: str, code: int, said: str) -> None:
    if not (vendor / "other.pem").exists():
        assert shell(vendor, "ackord keys new --out other.pem").returncode == 0
    done = shell(vendor, f"ackord verify evidence/certificate {words}")
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.startswith(said)
    if code == 2:
        assert "this is a private key" in done.stderr
    if "badge" in words:
        badge = json.loads((vendor / "old.json").read_text())
        assert (badge["message"], badge["color"]) == ("expired", "lightgrey")


def test_the_evidence_of_a_bundle_is_a_run_s(vendor: Path) -> None:
    done = shell(vendor, "ackord report evidence/certificate/evidence --format markdown --out -")
    assert done.returncode == 0, done.stderr
    assert "HELD" in done.stdout


def test_a_key_is_not_written_over(vendor: Path) -> None:
    before = (vendor / "key.pem").read_bytes()
    done = shell(vendor, "ackord keys new --out key.pem")
    assert done.returncode == 2
    assert (vendor / "key.pem").read_bytes() == before


@pytest.mark.parametrize("name", gate(["again"], []))
def test_a_customer_certifies_it_again(vendor: Path, name: str) -> None:
    done = shell(vendor, block(name, "sh"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^resubmission-moves-money-once +MUST +HELD \(\d+\) +HELD \(\d+\)$", done.stdout, re.MULTILINE)
    assert "A0 is earned again, with seed " in done.stdout


@pytest.mark.parametrize("flaw", gate(["key-forgotten"], ["key-forgotten"]))
def test_a_flawed_provider_gets_none_and_hears_why(vendor: Path, tmp_path: Path, flaw: str) -> None:
    done = shell(
        vendor,
        f"ackord certify reference --flaw {flaw} --level A0 --sign key.pem --subject vendor.yaml --out {tmp_path} --quiet",
    )
    assert done.returncode == 1, done.stderr
    assert "A0 is not granted:" in done.stderr
    assert "resubmission-moves-money-once is VIOLATED under none" in done.stderr
    assert not (tmp_path / "certificate").exists()


@pytest.mark.parametrize("count", gate([2], []))
def test_shards_are_certified_together_and_never_one_of_them(vendor: Path, count: int) -> None:
    wish = "--level A0 --sign key.pem --subject vendor.yaml"
    for number in range(1, count + 1):
        done = shell(
            vendor, f"ackord certify reference --level A0 --shard {number}/{count} --seed 7 --out s{number} -q"
        )
        assert done.returncode == 0, done.stdout + done.stderr
    alone = shell(vendor, f"ackord sign s1 {wish}")
    assert alone.returncode == 3, alone.stderr
    assert "is missing in the evidence: it was not run, or is in another shard" in alone.stderr
    merged = f"ackord report merge s1 s2 --out merged\nackord sign merged {wish}"
    done = shell(vendor, f"{merged}\nackord verify merged/certificate --key key.pub.pem")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SOUND: merged/certificate" in done.stdout
