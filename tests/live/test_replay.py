"""An order that broke a guarantee is played again, shrunk, and written as a test that fails before the mend and passes
after it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.providers.flaws import FLAWS
from ackord.record.journal import read_journal
from ackord.replay.order_scenario import OrderScenario, read_scenario

from .small_payouts import TINY, Asked, Reply, SmallPayouts, contract_at

FLAWED = [
    "standby-reads", "check-then-insert", "key-forgotten", "resubmit-reads-failed", "duplicate-executes",
    "key-unscoped", "altered-accepted", "memory-dedup", "cached-not-found", "unknown-is-processing", "paid-tenfold",
]  # fmt: skip
"""Of each kind one: a lag, a race, a wait, a lost answer, a copy, another account, another payload, two nodes, an
overtaking query, a number that was never submitted, and the money itself.
"""


class Shell:
    """Runs commands in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ackord(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run("ackord", *words)

    def pytest(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run("pytest", "-q", "-p", "no:xdist", "-p", "no:randomly", "-W", "error", *words)

    def _run(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", module, *words],
            cwd=self.folder, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return Shell(tmp_path)


def scenarios(folder: Path) -> Iterator[OrderScenario]:
    for name in ("scenario.yaml", "shrunk.yaml"):
        yield read_scenario(folder / name)


def broken_of(line: str) -> int:
    found = re.search(r"(\d+) of \d+ times", line)
    assert found is not None, line
    return int(found[1])


@pytest.mark.full
@pytest.mark.parametrize("flaw", FLAWED)
def test_a_flaw_is_reproduced_shrunk_and_written_as_a_test(shell: Shell, flaw: str) -> None:
    guarantee = FLAWS.get(flaw).caught_by
    profile = FLAWS.get(flaw).profile
    ran = shell.ackord(
        "certify", "reference", "--flaw", flaw, "--profile", profile, "--seed", "5", "--out", "run", "--quiet"
    )
    assert ran.returncode == 1, ran.stderr

    ran = shell.ackord(
        "replay", "run", "--guarantee", guarantee, "--times", "4", "--out", "again", "--pytest", "test_order.py"
    )
    assert ran.returncode == 1, ran.stderr
    first, scenario_line, shrunk_line, *_ = ran.stdout.splitlines()
    assert first.startswith(f"{guarantee}: broken again, "), ran.stdout
    assert broken_of(first) >= 1
    assert scenario_line.startswith("scenario  again/scenario.yaml: ")
    assert broken_of(shrunk_line) >= 1, ran.stdout + ran.stderr
    large, small = scenarios(shell.folder / "again")
    assert small.operations <= large.operations
    assert small.fault_count <= large.fault_count

    written = (shell.folder / "test_order.py").read_text()
    numbers = {o.number for path in shell.folder.glob("run/*/journal.jsonl") for o in read_journal(path).orders}
    assert numbers
    assert not any(number in written for number in numbers), "no number of the run is in it"
    before = shell.pytest("test_order.py", "--chaos-flaw", flaw)
    assert before.returncode == 1, before.stdout
    assert re.search(rf"E\s+ackord.run.held.NotHeld: (VIOLATED|UNSAFE)  {guarantee}", before.stdout), before.stdout
    after = shell.pytest("test_order.py")
    assert after.returncode == 0, after.stdout


def test_a_provider_at_an_address_is_replayed_until_it_is_mended(shell: Shell) -> None:
    (shell.folder / "tiny.yaml").write_text(TINY)
    contract = Path(contract_at(shell.folder, ("settles_within: 2s", "settles_within: 200ms"))).name
    mended = False

    def spoil(asked: Asked, reply: Reply) -> Reply:
        gone = asked.method == "GET" and asked.path.startswith("/payouts") and not mended
        return Reply(404, {"error": "not_found"}) if gone else reply

    with SmallPayouts(spoil) as provider:
        target = ("--target", provider.url)
        ran = shell.ackord("certify", contract, *target, "--profile", "tiny.yaml", "--out", "run", "-v")
        assert "replay    ackord replay run\n" in ran.stdout
        ran = shell.ackord("replay", "run", "--times", "2", "--out", "again", "--pytest", "test_order.py")
        assert ran.returncode == 1, ran.stderr
        large, small = scenarios(shell.folder / "again")
        assert large.target == provider.url
        assert [step.do for step in small.steps] == ["submit", "query"]
        assert 'contract="small.yaml"' in (shell.folder / "test_order.py").read_text()
        suite = ("test_order.py", "--chaos-target", provider.url, "--contract", contract)
        assert shell.pytest(*suite, "-m", "not ackord_guarantee").returncode == 1
        mended = True
        again = shell.ackord("replay", "again/shrunk.yaml", "--times", "2", "--out", "mended", "--quiet")
        assert (again.returncode, again.stdout) == (
            0, "acknowledged-order-visible: not broken again, 0 of 2 times (2 held)\n"
        ), again.stderr  # fmt: skip
        after = shell.pytest(*suite, "-m", "not ackord_guarantee")
        assert after.returncode == 0, after.stdout
    gone = shell.ackord("replay", "again/shrunk.yaml", "--out", "gone")
    assert gone.returncode == 4
    assert "cannot be reached" in gone.stderr
