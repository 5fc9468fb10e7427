"""A compose file as the target: its services are started, a link between two of them is disturbed, and however the run
ends none of them is left.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ackord.host.run_dir import sweep
from ackord.providers.topology import compose_system

from ..live.loopback_server import changed
from ..live.small_payouts import CONTRACT
from ..live.test_topology import heeds_interrupts
from .conftest import until

FILE = Path(__file__).parent / "payouts" / "compose.yaml"
COMPOSE_2 = Path(__file__).parents[2] / ".tools" / "compose"
Certify = Callable[..., tuple[int, str]]


@pytest.fixture(params=["installed", pytest.param("Compose 2", marks=pytest.mark.full)])
def certify(images: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Certify:
    """Certifies the payouts of the compose file; returns the exit code and what was said, on one line."""
    if request.param != "installed":
        if not (COMPOSE_2 / "docker-compose").exists():
            why = ".ci/compose.sh installs Compose 2"
            pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)
        monkeypatch.setenv("PATH", f"{COMPOSE_2}:{os.environ['PATH']}")
    contract = tmp_path / "mine.yaml"
    contract.write_text(changed(CONTRACT, ("timeout: 500ms", "timeout: 5s")))
    monkeypatch.setenv("COLUMNS", "400")

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [*command(tmp_path), "--budget", "quick", *words], capture_output=True, text=True, check=False
        )
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    return run


def command(folder: Path) -> list[str]:
    words = ["certify", str(folder / "mine.yaml"), "--target", str(FILE), "--profile", "two-nodes", "--seed", "7"]
    return [sys.executable, "-m", "ackord", *words, "--out", str(folder / "out")]


def left() -> list[str]:
    """Containers, networks and volumes of compose projects that runs have made."""
    found: list[str] = []
    for what in (
        ["ps", "--all", "--format", "{{.Names}}"],
        ["network", "ls", "--format", "{{.Name}}"],
        ["volume", "ls", "-q"],
    ):
        done = subprocess.run(["docker", *what], capture_output=True, text=True, check=True)
        found += [name for name in done.stdout.split() if name.startswith("ackord-run-")]
    return found


def test_lag_between_two_services_is_found_and_nothing_is_left(certify: Certify, tmp_path: Path) -> None:
    code, said = certify()
    assert code == 1, said
    assert "acknowledged-order-visible VIOLATED" in said
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["target"] == str(FILE)
    assert left() == []


@pytest.mark.full
def test_reads_from_the_primary_hold_and_a_service_may_crash(certify: Certify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READS_FROM", "primary")
    code, said = certify("--profile", "node-crash")
    assert code == 0, said
    assert left() == []


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGKILL, marks=pytest.mark.full)])
def test_however_a_run_ends_no_service_is_left(images: None, tmp_path: Path, number: signal.Signals) -> None:
    """After SIGKILL the next run ends what is left."""
    (tmp_path / "mine.yaml").write_text(CONTRACT)
    run = subprocess.Popen(
        [*command(tmp_path), "--budget", "deep"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=heeds_interrupts,
    )
    until(lambda: any(tmp_path.glob("out/*/journal.jsonl")) or run.poll() is not None, "the profile has begun", 180)
    assert run.poll() is None, "it ended before a profile began"
    run.send_signal(number)
    run.wait(120)
    if number == signal.SIGKILL:
        assert left(), "nobody has ended it yet"
        sweep()
    assert left() == []


def test_a_service_that_cannot_start_is_told(images: None, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(CONTRACT)
    (tmp_path / "compose.yaml").write_text("services: {shop: {image: 'ackord-ci/nothing', ports: ['80']}}\n")
    words = changed(
        " ".join(command(tmp_path)), (str(FILE), str(tmp_path / "compose.yaml")), ("two-nodes", "none")
    ).split()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 4, done.stderr
    assert "topology.start failed" in done.stderr
    assert "Traceback" not in done.stderr


def test_containers_reach_this_machine_at_the_bridge(images: None) -> None:
    assert compose_system.bridge_address().count(".") == 3
    assert shutil.which("docker")
