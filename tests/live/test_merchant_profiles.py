"""Profiles that try a merchant, on a merchant's plain HTTP client that knows nothing of Ackord: each has its effect, in
the provider's own words, and nothing of it is charged to the provider.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ackord.chaos.profile import profile_names
from ackord.core.event import FaultChange
from ackord.core.verdict import Result
from ackord.errors import UsageError
from ackord.run.interactive import InteractiveRun
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session, refuse_unless_possible

from ..tiers import gate
from ..waiting import until
from .small_payouts import Asked, Reply, SmallPayouts, contract_at

PROFILES = [name for name in profile_names() if load_profile(name).tries_merchant]
KEY = {"authorization": "Bearer sk_main"}


@contextmanager
def a_run(folder: Path, provider: SmallPayouts, profile: str, text: str = "") -> Iterator[InteractiveRun]:
    """Profile ``text``, or the shipped one, in force between a foreign merchant and the provider."""
    if text:
        path = folder / f"{profile}.yaml"
        path.write_text(f"name: {profile}\nincident: x\ndefault: false\nsubject: integration\nfaults: {text}\n")
        profile = str(path)
    options = RunOptions(contract_at(folder), target=provider.url, profiles=["none"], seed=3, out=folder / "out")
    plan = replace(make_plan(options), own_clients=True)
    with Session(plan) as session, InteractiveRun(plan, load_profile(profile), session.environment) as run:
        run.arm()
        yield run


@contextmanager
def merchant(run: InteractiveRun) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=run.environment.edge_url, headers=KEY, timeout=10) as client:
        yield client


def submit(client: httpx.Client, number: str) -> httpx.Response | None:
    try:
        return client.post("/payouts", json={"reference": number, "amount": 700, "to": "p"})
    except httpx.TransportError:
        return None


def query(client: httpx.Client, number: str) -> httpx.Response | None:
    try:
        return client.get(f"/payouts/{number}")
    except httpx.TransportError:
        return None


def effects(run: InteractiveRun) -> list[FaultChange]:
    return [e for e in run.history().events if isinstance(e, FaultChange) and e.change == "fired"]


@pytest.mark.parametrize("profile", gate(PROFILES, ["stale-reads", "conflict-in-flight", "broken-reads"]))
def test_a_merchant_s_own_client_meets_the_profile(profile: str, tmp_path: Path) -> None:
    with SmallPayouts() as provider, a_run(tmp_path, provider, profile) as run, merchant(run) as client:

        def hit() -> bool:
            number = f"order-{len(provider.asked):06}"
            if submit(client, number) is None or number.endswith("5"):
                submit(client, number)
            client.get("/movements")
            query(client, number)
            return {e.fault for e in effects(run)} >= {fault.fault for fault in run.profile.faults}

        until(hit, "every fault of the profile has its effect")
        run.heal()
        verdict = run.verdict()
        broken = {g.guarantee for g in verdict.guarantees if g.result in (Result.VIOLATED, Result.UNSAFE)}
        assert not broken, "the provider is right whatever the gateway says in its name"


def test_an_acknowledged_order_is_not_found_in_the_provider_s_own_words_and_then_found(tmp_path: Path) -> None:
    def wordy(asked: Asked, reply: Reply) -> Reply:
        if reply.status != 404:
            return reply
        return Reply(404, {"error": "not_found", "about": asked.path.rpartition("/")[2], "trace": 7})

    faults = "[{fault: stale-reads, least_ms: 300, most_ms: 300}]"
    with SmallPayouts(spoil=wordy) as provider, a_run(tmp_path, provider, "one", faults) as run:
        with merchant(run) as client:
            taken = submit(client, "order-0001")
            assert taken is not None and taken.status_code == 201
            missing = query(client, "order-0001")
            assert missing is not None and missing.status_code == 404
            assert missing.json() == {"error": "not_found", "about": "order-0001", "trace": 7}
            until(lambda: client.get("/payouts/order-0001").status_code == 200, "the order lands")
        assert provider.asked[0].method == "GET", "it was asked for an unknown order before the merchant came"


def test_after_a_failover_an_order_is_gone_and_comes_back(tmp_path: Path) -> None:
    faults = "[{fault: stale-after-failover, outage_ms: 400, apart_ms: 60000}]"
    with SmallPayouts() as provider, a_run(tmp_path, provider, "one", faults) as run, merchant(run) as client:
        submit(client, "order-0001")
        seen = [client.get("/payouts/order-0001").status_code]

        def back() -> bool:
            status = client.get("/payouts/order-0001").status_code
            if status != seen[-1]:
                seen.append(status)
            return len(seen) == 2

        until(back, "the order was gone, and is back")
        assert seen == [404, 200]


def test_no_provider_is_judged_by_them_and_no_run_takes_them_by_itself(tmp_path: Path) -> None:
    assert len(PROFILES) == 8
    with SmallPayouts() as provider:
        plan = make_plan(RunOptions(contract_at(tmp_path), target=provider.url, profiles=["all"], out=tmp_path))
        assert not {profile.name for profile in plan.profiles} & set(PROFILES)
        for profile in PROFILES:
            with pytest.raises(UsageError, match="no provider can be judged by it"):
                refuse_unless_possible(load_profile(profile), Session(plan).environment)


def test_an_error_comes_after_the_work_was_done(tmp_path: Path) -> None:
    faults = "[{fault: error-after-done, status: 504}]"
    with SmallPayouts() as provider, a_run(tmp_path, provider, "one", faults) as run, merchant(run) as client:
        said = submit(client, "order-0001")
        assert said is not None
        assert (said.status_code, said.headers["content-type"]) == (504, "text/html; charset=utf-8")
        assert provider.orders() == {"order-0001"}
