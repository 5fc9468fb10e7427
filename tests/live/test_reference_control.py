"""What the reference provider can be told to suffer: nodes that stand still or die, a standby that stops applying, a
primary that is killed, a bank out of order.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.process_identity import ProcessIdentity, identify
from ackord.host.run_dir import RunDir
from ackord.providers.postgres.data_folder import data_folder, remove_data_folder
from ackord.providers.service.behavior import ProviderBehavior

from .test_reference import LINK, Provider, new_number, reference, refused, until

LINK_MS = 200


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """One provider for all tests here; each begins with ``reset_as``."""
    with reference() as provider:
        yield provider


# Nodes.


def test_a_paused_node_keeps_its_connections_and_says_nothing_until_it_goes_on(provider: Provider) -> None:
    provider.reset_as(None)
    number = provider.accepted(node="B")
    paused = provider.call("pause", node="A")
    assert paused["state"] == "T"
    assert Path(f"/proc/{paused['pid']}/stat").read_text().split()[2] == "T"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(provider.query, number, node="A")
        assert provider.query(number, node="B").status_code == 200
        told = provider.call("channel", latency_ms=5)
        assert told["silent"] == ["A"]
        assert not waiting.done()
        resumed = provider.call("resume", node="A")
        assert resumed["state"] != "T"
        assert waiting.result().status_code == 200
    assert resumed["pid"] == paused["pid"]
    assert "silent" not in provider.call("channel")


def test_a_killed_node_refuses_connections_until_it_is_revived_on_its_port(provider: Provider) -> None:
    provider.reset_as(None)
    numbers = [provider.accepted(node="A") for _ in range(10)]
    port = provider.started["nodes"]["A"]
    killed = provider.call("kill", node="A")
    assert killed["state"] == "gone"
    assert refused(port)
    assert provider.query(numbers[0], node="B").status_code == 200
    with pytest.raises(EnvironmentFailed, match="node A is down: revive it"):
        provider.call("pause", node="A")
    with pytest.raises(EnvironmentFailed, match="node A is down: revive it"):
        provider.call("kill", node="A")
    assert provider.call("resume", node="A")["state"] == "gone"
    revived = provider.call("revive", node="A")
    assert revived["down_ms"] > 0
    assert revived["pid"] != killed["pid"]
    for number in numbers:
        provider.settles(number)
        assert len(provider.movements(number)) == 1
    assert provider.call("revive", node="A")["pid"] == revived["pid"]  # nothing happens to one that runs


def test_a_paused_node_can_be_crashed_and_killed(provider: Provider) -> None:
    provider.reset_as(None)
    provider.call("pause", node="A")
    provider.call("crash", node="A")
    assert provider.query(provider.accepted(node="A")).status_code == 200
    provider.call("pause", node="B")
    assert provider.call("kill", node="B")["state"] == "gone"
    provider.reset_as(None)  # starts every node again
    assert provider.query(provider.accepted(node="B")).status_code == 200


# Clocks of nodes.

DAY_S = 86_400.0


def ahead(provider: Provider, steps_s: dict[str, float] | None = None, **by_s: float) -> bool:
    """Whether the nodes' clocks are so far ahead of this machine's, and no other node answers; ``steps_s`` are made
    before.
    """
    said = provider.call("clock", **({} if steps_s is None else {"steps_s": steps_s}))["nodes"]
    bounds = {name: node["ahead_s"] for name, node in said.items()}
    return bounds.keys() == by_s.keys() and all(
        bounds[name]["least"] <= by_s[name] <= bounds[name]["most"] for name in by_s
    )


def test_one_node_s_clock_is_stepped_and_set_right_again(provider: Provider) -> None:
    provider.reset_as(None)
    machine_ns = time.time_ns()
    stepped = provider.call("clock", steps_s={"A": DAY_S})["nodes"]
    bounds = stepped["A"]["ahead_s"]
    assert bounds["least"] <= DAY_S <= bounds["most"]
    days = [int(stepped["A"][when][8:10]) for when in ("before", "after")]
    assert days[0] != days[1]
    assert ahead(provider, A=DAY_S, B=0)  # only looked at
    assert ahead(provider, {"A": -3600.5, "B": 60}, A=-3600.5, B=60)  # set, and not added to what it was
    assert ahead(provider, {}, A=0, B=0)
    assert time.time_ns() - machine_ns < 60 * 10**9, "the machine's own clock is as it was"


def test_a_node_that_is_started_again_has_the_step_until_it_is_taken_back(provider: Provider) -> None:
    provider.reset_as(None)
    provider.call("clock", steps_s={"A": DAY_S})
    provider.call("crash", node="A")
    assert ahead(provider, A=DAY_S, B=0)
    provider.call("kill", node="A")
    assert provider.call("clock", steps_s={})["silent"] == ["A"]
    provider.call("revive", node="A")
    assert ahead(provider, A=0, B=0)
    provider.call("clock", steps_s={"B": -DAY_S})
    provider.reset_as(None)
    assert ahead(provider, A=0, B=0)


def test_a_paused_node_has_the_step_when_it_goes_on(provider: Provider) -> None:
    provider.reset_as(None)
    provider.call("pause", node="A")
    said = provider.call("clock", steps_s={"A": DAY_S})
    assert (set(said["nodes"]), said["silent"]) == ({"B"}, ["A"])
    provider.call("resume", node="A")
    assert ahead(provider, A=DAY_S, B=0)
    assert ahead(provider, {}, A=0, B=0)


def test_the_correct_provider_goes_by_the_database_s_clock(provider: Provider) -> None:
    provider.reset_as(None, behavior=ProviderBehavior(key_retention_ns=3_600 * 10**9))
    number = provider.accepted(node="A")
    provider.call("clock", steps_s={"A": -40 * DAY_S, "B": 40 * DAY_S})
    assert [provider.submit(number, node=node).status_code for node in "ABAB"] == [200] * 4
    provider.settles(number)
    assert len(provider.movements(number)) == 1


# Replication and durability.


def test_a_standby_whose_replay_is_paused_receives_and_does_not_show(provider: Provider) -> None:
    provider.reset_as("standby-reads")
    paused = provider.call("replay", paused=True)
    assert paused["state"] == "paused"
    number = provider.accepted()
    assert provider.status(number) == "404"
    until(lambda: lag(provider) > 0, "the standby is behind")
    resumed = provider.call("replay", paused=False)
    assert resumed["state"] == "not paused"
    provider.settles(number)
    until(lambda: lag(provider) == 0, "the standby has caught up")


def lag(provider: Provider) -> int:
    at = provider.call("replication")
    return int(at["primary_lsn"] - at["standby_lsn"])


def test_a_promotion_ends_a_paused_replay_and_applies_what_was_received(provider: Provider) -> None:
    provider.reset_as(None)
    provider.call("durability", mode="on")  # so that it was received when it is acknowledged
    provider.call("replay", paused=True)
    number = provider.accepted()
    provider.child.call("failover", timeout_s=60)
    provider.settles(number)


def test_starting_over_ends_a_paused_replay(provider: Provider) -> None:
    provider.reset_as("standby-reads")
    provider.call("replay", paused=True)
    provider.reset_as("standby-reads")
    provider.settles(provider.accepted())


@pytest.mark.parametrize("mode", ["on", "remote_write", "remote_apply"])
def test_with_durability_an_acknowledgement_waits_for_the_standby(provider: Provider, mode: str) -> None:
    provider.reset_as(None)
    provider.accepted()  # so that there are connections from before
    said = provider.call("durability", mode=mode)
    assert said == {"mode": mode, "nodes": {node: {"orders": mode, "channel": mode} for node in "AB"}}
    number = new_number()
    with ThreadPoolExecutor(1) as pool:
        provider.chaos.set_cut(LINK, True)
        submitting = pool.submit(provider.submit, number)
        until(lambda: provider.status(number) == "404" and waiting_commits(provider) > 0, "the commit waits")
        assert not submitting.done()
        provider.lag(0)
        assert submitting.result().status_code == 202
    assert provider.call("durability", mode="local")["nodes"]["A"] == {"orders": "local", "channel": "local"}
    provider.settles(number)


def waiting_commits(provider: Provider) -> int:
    """Sessions of the provider's servers that wait for the standby, as their processes' titles say."""
    titles = [Path(f"/proc/{who.pid}/cmdline") for who in descendants(provider.child.pid)]
    return sum(b"waiting for" in title.read_bytes() for title in titles if title.exists())


def test_a_variant_with_a_durability_of_its_own_keeps_it_and_a_crash_keeps_the_lever(provider: Provider) -> None:
    provider.reset_as("remote-apply")
    own = {"orders": "remote_apply", "channel": "on"}
    assert provider.call("durability", mode="on")["nodes"] == {"A": own, "B": own}
    provider.reset_as(None)
    provider.call("durability", mode="on")
    provider.call("crash", node="A")
    with ThreadPoolExecutor(1) as pool:
        provider.chaos.set_cut(LINK, True)
        number = new_number()
        submitting = pool.submit(provider.submit, number, node="A")
        until(lambda: waiting_commits(provider) > 0, "the commit waits")
        assert not submitting.done()
        provider.lag(0)
        assert submitting.result().status_code == 202


# Failover.


class Stream:
    """Merchants who submit orders over both nodes until they are told to stop."""

    def __init__(self, provider: Provider, merchants: int = 6) -> None:
        self.acknowledged: list[str] = []
        self.answers: dict[int, int] = {}
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(merchants)
        self._lives = [self._pool.submit(self._submit, provider, "AB"[i % 2]) for i in range(merchants)]

    def _submit(self, provider: Provider, node: str) -> None:
        headers = {"Authorization": "Bearer sk_main"}
        with httpx.Client(timeout=20, trust_env=False, base_url=provider.url(node), headers=headers) as client:
            while not self._stop.is_set():
                number = new_number()
                order = {"order_no": number, "amount": 100, "currency": "EUR", "payee": "payee-1"}
                answer = client.post("/v1/orders", json=order)
                self.answers[answer.status_code] = self.answers.get(answer.status_code, 0) + 1
                if answer.status_code == 202:
                    self.acknowledged.append(number)
                else:
                    assert answer.json()["code"] == "UNAVAILABLE", answer.text
                    self._stop.wait(0.005)  # as a merchant does who was told to come again

    def end(self) -> list[str]:
        self._stop.set()
        for life in self._lives:
            life.result()
        self._pool.shutdown()
        return self.acknowledged


def acknowledged_and_lost(provider: Provider) -> tuple[dict[str, Any], list[str]]:
    """Let merchants submit over a failover; its answer, and the acknowledged orders that nobody knows afterwards."""
    stream = Stream(provider)
    until(lambda: len(stream.acknowledged) >= 60, "orders are acknowledged", 60)
    said = provider.child.call("failover", timeout_s=60)
    until(lambda: len(stream.acknowledged) >= 100, "orders are acknowledged again", 60)
    acknowledged = stream.end()
    assert set(stream.answers) <= {202, 503}
    return said, [n for n in acknowledged if provider.status(n, node="B") == "404"]


def test_asynchronous_replication_loses_acknowledged_orders(provider: Provider) -> None:
    provider.reset_as(None, LINK_MS)
    said, lost = acknowledged_and_lost(provider)
    assert said["promoted"] is True
    assert said["processes_killed"] > 1
    assert said["down_ms"] > 0
    assert said["lost_wal_bytes"] > 0
    assert lost
    with pytest.raises(EnvironmentFailed, match="no standby any more"):
        provider.call("failover")
    with pytest.raises(EnvironmentFailed, match="no standby any more"):
        provider.call("replay", paused=True)
    assert provider.call("replay", paused=False)["state"] == "promoted"
    provider.call("apply_delay", ms=0)
    assert lag(provider) <= 0


@pytest.mark.parametrize("mode", ["on", "remote_write"])
def test_synchronous_replication_loses_none(provider: Provider, mode: str) -> None:
    provider.reset_as(None)
    provider.call("durability", mode=mode)
    provider.lag(LINK_MS)
    said, lost = acknowledged_and_lost(provider)
    assert said["promoted"] is True
    assert lost == []


def test_after_a_failover_the_nodes_finish_what_they_began(provider: Provider) -> None:
    provider.reset_as(None, LINK_MS, latency_ms=150)
    stream = Stream(provider, 2)
    until(lambda: len(stream.acknowledged) >= 20, "orders are acknowledged", 60)
    provider.child.call("failover", timeout_s=60)
    number = provider.accepted(node="A")
    acknowledged = [*stream.end(), number]
    for known in acknowledged:
        until(lambda known=known: provider.status(known) in ("PAID", "404"), f"{known} is paid or lost")  # type: ignore[misc]
    assert provider.status(number) == "PAID"
    for known in acknowledged:
        if provider.status(known) == "PAID":
            assert len(provider.movements(known)) == 1


def test_the_bank_forgets_nothing_in_a_failover(provider: Provider) -> None:
    """The bank's book is another institution's, although it lies in the database that loses its last writes."""
    provider.reset_as(None, latency_ms=0, jitter_ms=0)
    provider.settles(provider.accepted())
    provider.chaos.set_cut(LINK, True)
    numbers = [provider.accepted(node="AB"[i % 2]) for i in range(6)]
    for number in numbers:
        provider.settles(number)
    said = provider.child.call("failover", timeout_s=60)
    provider.lag(0)
    assert sum(node["movements_lost"] for node in said["nodes"].values()) == len(numbers)
    assert [provider.status(n) for n in numbers] == ["404"] * len(numbers)
    assert [len(provider.movements(n)) for n in numbers] == [1] * len(numbers)
    page = provider.send("GET", "/v1/movements?limit=1000", account="operator").json()
    assert [m["id"] for m in page["movements"]] == list(range(1, len(numbers) + 2))


@pytest.mark.parametrize(
    "variant", ["causal-reads", "remote-apply", "order-registry", "single-flight", "standby-reads"]
)
def test_variants_work_on_the_promoted_server(provider: Provider, variant: str) -> None:
    provider.reset_as(variant)
    before = provider.accepted()
    provider.settles(before)
    provider.call("durability", mode="remote_apply")
    provider.call("pause", node="B")
    provider.child.call("failover", timeout_s=60)
    provider.call("resume", node="B")
    for node in "AB":
        assert provider.status(before, node=node) == "PAID"
        number = provider.accepted(node=node)  # waits for nobody: there is no standby
        assert provider.status(number, node=node) != "404"
        provider.settles(number)


def test_after_a_failover_there_is_a_new_standby_on_the_same_ports(provider: Provider) -> None:
    provider.reset_as(None)
    provider.child.call("failover", timeout_s=60)
    renewed = provider.child.call("reset_as", seed=7, timeout_s=60)
    assert renewed["renewed"] is True
    assert renewed["renew_ms"] > 0
    assert renewed["standby_port"] == provider.started["standby_port"]
    provider.reset_as("standby-reads", LINK_MS)
    number = provider.accepted()
    assert provider.status(number) == "404"
    provider.settles(number)
    assert provider.call("reset_as", seed=7)["renewed"] is False


def test_sampling_goes_on_after_a_failover(provider: Provider) -> None:
    provider.reset_as(None)
    provider.call("sample", every_ms=10)
    provider.child.call("failover", timeout_s=60)
    provider.events.clear()
    until(lambda: any("probe_lag_ns" in event for event in list(provider.events)), "a probe")
    provider.call("sample", every_ms=0)


# The bank.


def test_a_bank_that_is_down_executes_nothing_and_everything_later(provider: Provider) -> None:
    provider.reset_as(None, down=True)
    numbers = [provider.accepted(node="AB"[i % 2]) for i in range(4)]
    until(lambda: provider.call("channel")["counters"].get("refused", 0) > 3 * len(numbers), "instructions are refused")
    assert {provider.status(number) for number in numbers} == {"PROCESSING"}
    assert [provider.movements(number) for number in numbers] == [[]] * len(numbers)
    assert provider.call("channel", down=False)["down"] is False
    for number in numbers:
        provider.settles(number)
        assert len(provider.movements(number)) == 1


def test_a_late_answer_is_taken_when_it_comes(provider: Provider) -> None:
    provider.reset_as(None, late_ms=400, latency_ms=5, jitter_ms=0)
    number = provider.accepted()
    declined = new_number()
    assert provider.submit(declined, payee="declined-1").status_code == 202
    until(lambda: len(provider.movements(number)) == 1, "the bank pays")
    assert provider.status(number) == "PROCESSING"
    provider.settles(number)
    provider.settles(declined, "DECLINED")
    assert provider.call("channel")["counters"]["late_answers"] == 2
    assert len(provider.movements(number)) == 1
    assert provider.movements(declined) == []


def test_declines_are_counted(provider: Provider) -> None:
    provider.reset_as(None, decline_share=1.0)
    number = provider.accepted()
    provider.settles(number, "DECLINED")
    assert provider.call("channel")["counters"] == {"declines": 1}


def test_a_second_notification_changes_nothing(provider: Provider) -> None:
    provider.reset_as(None, duplicate_callback_share=1.0, return_share=1.0, return_after_ms=0)
    numbers = [provider.accepted(node="AB"[i % 2]) for i in range(6)]
    for number in numbers:
        provider.settles(number, "RETURNED")
    until(
        lambda: provider.call("channel")["counters"].get("duplicate_callbacks", 0) == len(numbers),
        "every payment is notified again",
    )
    assert {provider.status(number) for number in numbers} == {"RETURNED"}
    assert {len(provider.movements(number)) for number in numbers} == {1}


def test_levers_that_make_no_sense_are_refused(provider: Provider) -> None:
    for levers, match in (
        ({"down": 2}, "true or false"),
        ({"late_ms": -1}, "from 0 to 60000"),
        ({"duplicate_callback_share": 2}, "from 0 to 1"),
    ):
        with pytest.raises(EnvironmentFailed, match=match):
            provider.call("channel", **levers)
    with pytest.raises(EnvironmentFailed, match="no durability 'off'; there is local, on"):
        provider.call("durability", mode="off")
    with pytest.raises(EnvironmentFailed, match="no node 'C'"):
        provider.call("pause", node="C")
    with pytest.raises(EnvironmentFailed, match="no node 'C'"):
        provider.call("clock", steps_s={"C": 1})


# However it ends.


def members(run: RunDir) -> list[ProcessIdentity]:
    found = [identify(int(record.stem)) for record in (run.path / "processes").iterdir()]
    return [who for who in found if who is not None]


def descendants(pid: int) -> list[ProcessIdentity]:
    words = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in words.splitlines())}
    found: set[int] = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return [who for who in map(identify, found) if who is not None]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL, None])
def test_nothing_is_left_with_a_paused_node_and_a_killed_primary(how: signal.Signals | None) -> None:
    with RunDir.create() as run:
        provider = Provider(run, None, {})
        who = {*members(run), *descendants(provider.child.pid)}
        provider.child.call("failover", timeout_s=60)
        paused = provider.call("pause", node="A")
        provider.call("kill", node="B")
        who |= {*members(run), *descendants(provider.child.pid)}
        ports = [*provider.started["nodes"].values(), provider.started["standby_port"], provider.primary_port]
        if how is not None:
            os.kill(provider.child.pid, how)
            until(lambda: identify(paused["pid"]) is None, "the paused node is ended, though it cannot notice anything")
        provider.close()
    assert not run.path.exists()
    assert [p for p in who if identify(p.pid) == p] == []
    assert all(refused(port) for port in ports)
    with RunDir.create() as following:
        remove_data_folder(data_folder(following))  # the next start sweeps what nobody could remove
    assert not list(Path("/dev/shm").glob(f"*{run.path.name}*"))
