"""How fast statements are pulled, and whether kill -9 loses or doubles a line.

    python -m tests.benchmarks.statement_pull                       5,000,000 lines of 1,000 accounts, killed ten times
    python -m tests.benchmarks.statement_pull --lines 100 --accounts 20 --kills 3

The provider is a process of its own that writes each account's day as a gzipped table through the emulator's writer,
answers 503 to every 50th request and breaks off every 70th answer. It makes lines about as fast as they are read, so
the rate is that of both. The pull is ``ackord statement pull``, killed at random moments and started again.
"""

from __future__ import annotations

import argparse
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ackord.statements.store_views import open_store
from tests.statement_provider import Book, contract_text

__all__ = ["KillableRun", "main", "wrong_lines"]

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
    """A provider, and pulls from it."""

    def __init__(self, folder: Path, lines: int, accounts: int, statement: str = STATEMENT) -> None:
        self.folder, self.store = folder, folder / "store"
        self.names = [f"acct-{n:05}" for n in range(accounts)]
        (folder / "contract.yaml").write_text(
            contract_text(statement).replace("timeout: 10s", "timeout: 120s"), "utf-8"
        )
        (folder / "accounts.txt").write_text("\n".join(self.names))
        command = [
            sys.executable,
            "-m",
            "tests.statement_provider",
            str(folder / "contract.yaml"),
            "--lines",
            str(lines),
        ]
        self.provider = subprocess.Popen(
            [*command, "--busy-every", "50", "--cut-every", "70"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.provider.stdout is not None
        self.url = self.provider.stdout.readline().strip()

    def start(self, *more: str) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-m",
            "ackord",
            "statement",
            "pull",
            str(self.folder / "contract.yaml"),
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

    def close(self) -> None:
        assert self.provider.stdin is not None and self.provider.stdout is not None
        self.provider.stdin.close()
        self.provider.wait()
        self.provider.stdout.close()


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
    given = parser.parse_args(arguments)
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        run = KillableRun(Path(folder), given.lines, given.accounts)
        try:
            began = time.monotonic()
            killed = sum(run.killed(1.5 + chance.random() * 8) for _ in range(given.kills))
            last = run.start()
            said = last.communicate()[1]
            passed_s = time.monotonic() - began
        finally:
            run.close()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        wrong = wrong_lines(run, given.lines)
        total = given.lines * given.accounts
        print(
            f"{total:,} lines of {given.accounts:,} accounts, killed {killed} times: exit {last.returncode}, ", end=""
        )
        print(
            f"{passed_s:.0f} s, {total / passed_s:,.0f} lines/s, peak memory {used.ru_maxrss >> 10} MiB of any process"
        )
        print(said.strip().splitlines()[-1] if said.strip() else "")
        for problem in wrong[:10]:
            print(problem)
        print("complete, exact, nothing doubled" if not wrong and last.returncode == 0 else "NOT as stated")
    return int(bool(wrong) or last.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
