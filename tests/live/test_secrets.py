"""No secret leaves a run, in no spelling: a provider that gives back what it was sent, hooks that fail, addresses."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ackord.record.journal import read_journal

from . import canaries
from .loopback_server import ServedRequest
from .paying_provider import PayingProvider, contract_file

SECRET = "q7/Zx+9=aW3&b(c)d!e"
PROFILE = """
name: tiny
incident: A handful of orders.
phases: {disturb: {orders: 6, concurrency: 6}}
workload: {resubmit: 1, altered: 1}
exposes: [acknowledged-order-visible, resubmission-moves-money-once]
machine: false
"""
CHANGES = (
    ("main: {auth: {bearer: sk_main}}", 'main: {auth: {bearer: "${env:PAYING_KEY}"}}'),
    ('path: "/payouts/${order_no}"}', 'path: "/payouts/${order_no}", query: {key: "${env:PAYING_KEY}"}}'),
)


def echo(request: ServedRequest) -> dict[str, Any]:
    return {
        "you_sent": request.headers,
        "at": request.path,
        "percent": quote(SECRET, safe=""),
        "basic": base64.b64encode(f"user:{SECRET}".encode()).decode(),
        "hex": SECRET.encode().hex(),
    }


def ackord(*words: str, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ackord", *words],
        cwd=folder,
        env={**os.environ, "PAYING_KEY": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def assert_hidden(text: str, where: str) -> None:
    canaries.assert_hidden(text, SECRET, where)


def served(**options: Any) -> PayingProvider:
    return PayingProvider(keys=(SECRET, "sk_other"), **options)


def test_a_provider_that_gives_back_what_it_was_sent(tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    contract = contract_file(tmp_path, *CHANGES)
    with served(more=echo) as provider:
        code, said = ackord(
            "certify", contract, "--target", provider.url, "--profile", "tiny.yaml", "--seed", "1", "--out", "out",
            folder=tmp_path,
        )  # fmt: skip
    assert code == 0, said
    assert_hidden(said, "console")
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"journal.jsonl", "result.json", "junit.xml", "report.html"}
    for path in written:
        assert_hidden(path.read_text(), path.name)
    journal = tmp_path / "out" / "tiny" / "journal.jsonl"
    assert "***" in journal.read_text(), "it was given back, and is masked"
    assert read_journal(journal).complete
    code, said = ackord("audit", str(journal), folder=tmp_path)
    assert code == 0, said


def test_contract_check_shows_what_was_sent_without_it(tmp_path: Path) -> None:
    contract = contract_file(tmp_path, *CHANGES)
    with served(more=echo, instead=lambda r: (500, {"message": "no", **echo(r)}) if r.method == "GET" else None) as p:
        code, said = ackord("contract", "check", contract, "--target", p.url, folder=tmp_path)
    assert code == 2
    assert "WRONG" in said
    assert "key=***" in said.replace("\n", "")
    assert_hidden(said, "contract check")


@pytest.mark.parametrize(
    "hook",
    [
        'http: {url: "URL/x?key=${env:PAYING_KEY}", headers: {X-Key: "${env:PAYING_KEY}"}}',
        'http: {url: "http://me:${env:PAYING_KEY}@127.0.0.1:1/"}',
        f'command: ["{sys.executable}", -c, "import sys; sys.exit(sys.argv[1] * 2)", "${{env:PAYING_KEY}}"]',
        'sql: {dsn: "postgresql://me:${env:PAYING_KEY}@127.0.0.1:1/db", statements: [SELECT 1]}',
    ],
    ids=["answer", "address", "command", "sql"],
)
def test_a_hook_that_fails_says_so_without_it(hook: str, tmp_path: Path) -> None:
    profile = PROFILE + "faults: [{fault: hook, hook: lag}]\n"
    (tmp_path / "tiny.yaml").write_text(profile)
    with served(instead=lambda r: (500, echo(r)) if r.path.startswith("/x") else None) as provider:
        action = hook.replace("URL", provider.url)
        contract = contract_file(tmp_path, *CHANGES)
        with Path(contract).open("a") as file:
            file.write(f"hooks:\n  lag:\n    about: Slow.\n    do: {{{action}}}\n    undo: {{command: ['true']}}\n")
        words = ("--target", provider.url, "--profile", "tiny.yaml", "--seed", "1", "--out", "out", "--allow-hooks")
        code, said = ackord("certify", contract, *words, folder=tmp_path)
    assert code == 4, said
    assert "the hook lag failed" in said
    assert "Traceback" not in said
    assert_hidden(said, "console")
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            assert_hidden(path.read_text(), path.name)


def test_user_and_password_of_the_target_are_refused_and_not_shown(tmp_path: Path) -> None:
    contract = contract_file(tmp_path, *CHANGES)
    for target in ("http://me:pass-w0rd@127.0.0.1:1", "http://127.0.0.1:1/?key=pass-w0rd"):
        for command in (("certify", contract), ("contract", "check", contract)):
            code, said = ackord(*command, "--target", target, folder=tmp_path)
            assert code == 2, said
            assert "user, password, query and fragment" in said
            assert "pass-w0rd" not in said
    assert not (tmp_path / "ackord-out").exists()
