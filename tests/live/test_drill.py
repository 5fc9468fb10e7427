"""Drills of live merchants: presets as programs against the reference provider, and commands that misbehave."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.core.event import FaultChange
from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.merchant import REPORT_PATTERN
from ackord.drill.settings import DrillSettings
from ackord.host.process_identity import identify
from ackord.report import write_all
from ackord.run.audit import audit_recordings
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

from ..tiers import gate
from .small_provider import CONTRACT, small_provider

STALE = """
name: stale
incident: An acknowledged order reads as not found for a while.
phases: {disturb: {orders: 1}}
workload: {plain: 1}
faults:
  - {fault: stale-answer, not_found: true, lag_ms: 1500}
exposes: [merchant-pays-once]
"""


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("profiles") / "stale.yaml"
    path.write_text(STALE)
    return path


@pytest.fixture(scope="module")
def reference(stale: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A session over one reference provider, which each drill finds empty."""
    options = RunOptions(profiles=[str(stale)], seed=1, out=tmp_path_factory.mktemp("out"))
    with Session(drill_plan(options, DrillSettings(command=[sys.executable]))) as session:
        yield session


def merchant(policy: str, orders: int) -> DrillSettings:
    command = [sys.executable, "-m", "ackord.drill.merchant", policy, "--orders", str(orders)]
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN)


def test_the_naive_pays_twice_and_the_recommended_once(reference: Session) -> None:
    (profile,) = reference.plan.profiles
    naive = Drill(reference, merchant("naive", 4), echo=False).run(profile)
    verdict = naive.verdict.of("merchant-pays-once")
    assert (verdict.result, verdict.violations) == (Result.VIOLATED, 4)
    assert "took the answer 404 ORDER_NOT_FOUND to query" in verdict.findings[0].summary
    assert naive.verdict.of("merchant-never-fails-unsettled").result is Result.VIOLATED
    fired = [e for e in naive.history.events if isinstance(e, FaultChange) and e.change == "fired"]
    assert fired and all(e.op for e in fired), "each fault stands at the merchant's call that it hit"
    audited = audit_recordings([Path(naive.journal)]).profiles[0]
    assert audited.verdict.guarantees == naive.verdict.guarantees, "anybody judges the merchant again"
    assert "-- " in audited.repeat and "ackord drill reference --profile" in audited.repeat

    recommended = Drill(reference, merchant("recommended", 4), echo=False).run(profile)
    results = {g.guarantee: g.result for g in recommended.verdict.guarantees}
    assert results == {
        "merchant-pays-once": Result.HELD,
        "merchant-never-fails-unsettled": Result.HELD,
        "merchant-settles": Result.HELD,
        "merchant-polls-politely": Result.HELD,
        "merchant-verifies": Result.NOT_APPLICABLE,
    }
    assert recommended.verdict.of("merchant-pays-once").exposures >= 4

    campaign = reference.campaign()
    write_all(campaign, reference.plan.out)
    told = json.loads((reference.plan.out / "result.json").read_text())
    assert (told["subject"], told["exit_code"]) == ("integration", 1)


# -- commands that misbehave -------------------------------------------------------------------------------------------

PAY = """
import json, os, sys, urllib.request

def call(method, path, number="", amount=500):
    body = json.dumps({"amount": amount, "currency": "EUR", "payee": "p"}).encode() if method == "POST" else None
    headers = {"authorization": "Bearer sk_main", "x-order-number": number, "content-type": "application/json"}
    request = urllib.request.Request(os.environ["PAY_URL"] + path, method=method, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)

"""
NONE = ["--profile", "none", "--seed", "1", "--env", "PAY_URL"]


class Drilled:
    """``ackord drill`` as a process of its own, against a provider of the test's."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._contract = folder / "mine.yaml"
        self._contract.write_text(CONTRACT.format(url=url))

    def start(self, code: str, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "ackord", "drill", str(self._contract), *NONE, *words]
        command += ["--out", str(self.folder / "out"), "--", sys.executable, "-c", PAY + code]
        env = {**os.environ, "TMPDIR": str(self.folder)}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)

    def run(self, code: str, *words: str) -> tuple[int, str]:
        process = self.start(code, *words)
        said = process.communicate(timeout=120)[0]
        return process.returncode, " ".join(said.split())

    @property
    def left(self) -> list[str]:
        """Folders of runs that were not removed."""
        return [str(path) for path in self.folder.glob("ackord-*/run-*")]


@pytest.fixture
def drilled(tmp_path: Path) -> Iterator[Drilled]:
    with small_provider() as url:
        yield Drilled(tmp_path, url)


def test_a_merchant_that_does_nothing_is_no_pass(drilled: Drilled) -> None:
    code, said = drilled.run("call('GET', '/movements')")
    assert code == 3
    assert "the merchant submitted no order that the contract can read" in said
    assert not drilled.left


def test_a_merchant_that_went_elsewhere_is_told_where_to_send(drilled: Drilled) -> None:
    code, said = drilled.run("pass")
    assert code == 3 and "no call reached the provider: the merchant must send to the address in" in said
    code, said = drilled.run("pass", "--proxy-host", "api.example.com")
    assert code == 3 and "the client must take its proxy from HTTPS_PROXY" in said
    code, said = drilled.run("call('POST', '/orders', 'order-0001')")
    assert "no call reached the provider" not in said


def test_a_command_that_fails_is_told_and_its_calls_are_judged(drilled: Drilled) -> None:
    code, said = drilled.run("print(call('POST', '/orders', 'order-0001')['status']); sys.exit('my test failed')")
    assert code == 3, "nothing could have been misread"
    assert "PAID" in said and "my test failed" in said
    assert "the command ended with exit code 1: that is no verdict by itself" in said
    results = json.loads((drilled.folder / "out" / "result.json").read_text())["profiles"][0]["guarantees"]
    assert {g["id"]: g["result"] for g in results}["merchant-settles"] == "HELD"
    assert "my test failed" in (drilled.folder / "out" / "none" / "command.log").read_text()
    assert not drilled.left


def test_a_command_that_cannot_be_started_is_reported(drilled: Drilled) -> None:
    """It is there and executable, so this shows only when everything stands."""
    program = drilled.folder / "program"
    program.write_text("#!/no/such/interpreter\n")
    program.chmod(0o755)
    command = [sys.executable, "-P", "-m", "ackord", "drill", str(drilled.folder / "mine.yaml"), *NONE, "--json"]
    command += ["--out", str(drilled.folder / "out"), "--", str(program)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2
    assert "the command cannot be started" in ended.stderr and "Traceback" not in ended.stderr
    told = json.loads(ended.stdout)
    assert told == json.loads((drilled.folder / "out" / "result.json").read_text())
    assert (told["exit_code"], told["not_run"], told["result"]) == (2, ["none"], "INCONCLUSIVE")
    assert "ackord drill" in told["repeat_command"]


def test_the_time_of_a_command_is_over(drilled: Drilled) -> None:
    code, said = drilled.run(
        "call('POST', '/orders', 'order-0001'); import signal; signal.pause()", "--time-limit", "2s"
    )
    assert code == 3 and "the command was ended by --time-limit" in said
    assert not drilled.left


def test_books_count_what_the_provider_does_not_see(drilled: Drilled) -> None:
    books = drilled.folder / "books.py"
    books.write_text('print(\'{"order": "order-0001", "payments": 2}\')')
    verify = f"{sys.executable} {books}"
    code, said = drilled.run("call('POST', '/orders', 'order-0001')", "--verify-cmd", verify)
    assert code == 1 and "the merchant's own books hold 2 payments" in said


def test_a_client_that_insists_on_https(drilled: Drilled) -> None:
    pay = "assert os.environ['PAY_URL'].startswith('https:'); call('POST', '/orders', 'order-0001')"
    code, said = drilled.run(pay, "--tls")
    assert code == 3 and "1 call of your own client judged" in said
    assert "no verdict by itself" not in said, "the command went well: it trusts the authority that it was handed"


@pytest.mark.parametrize("signalled", gate([signal.SIGINT, signal.SIGTERM], [signal.SIGINT]))
def test_an_interrupted_drill_leaves_nothing_and_can_be_judged(drilled: Drilled, signalled: int) -> None:
    process = drilled.start(
        "import signal; call('POST', '/orders', 'order-0001'); print('pid', os.getpid(), flush=True); signal.pause()"
    )
    assert process.stdout is not None
    pid = next(int(line.split()[1]) for line in process.stdout if line.startswith("pid"))
    process.send_signal(signalled)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130, said
    assert "interrupted" in said and identify(pid) is None and not drilled.left
    audited = audit_recordings([drilled.folder / "out" / "none" / "journal.jsonl"])
    assert audited.result is Result.INCONCLUSIVE and not audited.profiles[0].verdict.complete
