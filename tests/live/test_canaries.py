"""No secret leaves a command: certify, drill, gateway, audit, report, simulate and the rest, with a canary in each place
that a secret can be in, and a provider that gives back all that it is sent.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ..waiting import PATIENCE_S, until
from .canaries import assert_hidden, watched
from .loopback_server import ServedRequest
from .paying_provider import PayingProvider, contract_file

HEADER, URL, BODY, WRITTEN, UNUSED, IBAN = CANARIES = (
    "hdr/Zx+9=aW3&b(c)d!e",  # a header, from the environment
    "url%2F/Yq+7=bT5&x y?z",  # the query of an address, from the environment
    "bdy\"Kp\\4=cR8&<v>é'w",  # a body, from the environment
    "wrt-Lm6-written-out-in-the-contract",
    "env/Nn2+unused=variable&of:the;job",
    "DE89370400440532013000",  # in answers, declared by the contract
)
VARIABLES = {"CANARY_HEADER": HEADER, "CANARY_URL": URL, "CANARY_BODY": BODY, "CANARY_UNUSED": UNUSED}
CHANGES = (
    ("main: {auth: {bearer: sk_main}}", 'main: {auth: {bearer: "${env:CANARY_HEADER}"}}'),
    ("other: {auth: {bearer: sk_other}}", f"other: {{auth: {{bearer: {WRITTEN}}}}}"),
    ('path: "/payouts/${order_no}"}', 'path: "/payouts/${order_no}", query: {key: "${env:CANARY_URL}"}}'),
    ('to: "${payee}"}', 'to: "${payee}", shop_secret: "${env:CANARY_BODY}"}'),
    ("states: {", "redact: [iban]\nstates: {"),
)
PROFILE = """
name: tiny
incident: A handful of orders.
phases: {disturb: {orders: 6, concurrency: 6}}
workload: {resubmit: 1, altered: 1}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
machine: false
"""
STALE = """
name: stale
incident: Reads lag.
default: false
subject: integration
faults: [{fault: stale-reads, least_ms: 300, most_ms: 300}]
exposes: [merchant-pays-once]
"""
MERCHANT = """
import os, sys, httpx
api = httpx.Client(base_url=os.environ["ACKORD_PROVIDER_URL"], headers={"Authorization": "Bearer " + os.environ["CANARY_HEADER"]})
for n in range(4):
    body = {"reference": f"drill-{n:04}", "amount": 100 + n, "to": f"p{n}", "shop_secret": os.environ["CANARY_BODY"]}
    api.post("/payouts", json=body)
    print(api.get(f"/payouts/drill-{n:04}", params={"key": os.environ["CANARY_URL"]}).text)
"""


def echo(request: ServedRequest) -> dict[str, Any]:
    """All that came, in other spellings too, and somebody's account number, nested and beside."""
    return {
        "you_sent": request.headers, "at": request.path, "body": request.body.decode("utf-8", "replace"),
        "percent": [quote(canary, safe="") for canary in CANARIES[:4]],
        "basic": [base64.b64encode(f"user:{canary}".encode()).decode() for canary in CANARIES[:4]],
        "hex": [canary.encode().hex() for canary in CANARIES[:4]],
        "iban": IBAN, "beneficiary": [{"name": "n", "iban": IBAN, "bank": {"IBAN": {"number": IBAN}}}],
    }  # fmt: skip


@dataclass
class Place:
    """A folder with the contract, the profiles and the merchant."""

    folder: Path
    contract: str
    printed: list[tuple[str, str]]

    def environment(self) -> dict[str, str]:
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return {
            **os.environ,
            **VARIABLES,
            "TMPDIR": str(temporary),
            "GITHUB_STEP_SUMMARY": str(self.folder / "step.md"),
        }

    def ackord(self, *words: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "ackord", *words]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        self.printed.append((said, f"what ackord {words[0]} prints"))
        return done.returncode, said

    def assert_hidden(self, *more: tuple[str, str]) -> None:
        """Look through everything that was written, printed and seen; the inputs themselves hold what they hold."""
        inputs = {self.folder / name for name in ("paying.yaml", "pay.py")}
        written = [path for path in self.folder.rglob("*") if path.is_file() and path not in inputs]
        found = [(path.read_text(errors="replace"), str(path)) for path in written]
        for (text, where), canary in itertools.product([*found, *self.printed, *more], CANARIES):
            assert_hidden(text, canary, where)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    (tmp_path / "stale.yaml").write_text(STALE)
    (tmp_path / "pay.py").write_text(MERCHANT)
    return Place(tmp_path, contract_file(tmp_path, *CHANGES), [])


@pytest.fixture
def provider() -> Iterator[PayingProvider]:
    with PayingProvider(keys=(HEADER, WRITTEN), more=echo) as provider:
        yield provider


def test_what_judges_a_provider_says_none(place: Place, provider: PayingProvider) -> None:
    provider.pays_altered = True  # so that findings are explained everywhere
    with watched(place.folder / "tmp") as watch:
        code, said = place.ackord(
            "certify", place.contract, "--target", provider.url, "--profile", "tiny.yaml", "--seed", "1", "--out", "out",
            "--verbose",
        )  # fmt: skip
    assert code == 1, said
    assert any("certify" in command for command in watch.commands), "the list of processes was looked at"
    assert any("iban" in request.body.decode() or request.method == "GET" for request in provider.requests)
    journal = (place.folder / "out/tiny/journal.jsonl").read_text()
    assert '\\"iban\\": \\"***\\"' in journal, "answers are kept, without what the contract declares"
    audit, said = place.ackord("audit", "out/tiny/journal.jsonl", "--contract", place.contract)
    assert audit == 1, said
    report, said = place.ackord("report", "out", "--contract", place.contract, "--out", "again")
    assert report == 0, said
    place.ackord("simulate", place.contract, "--profiles", "stale-reads", "--orders", "20")
    place.ackord("simulate", "--from", "out/result.json", "--profiles", "stale-reads", "--orders", "20")
    place.ackord("contract", "explain", place.contract)
    place.ackord("certify", place.contract, "--show-config")
    place.assert_hidden(*watch.texts())


def test_what_goes_wrong_says_none(place: Place, provider: PayingProvider) -> None:
    """A check that fails shows what was sent and came; a run ends with the provider's answer in the error."""
    wrong: Callable[[ServedRequest], Any] = lambda r: (500, {"message": "no", **echo(r)})  # noqa: E731
    provider.instead = wrong
    code, said = place.ackord("contract", "check", place.contract, "--target", provider.url)
    assert code == 2 and "WRONG" in said
    code, said = place.ackord(
        "certify", place.contract, "--target", provider.url, "--profile", "tiny.yaml", "--out", "refused"
    )
    assert code in (2, 3, 4), said
    place.assert_hidden()


def test_a_drill_and_what_it_keeps_of_the_merchant_say_none(place: Place, provider: PayingProvider) -> None:
    with watched(place.folder / "tmp") as watch:
        code, said = place.ackord(
            "drill", place.contract, "--target", provider.url, "--profile", "stale.yaml", "--out", "out", "--seed", "1",
            "--", sys.executable, "pay.py",
        )  # fmt: skip
    assert code in (0, 1, 3), said
    log = (place.folder / "out/stale/command.log").read_text()
    assert "***" in log, "the merchant printed what it was answered, and it is masked"
    place.assert_hidden(*watch.texts())


def test_a_standing_gateway_says_none(place: Place, provider: PayingProvider) -> None:
    command = [
        sys.executable, "-m", "ackord", "gateway", "--contract", place.contract, "--upstream", provider.url,
        "--profile", "stale.yaml", "--record", "journal.jsonl",
    ]  # fmt: skip
    output = place.folder / "gateway.txt"
    with watched(place.folder / "tmp") as watch, output.open("wb") as file:
        environment = {**place.environment(), "COLUMNS": "160"}
        process = subprocess.Popen(command, cwd=place.folder, stdout=file, stderr=subprocess.STDOUT, env=environment)
        try:
            until(lambda: "Ctrl-C ends it." in output.read_text() or process.poll() is not None, "it stands")
            url = output.read_text().partition("through the gateway: ")[2].partition("\n")[0].strip()
            merchant = subprocess.run(
                [sys.executable, "pay.py"], cwd=place.folder, env={**environment, "ACKORD_PROVIDER_URL": url},
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert IBAN in merchant.stdout, "the merchant itself gets everything"
            process.send_signal(signal.SIGINT)
            assert process.wait(PATIENCE_S) == 0, output.read_text()
        finally:
            if process.poll() is None:
                process.kill()
    said = [json.loads(line) for line in (place.folder / "journal.jsonl").read_text().splitlines()]
    assert any(event.get("order") == "drill-0003" for event in said)
    place.assert_hidden(*watch.texts())
