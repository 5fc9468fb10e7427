"""The provider in containers as a merchant meets it, and what can be done to it there."""

from __future__ import annotations

import httpx
import pytest

from ackord.chaos.links.kinds import LatencyToxic
from ackord.errors import EnvironmentFailed

from .conftest import LINK, Containers, background, until

LAG_MS = 1500
"""Long against one query, also on a busy machine."""


def test_what_was_started_is_told(containers: Containers) -> None:
    started = containers.started
    assert set(started["nodes"]) == {"A", "B"}
    assert started["engine"].startswith("Docker ")
    assert int(started["postgres_version"].partition(".")[0]) >= 14
    assert started["start_ms"]["total"] >= started["start_ms"]["containers"] > 0


def test_an_order_reaches_the_other_node_and_the_standby(containers: Containers) -> None:
    number = containers.number()
    assert containers.submit("A", number).status_code == 202
    assert containers.query("B", number).json()["order_no"] == number
    containers.reset_as("standby-reads")  # which reads nowhere else
    number = containers.number()
    assert containers.submit("A", number).status_code == 202
    until(lambda: containers.query("B", number).status_code == 200, "the order is on the standby")


def test_latency_on_the_link_is_lag_on_the_standby(containers: Containers) -> None:
    containers.reset_as("standby-reads")
    containers.call("sample", every_ms=20)
    until(lambda: containers.longest_probe_ms() > 0, "a probe without lag")
    containers.links.set_toxics(LINK, [LatencyToxic(name="lag", stream="downstream", latency_ms=LAG_MS)])
    until(lambda: containers.longest_probe_ms() >= LAG_MS, "a probe that took as long as the lag")
    number = containers.number()
    assert containers.submit("A", number).status_code == 202
    assert containers.query("B", number).status_code == 404
    containers.links.set_toxics(LINK, [])
    until(lambda: containers.query("B", number).status_code == 200, "the order is on the standby")


def test_levers_reach_every_node_and_its_counters_come_back(containers: Containers) -> None:
    containers.call("channel", busy_share=1.0)
    for node in "AB":
        assert containers.submit(node, containers.number()).status_code >= 429
    turned = containers.call("channel", busy_share=0.0)
    assert (turned["busy_share"], turned["counters"]["busy"]) == (0.0, 2)


def test_the_standby_can_stop_applying_and_apply_late(containers: Containers) -> None:
    containers.reset_as("standby-reads")
    assert containers.call("replay", paused=True)["state"] == "paused"
    number = containers.number()
    assert containers.submit("A", number).status_code == 202
    assert containers.query("B", number).status_code == 404
    positions = containers.call("replication")
    assert positions["primary_lsn"] > positions["standby_lsn"]
    assert containers.call("replay", paused=False)["state"] == "not paused"
    until(lambda: containers.query("B", number).status_code == 200, "the order is on the standby")
    containers.call("apply_delay", ms=LAG_MS)
    containers.call("sample", every_ms=20)
    until(lambda: containers.longest_probe_ms() >= LAG_MS, "a probe that took as long as the delay")
    containers.call("apply_delay", ms=0)


def test_a_paused_node_answers_nothing_and_goes_on_where_it_stood(containers: Containers) -> None:
    assert containers.call("pause", node="A")["state"] == "paused"
    number = containers.number()
    answers: list[httpx.Response] = []
    waiting = background(lambda: answers.append(containers.submit("A", number, timeout=60)))
    with pytest.raises(httpx.TimeoutException):
        containers.submit("A", containers.number(), timeout=0.5)
    assert containers.submit("B", containers.number()).status_code == 202
    assert not answers
    assert containers.call("channel", latency_ms=1.0)["silent"] == ["A"]
    assert containers.call("resume", node="A")["state"] == "running"
    waiting.join(60)
    assert [answer.status_code for answer in answers] == [202]
    assert "silent" not in containers.call("channel")


def test_a_killed_node_is_down_until_it_is_revived(containers: Containers) -> None:
    number = containers.number()
    assert containers.submit("A", number).status_code == 202
    assert containers.call("kill", node="A")["state"] == "exited"
    with pytest.raises(httpx.TransportError):
        containers.query("A", number)
    assert containers.query("B", number).status_code == 200
    with pytest.raises(EnvironmentFailed, match="node A is down: revive it first"):
        containers.call("pause", node="A")
    revived = containers.call("revive", node="A")
    assert (revived["state"], revived["node"]) == ("running", "A")
    assert revived["down_ms"] > 0
    assert containers.query("A", number).status_code == 200


def test_a_node_that_crashes_is_back_at_once(containers: Containers) -> None:
    number = containers.number()
    assert containers.submit("B", number).status_code == 202
    assert containers.call("crash", node="B")["down_ms"] > 0
    assert containers.query("B", number).status_code == 200


def test_a_node_s_clock_is_stepped_alone_and_stays_so_until_it_is_taken_back(containers: Containers) -> None:
    day_s = 86_400.0

    def ahead(**by_s: float) -> bool:
        bounds = {name: said["ahead_s"] for name, said in containers.call("clock")["nodes"].items()}
        return all(bounds[name]["least"] <= by_s[name] <= bounds[name]["most"] for name in "AB")

    containers.call("clock", steps_s={"A": day_s})
    assert ahead(A=day_s, B=0)
    containers.call("crash", node="A")
    assert ahead(A=day_s, B=0)
    containers.call("kill", node="A")
    containers.call("revive", node="A")
    assert ahead(A=day_s, B=0)
    containers.call("pause", node="A")
    assert containers.call("clock", steps_s={"B": -day_s})["silent"] == ["A"]
    containers.call("resume", node="A")
    assert ahead(A=0, B=-day_s)
    containers.reset_as()
    assert ahead(A=0, B=0)
    with pytest.raises(EnvironmentFailed, match="no node 'C'"):
        containers.call("clock", steps_s={"C": 1})


def test_a_disconnected_node_reaches_nobody_and_is_reached_by_nobody(containers: Containers) -> None:
    number = containers.number()
    assert containers.submit("A", number).status_code == 202
    cut = containers.call("disconnect", node="A")
    assert (cut["connected"], cut["state"]) == (False, "running")
    with pytest.raises(httpx.TransportError):
        containers.query("A", number)
    assert containers.query("B", number).status_code == 200
    assert containers.call("connect", node="A")["connected"] is True
    until(lambda: answered(containers, "A", number) == 200, "node A serves again under its old port")
    assert containers.submit("A", containers.number()).status_code == 202


def answered(containers: Containers, node: str, number: str) -> int:
    try:
        return containers.query(node, number).status_code
    except httpx.TransportError:
        return 0


def test_what_a_cut_link_holds_back_is_lost_with_the_primary(containers: Containers) -> None:
    """Asynchronous replication loses acknowledged orders; when the answer waits for the standby, none."""
    kept = containers.number()
    containers.call("durability", mode="remote_write")
    assert containers.submit("A", kept).status_code == 202
    containers.call("durability", mode="local")
    containers.links.set_cut(LINK, True)
    lost = containers.number()
    assert containers.submit("A", lost).status_code == 202
    containers.call("pause", node="B")  # which will be told when it goes on
    said = containers.call("failover")
    assert (said["promoted"], said["silent"]) == (True, ["B"])
    assert said["lost_wal_bytes"] > 0
    until(lambda: answered(containers, "A", kept) == 200, "node A works on the new primary")
    assert containers.query("A", lost).status_code == 404
    assert containers.submit("A", containers.number()).status_code == 202
    containers.call("resume", node="B")
    until(lambda: answered(containers, "B", kept) == 200, "node B works on the new primary")
    containers.call("kill", node="B")
    containers.call("revive", node="B")
    assert containers.query("B", kept).status_code == 200
    renewed = containers.reset_as()
    assert renewed["renewed"] is True
    assert containers.query("A", kept).status_code == 404
    number = containers.number()
    assert containers.submit("B", number).status_code == 202
    assert containers.query("A", number).status_code == 200
