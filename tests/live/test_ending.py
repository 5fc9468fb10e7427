"""However a run ends, nothing of it stays: no process, no port, no folder; and what was recorded until then can be
judged.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.core.verdict import Result
from ackord.host.process_identity import ProcessIdentity, identify
from ackord.host.run_dir import sweep
from ackord.providers.postgres.crash import children_of
from ackord.report import REPORTS
from ackord.run.audit import audit_recordings

from ..tiers import gate

PROFILE = """
name: long
incident: Long enough to be ended in the middle.
phases: {disturb: {orders: 5000, concurrency: 8}}
workload: {poll: 1}
faults:
  - {fault: replication-latency, ms: 100}
  - {fault: read-model-latency, ms: 100}
  - {fault: channel-latency, ms: 30}
exposes: [acknowledged-order-visible]
"""


class Run:
    """A ``certify`` in the middle of its storm."""

    def __init__(self, folder: Path) -> None:
        profile = folder / "long.yaml"
        profile.write_text(PROFILE)
        self.journal = folder / "out" / "long" / "journal.jsonl"
        self.tmp = folder / "tmp"
        self.tmp.mkdir(mode=0o755)
        for above in (folder, *folder.parents):  # PostgreSQL runs as another user and must get through
            if above.stat().st_uid == os.getuid() and above != Path("/"):
                with contextlib.suppress(OSError):
                    above.chmod(above.stat().st_mode | 0o011)
        command = [
            sys.executable,
            "-P",
            "-m",
            "ackord",
            "certify",
            "reference",
            "--profile",
            str(profile),
            "--seed",
            "1",
        ]
        self.process = subprocess.Popen(
            [*command, "--out", str(folder / "out")],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "TMPDIR": str(self.tmp)},
        )

    def wait_for_the_storm(self) -> None:
        """Returns when the phase ``disturb`` was announced: faults are about to be armed, everything is up."""
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            if "disturb" in line:
                return
            said.append(line)
        raise AssertionError(f"the run ended before its storm: {''.join(said)}")

    def folders(self) -> list[Path]:
        return list(self.tmp.glob("ackord-*/run-*"))

    def processes(self) -> list[ProcessIdentity]:
        found = []
        for record in self.tmp.glob("ackord-*/run-*/processes/*.json"):
            pid, ticks, *_ = json.loads(record.read_text())
            found.append(ProcessIdentity(pid, ticks))
        return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    run.process.kill()
    run.process.wait()
    assert run.process.stdout is not None
    run.process.stdout.close()


def wait_until_gone(who: ProcessIdentity) -> bool:
    """Wait for a process that is not our child to end."""
    try:
        fd = os.pidfd_open(who.pid)
    except ProcessLookupError:
        return True
    try:
        return identify(who.pid) != who or bool(select.select([fd], [], [], 20)[0])
    finally:
        os.close(fd)


@pytest.mark.parametrize("number", gate([signal.SIGINT, signal.SIGTERM], [signal.SIGINT]))
def test_an_interrupted_run_cleans_up_before_it_ends(run: Run, number: signal.Signals) -> None:
    run.wait_for_the_storm()
    processes = run.processes()
    assert len(processes) >= 4, "chaos, reference, primary and standby at least"
    run.process.send_signal(number)
    out, _ = run.process.communicate(timeout=60)
    assert run.process.returncode == 130
    assert "interrupted" in out
    assert "Traceback" not in out
    assert [p for p in processes if identify(p.pid) == p] == []
    assert run.folders() == []
    result = audit_recordings([run.journal])
    assert result.result is Result.INCONCLUSIVE
    assert result.exit_code == 3


def test_a_killed_run_is_cleaned_by_its_children_and_the_next_start(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.wait_for_the_storm()
    processes, folders = run.processes(), run.folders()
    assert processes
    run.process.kill()
    run.process.communicate()
    assert [p for p in processes if not wait_until_gone(p)] == []
    monkeypatch.setattr("tempfile.tempdir", str(run.tmp))
    assert sweep() == folders
    assert run.folders() == []
    result = audit_recordings([run.journal])
    assert not result.profiles[0].verdict.complete
    assert result.exit_code == 3


def test_a_normal_end_leaves_only_the_evidence(tmp_path: Path) -> None:
    run = Run(tmp_path)
    (tmp_path / "long.yaml").write_text(PROFILE.replace("5000", "10"))
    out, _ = run.process.communicate(timeout=120)
    assert run.process.returncode == 0, out
    assert run.folders() == []
    assert sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*") if p.is_file()
    ) == sorted(["long/journal.jsonl", "run-contract.yaml", *(report.file for report in REPORTS if report.file)])
    again = audit_recordings([run.journal])
    assert again.result is Result.HELD


def command_of(who: ProcessIdentity) -> str:
    """Empty for a process that ended long ago."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{who.pid}/cmdline").read_text()
    return ""


def memory_of(run: Run) -> tuple[list[Path], list[str]]:
    """What the run's servers have outside its folder: data in memory, and shared memory segments by their ids."""
    data = [
        folder
        for folder in Path("/dev/shm").glob(f"ackord-{os.getuid()}-run-*")
        if (folder / "run").is_file() and (folder / "run").read_text().startswith(str(run.tmp))
    ]
    pid_files = [file for folder in (*data, *run.folders()) for file in folder.rglob("postmaster.pid")]
    return data, [file.read_text().splitlines()[6].split()[1] for file in pid_files]


def segments() -> set[str]:
    return {line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]}


def process_of(run: Run, part: str) -> int:
    """The number of the process that plays ``part``; parts of one name are counted by age, for numbers wrap around."""
    oldest_first = sorted(run.processes(), key=lambda who: (who.started_ticks, who.pid))
    commands = {who.pid: command_of(who) for who in oldest_first}
    if part == "a process of a server":
        server = next(pid for pid, command in commands.items() if "standby" in command)
        return min(children_of(server))
    wanted, _, index = part.partition(" ")
    return [pid for pid, command in commands.items() if wanted in command][int(index or 0)]


PARTS = (
    "chaos_server", "providers.reference 0", "providers.reference 1", "providers.reference 2",
    "providers.reference 3", "/primary", "/standby", "a process of a server",
)  # fmt: skip


@pytest.mark.parametrize("part", gate(PARTS, ("chaos_server", "providers.reference 2")))
def test_a_part_that_dies_by_itself_ends_the_run_and_is_named(run: Run, part: str) -> None:
    """Nobody charges the provider with what a dead part does: the run ends with 4, keeps what it has, leaves nothing."""
    run.wait_for_the_storm()
    processes = run.processes()
    data, kept = memory_of(run)
    assert kept
    os.kill(process_of(run, part), signal.SIGKILL)
    out, _ = run.process.communicate(timeout=60)
    assert run.process.returncode == 4, out
    assert "the run ended early" in out
    assert "Traceback" not in out
    told = json.loads((run.journal.parent.parent / "result.json").read_text())
    assert (told["exit_code"], told["profiles"][0]["result"]) == (4, "INCONCLUSIVE")
    assert told["profiles"][0]["cut_short"] == told["failure"]
    assert any(word in told["failure"] for word in ("ended", "killed", "gone")), told["failure"]
    assert [p for p in processes if not wait_until_gone(p)] == []
    assert run.folders() == []
    assert [folder for folder in data if folder.exists()] == []
    assert segments().isdisjoint(kept)
