"""A provider that is not ours, with two nodes over a primary and a standby: its contract says what it is made of, and
the ordinary profiles disturb its inside.
"""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ackord import cli
from ackord.host.free_port import free_port
from ackord.host.run_dir import sweep

from ..waiting import until
from .loopback_server import changed
from .small_payouts import CONTRACT

ROOT = Path(__file__).parents[2]
LAG = """
      lag: {postgresql: {primary: "${env:WRITES_TO}", replica: "${env:STANDBY}"}}"""


class System(NamedTuple):
    """A provider of two nodes over a primary and a standby, which its contract starts."""

    contract: Path
    ports: dict[str, int]
    certify: Callable[..., tuple[int, str]]
    """Certifies it with further options; returns the exit code and what was printed, on one line."""

    def result(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.contract.parent / "out" / "result.json").read_text())
        return read


def topology(folder: Path, ports: dict[str, int], reads: str) -> str:
    """Return the contract's sections on nodes; node b reads from the server that the variable ``reads`` names."""
    node = f"{sys.executable}, -m, tests.live.foreign.payouts_node"
    pair = f"{sys.executable}, -m, tests.live.foreign.postgres_pair"
    return f"""
nodes: {{a: "http://127.0.0.1:{ports["a"]}", b: "http://127.0.0.1:{ports["b"]}"}}
topology:
  start: {{command: [{pair}, start, {folder}]}}
  stop: {{command: [{pair}, stop, {folder}]}}
  nodes:
    a: {{run: [{node}, "{ports["a"]}"]}}
    b: {{run: [sh, -c, 'READS_FROM=${reads} exec {sys.executable} -m tests.live.foreign.payouts_node {ports["b"]}']}}
  links:
    replication:
      to: 127.0.0.1:{ports["primary"]}
      carries: replication{LAG}
"""


@pytest.fixture
def system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> Iterator[System]:
    """Parametrized by the variable that says where node b reads: ``WRITES_TO`` (correct) or ``STANDBY``."""
    folder = Path(tempfile.mkdtemp(prefix="ackord-pair-"))  # PostgreSQL runs as another user, who must get there
    folder.chmod(0o711)
    ports = {name: free_port() for name in ("a", "b", "primary", "standby")}
    word = secrets.token_hex(8)
    dsn = {name: f"postgresql://postgres:{word}@127.0.0.1:{ports[name]}/postgres" for name in ("primary", "standby")}
    environment = {
        "PYTHONPATH": str(ROOT),
        "PGPASSWORD": word,
        "PRIMARY_PORT": str(ports["primary"]),
        "STANDBY_PORT": str(ports["standby"]),
        "WRITES_TO": dsn["primary"],
        "READS_FROM": dsn["primary"],
        "STANDBY": dsn["standby"],
        "COLUMNS": "400",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("signal.signal", lambda *a: None)
    contract = tmp_path / "mine.yaml"
    contract.write_text(changed(CONTRACT, ("currency: EUR", f"currency: EUR{topology(folder, ports, request.param)}")))

    def certify(*words: str) -> tuple[int, str]:
        out = str(tmp_path / "out")
        command = ["ackord", "certify", str(contract), "--seed", "7", "--budget", "quick", "--out", out, *words]
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), " ".join((said.err + said.out).split())

    yield System(contract, ports, certify)
    left = [name for name, port in ports.items() if accepts(port)]
    shutil.rmtree(folder, ignore_errors=True)
    assert not left, "nothing is left running"


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("system", ["STANDBY"], indirect=True)
def test_lag_on_a_link_inside_the_provider_is_found(system: System) -> None:
    code, said = system.certify("--allow-hooks", "--profile", "two-nodes")
    assert code == 1, said
    assert "acknowledged-order-visible" in said
    assert "probe_lag_ms" in said or "lag" in said


@pytest.mark.parametrize("system", ["WRITES_TO"], indirect=True)
def test_a_provider_that_reads_its_primary_holds_and_nodes_may_crash(system: System) -> None:
    code, said = system.certify("--allow-hooks", "--profile", "two-nodes", "--profile", "node-crash")
    assert code == 0, said


@pytest.mark.parametrize("system", ["STANDBY"], indirect=True)
def test_without_a_measure_of_its_own_the_lag_is_shown_by_the_api(system: System) -> None:
    system.contract.write_text(changed(system.contract.read_text(), (LAG, "")))
    code, said = system.certify("--allow-hooks", "--profile", "two-nodes")
    assert code == 1, said
    assert "orders broke it" in said


@pytest.mark.parametrize("system", ["WRITES_TO"], indirect=True)
def test_a_lag_that_nobody_measures_proves_nothing(system: System) -> None:
    system.contract.write_text(changed(system.contract.read_text(), (LAG, "")))
    code, said = system.certify("--allow-hooks", "--profile", "two-nodes")
    assert code == 3, said
    assert "replication-latency" in said, "the fault that was not proven is named"


@pytest.mark.parametrize("system", ["WRITES_TO"], indirect=True)
def test_without_permission_nothing_is_started(system: System) -> None:
    code, said = system.certify("--profile", "two-nodes")
    assert code == 2, said
    assert "--allow-hooks" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("system", ["WRITES_TO"], indirect=True)
def test_however_a_run_ends_nothing_is_left(system: System, number: signal.Signals) -> None:
    """After SIGKILL the next run ends what is left; the fixture looks for listeners of every part."""
    command = [
        sys.executable,
        "-m",
        "ackord",
        "certify",
        str(system.contract),
        "--allow-hooks",
        "--profile",
        "two-nodes",
    ]
    folder = system.contract.parent
    with (folder / "said.txt").open("w") as said:
        run = subprocess.Popen(
            [*command, "--budget", "deep", "--out", str(folder / "ended")],
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=heeds_interrupts,
        )

    def begun() -> bool:
        assert run.poll() is None, (folder / "said.txt").read_text()
        return any(folder.glob("ended/*/journal.jsonl"))

    until(begun, "the profile has begun", 60)
    run.send_signal(number)
    run.wait(60)
    if number == signal.SIGKILL:
        assert accepts(system.ports["a"]), "nobody has ended it yet"
        sweep()


def heeds_interrupts() -> None:
    """Who is started by a shell in the background ignores them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
