"""Stripe's own libraries against providers that ignore or keep their idempotency keys: what they pay twice, and what not.

An order's number is in its metadata, as a shop's would be; the key is the library's, or the shop's own. So a copy under
another key is another payment, and what tells is how often the money moved for a number.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from ackord.core.result import ProfileResult
from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.merchant import REPORT_PATTERN
from ackord.drill.settings import DrillSettings
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

from .programs import CONTRACTS, folder, localstripe, stripe_stateful_mock

MERCHANTS = Path(__file__).parent / "merchants"
LOST, STALE = "answers-lost-or-late", "stale-reads"
ORDERS = 6
KEY = '    headers: {Idempotency-Key: "${order_no}"}\n'
PROVIDERS = {"ignores": "localstripe-payouts.yaml", "keeps": "stripe-stateful-mock-charges.yaml"}
"""What a provider does with the key, and its contract."""


def session_of(keys: str, out: Path, url: str) -> Session:
    """The provider's contract with the number in the metadata alone."""
    text = (CONTRACTS / PROVIDERS[keys]).read_text()
    changes = {
        KEY: "",
        "on_same_payload: replay_original": "on_same_payload: new_movement\n  settles_within: 100ms",
        "\npromises:": "\ndrill: {intent: $.metadata.order_no}\n\npromises:",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    contract = out / "contract.yaml"
    contract.write_text(text)
    options = RunOptions(str(contract), target=url, profiles=[LOST, STALE], seed=1, out=out / "out")
    return Session(drill_plan(options, settings([sys.executable])))


def settings(command: list[str]) -> DrillSettings:
    return DrillSettings(command=command, report_pattern=REPORT_PATTERN)


def test_try(tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setenv("CHARGED", "tok_visa")
    monkeypatch.setenv("NODE_PATH", str(folder() / "node_modules"))
    for keys in PROVIDERS:
        (tmp_path / keys).mkdir()
        ctx = localstripe(tmp_path / "store.pickle") if keys == "ignores" else stripe_stateful_mock()
        with ctx as url, session_of(keys, tmp_path / keys, url) as session:
            session.preflight()
            n = 0
            for profile, lib, retries, (key, calls) in (
                (p, l, r, k) for p in session.plan.profiles for l in ("py", "node") for r, k in (
                    ("default", ("auto", 1)), ("0", ("auto", 1)), ("2", ("auto", 1)), ("default", ("auto", 3)), ("default", ("own", 3)))
                if p.name == LOST or r == "default"):
                n += 1
                what = "payouts" if keys == "ignores" else "charges"
                cmd = [str(folder() / "venv/bin/python"), str(MERCHANTS / "stripe_shop.py")] if lib == "py" else ["node", str(MERCHANTS / "stripe_shop.cjs")]
                cmd += [what, key, str(calls), retries, "8", f"shop-{n:04}-abcd"]
                import time
                t = time.monotonic()
                r = Drill(session, settings(cmd), echo=False).run(profile)
                t = time.monotonic() - t
                v = r.verdict.of("merchant-pays-once")
                with open("/tmp/h/rm_stripe.txt", "a") as f:
                    print(keys, profile.name, lib, retries, key, calls, "->", v.result, v.violations, v.exposures, [f"{g.guarantee[9:]} {g.result}" for g in r.verdict.guarantees[1:4]], f"{t:.1f}", r.verdict.notes[:6] if n == 1 else "", v.findings[0].summary[:300] if v.findings else v.reason, file=f)
