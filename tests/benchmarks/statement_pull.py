"""How fast statements are pulled, and whether kill -9 loses or doubles a line.

    python -m tests.benchmarks.statement_pull                       5,000,000 lines of 1,000 accounts, killed ten times
    python -m tests.benchmarks.statement_pull --storm               the same through the gateway, in the storm of docs/STATEMENTS.md
    python -m tests.benchmarks.statement_pull --lines 100 --accounts 20 --kills 3

The provider is a process of its own that writes each account's day as a gzipped table through the emulator's writer.
Without ``--storm`` it answers 503 to every 50th request and breaks off every 70th answer. It makes lines about as fast
as they are read, so the rate is that of both. The pull is ``ackord statement pull``, killed at random moments and
started again, and begun again where the provider could not be reached.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ackord.statements.store_views import open_store
from tests.statement_provider import Book, contract_text
from tests.waiting import until

__all__ = ["KillableRun", "main", "storm_profile", "wrong_lines"]

DAY = "2026-11-28"
DAY_S = 1_795_824_000
STATEMENT = """\
request: {method: GET, path: /bill, query: {day: "${period.from:%Y-%m-%d}", account: "${account.id}"}}
csv: {delimiter: ";", decimal: ",", thousands: ".", summary_rows: 2}
totals: {rows: Rows, net: Net}
money: major
columns: {movement_id: Id, order_no: Order, amount: Amount, kind: Kind, at: [Day, Time], currency: Currency, fee: Fee}
time_form: "%Y-%m-%d %H:%M:%S"
compressed: gzip
"""


class KillableRun:
    """A provider, pulls from it, and with ``storm`` a gateway between them."""

    def __init__(
        self, folder: Path, lines: int, accounts: int, statement: str = STATEMENT, *, storm: bool = False, seed: int = 1
    ) -> None:
        self.folder, self.store, self.contract = folder, folder / "store", folder / "contract.yaml"
        self.names = [f"acct-{n:05}" for n in range(accounts)]
        self.contract.write_text(contract_text(statement).replace("timeout: 10s", "timeout: 120s"), "utf-8")
        (folder / "accounts.txt").write_text("\n".join(self.names))
        command = [sys.executable, "-m", "tests.statement_provider", str(self.contract), "--lines", str(lines)]
        trouble = [] if storm else ["--busy-every", "50", "--cut-every", "70"]
        self.provider = subprocess.Popen([*command, *trouble], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.provider.stdout is not None
        self.url = self.provider.stdout.readline().strip()
        self.gateway: subprocess.Popen[bytes] | None = None
        if storm:
            try:
                self._stand_between(seed)
            except BaseException:
                self.close()
                raise

    def _stand_between(self, seed: int) -> None:
        """Start the gateway, as docs/STATEMENTS.md has it."""
        profile, self.said = self.folder / "statement-storm.yaml", self.folder / "gateway.txt"
        profile.write_text(storm_profile())
        command = [sys.executable, "-m", "ackord", "gateway", "--contract", str(self.contract), "--port", "0"]
        command += ["--profile", str(profile), "--upstream", self.url, "--seed", str(seed)]
        with self.said.open("wb") as file:
            self.gateway = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        gateway = self.gateway
        until(lambda: b"Ctrl-C ends it." in self.said.read_bytes() or gateway.poll() is not None, "the gateway stands")
        said = self.said.read_text()
        assert gateway.poll() is None, said
        self.url = said.partition("through the gateway: ")[2].partition("\n")[0].strip()

    def finish(self, *more: str, most: int = 20) -> tuple[int, str]:
        """Pull, and again what could not be reached; return the last exit code and what it said."""
        for _ in range(most):
            last = self.start(*more)
            said = last.communicate()[1]
            if last.returncode != 4:
                break
            landed = open_store(self.store).execute("SELECT DISTINCT account FROM partitions").fetchall()
            late = sorted(set(self.names) - {row[0] for row in landed})
            (self.folder / "accounts.txt").write_text("\n".join(late or self.names))
        return last.returncode, said

    def start(self, *more: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            "ackord",
            "statement",
            "pull",
            str(self.contract),
            "--date",
            DAY,
        ]
        command += ["--accounts", f"@{self.folder / 'accounts.txt'}", "--store", str(self.store), "--target", self.url]
        return subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def killed(self, after_s: float) -> bool:
        """Pull, and kill it; return whether it was still running."""
        run = self.start()
        try:
            run.wait(after_s)
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
        run.communicate()
        return run.returncode == -signal.SIGKILL

    def faults(self) -> Counter[str]:
        """Return how often each fault of the storm struck."""
        return Counter(re.findall(r"(?m)(\S+) hit ", self.said.read_text()))

    def close(self) -> None:
        if self.gateway is not None:
            self.gateway.send_signal(signal.SIGINT)
            self.gateway.wait()
        assert self.provider.stdin is not None and self.provider.stdout is not None
        self.provider.stdin.close()
        self.provider.wait()
        self.provider.stdout.close()


def storm_profile() -> str:
    """Return the profile of docs/STATEMENTS.md."""
    blocks = (Path(__file__).parents[2] / "docs" / "STATEMENTS.md").read_text("utf-8").split("```yaml\n")
    (found,) = (block.partition("```")[0] for block in blocks if block.startswith("name: statement-storm\n"))
    return found


def wrong_lines(run: KillableRun, lines: int) -> list[str]:
    """Return the first thing that is wrong in the store: every line is compared."""
    connection: Any = open_store(run.store)
    found = connection.execute("SELECT account, order_no, amount_minor, kind FROM current ORDER BY account, position")
    row = found.fetchone()
    for name in sorted(run.names):
        for movement in Book(lines).movements(name, DAY_S, DAY_S + 86_400):
            if row != (name, movement.order_no, movement.amount, movement.kind):
                return [f"{row} stands where {name} has {movement}"]
            row = found.fetchone()
    if row is not None:
        return [f"{row} is too many"]
    versions = connection.execute("SELECT count(*) FROM partitions WHERE version > 1").fetchone()[0]
    return [f"{versions} partitions have several versions"] if versions else []


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5000, help="of each account")
    parser.add_argument("--accounts", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--storm", action="store_true", help="pull through the gateway")
    given = parser.parse_args(arguments)
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        run = KillableRun(Path(folder), given.lines, given.accounts, storm=given.storm, seed=given.seed)
        try:
            began = time.monotonic()
            killed = sum(run.killed(1.5 + chance.random() * 8) for _ in range(given.kills))
            exit_code, said = run.finish()
            passed_s = time.monotonic() - began
            if given.storm:
                print("the storm: " + ", ".join(f"{n:,} x {fault}" for fault, n in sorted(run.faults().items())))
        finally:
            run.close()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        wrong = wrong_lines(run, given.lines)
        total = given.lines * given.accounts
        print(f"{total:,} lines of {given.accounts:,} accounts, killed {killed} times: exit {exit_code}, ", end="")
        print(
            f"{passed_s:.0f} s, {total / passed_s:,.0f} lines/s, peak memory {used.ru_maxrss >> 10} MiB of any process"
        )
        print(said.strip().splitlines()[-1] if said.strip() else "")
        for problem in wrong[:10]:
            print(problem)
        print("complete, exact, nothing doubled" if not wrong and exit_code == 0 else "NOT as stated")
    return int(bool(wrong) or exit_code != 0)


if __name__ == "__main__":
    sys.exit(main())
