"""``ackord gateway`` as a user starts it: a process in front of a provider, ended by Ctrl-C, its journal audited."""

from __future__ import annotations

import os
import pty
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from ..waiting import PATIENCE_S, until
from .small_payouts import SmallPayouts, contract_at

KEY = {"authorization": "Bearer sk_main"}
PROFILE = """
name: behind
incident: Reads lag.
default: false
subject: integration
faults: [{fault: stale-reads, least_ms: 60000, most_ms: 60000}]
"""


class Standing:
    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output

    @property
    def said(self) -> str:
        return self._output.read_text()

    def url(self) -> str:
        until(lambda: "Ctrl-C ends it." in self.said or self.process.poll() is not None, "it stands")
        assert self.process.poll() is None, self.said
        return self.said.partition("through the gateway: ")[2].partition("\n")[0].strip()

    def end(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)


@contextmanager
def gateway(folder: Path, upstream: str, *words: str, stdout: int | None = None) -> Iterator[Standing]:
    (folder / "behind.yaml").write_text(PROFILE)
    command = [sys.executable, "-m", "ackord", "gateway", "--contract", contract_at(folder), "--upstream", upstream]
    command += ["--profile", str(folder / "behind.yaml"), *words]
    output = folder / "said.txt"
    with output.open("wb") as file:
        env = {**os.environ, "TERM": "xterm", "COLUMNS": "160", "LINES": "60"}
        process = subprocess.Popen(command, stdout=stdout or file, stderr=subprocess.STDOUT, env=env)
    try:
        yield Standing(process, output)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_S)


def pay_and_ask(url: str, number: str, verify: ssl.SSLContext | bool = True) -> list[int]:
    with httpx.Client(base_url=url, headers=KEY, verify=verify, timeout=PATIENCE_S) as client:
        taken = client.post("/payouts", json={"reference": number, "amount": 700, "to": "p"})
        return [taken.status_code, client.get(f"/payouts/{number}").status_code]


def test_a_client_meets_the_profile_and_everything_is_said_and_recorded(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with SmallPayouts() as provider, gateway(tmp_path, provider.url, "--record", str(journal)) as standing:
        assert pay_and_ask(standing.url(), "order-0001") == [201, 404]
        until(lambda: "stale-reads hit query order-0001" in standing.said, "it says what happened")
        assert "query order-0001: GET /payouts/order-0001 -> 200" in standing.said
        assert standing.end() == 0
        assert "ended, every fault was taken back: 2 requests; 1 x stale-reads" in standing.said
    audit = [sys.executable, "-m", "ackord", "audit", str(journal), "--contract", str(tmp_path / "small.yaml")]
    done = subprocess.run(audit, capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE_S, check=False)
    said = done.stdout + done.stderr
    assert "merchant-pays-once" in said, "the merchant is judged, not the provider whose name the answers bear"
    assert "acknowledged-order-visible" not in said
    assert done.returncode in (1, 3), said


def test_it_serves_https_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with SmallPayouts() as provider, gateway(tmp_path, provider.url, "--tls", "--port", "0") as standing:
        url = standing.url()
        ca = Path(standing.said.partition("export ACKORD_CA_FILE='")[2].partition("'")[0])
        assert pay_and_ask(url, "order-0001", verify=ssl.create_default_context(cafile=str(ca))) == [201, 404]
        assert standing.end() == 0
        assert not ca.exists()


def test_a_terminal_has_a_live_view(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    seen = b""
    try:
        with SmallPayouts() as provider, gateway(tmp_path, provider.url, stdout=theirs) as standing:
            os.set_blocking(ours, False)

            def shows(text: bytes) -> bool:
                nonlocal seen
                with suppress(BlockingIOError):
                    seen += os.read(ours, 1 << 16)
                return text in seen

            until(lambda: shows(b"through the gateway: ") and shows(b"Ctrl-C ends it."), "it stands")
            url = seen.decode().partition("through the gateway: ")[2].split()[0]
            assert pay_and_ask(url, "order-0001") == [201, 404]
            until(lambda: shows(b"1 x 201 ACK"), "the view counts")
            until(lambda: shows(b"faults: 1 x stale-reads"), "the view shows faults")
            assert standing.end() == 0
            until(lambda: shows(b"ended, every fault was taken back"), "it says its end")
    finally:
        os.close(ours)
        os.close(theirs)
