"""The reference provider on database servers that somebody else runs: in containers, for instance."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.child_process import ChildProcess
from ackord.host.run_dir import RunDir
from ackord.providers.postgres.cluster import PostgresCluster

from .test_reference import free_port, refused, until


@pytest.fixture(scope="module")
def run() -> Iterator[RunDir]:
    with RunDir.create() as run:
        yield run


@pytest.fixture(scope="module")
def servers(run: RunDir) -> Iterator[dict[str, Any]]:
    """A primary and a standby that the provider did not start."""
    port = free_port()
    cluster = PostgresCluster(run, primary_port=port, link_port=port)
    asyncio.run(cluster.start())
    yield {
        name: external(end.arguments()) for name, end in (("primary", cluster.primary), ("standby", cluster.standby))
    }
    cluster.stop()


def external(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: arguments[name] for name in ("host", "port", "user", "database", "password")}


@pytest.fixture
def children(run: RunDir) -> Iterator[list[ChildProcess]]:
    started: list[ChildProcess] = []
    yield started
    for child in started:
        child.stop()


def supervisor(run: RunDir, children: list[ChildProcess]) -> ChildProcess:
    children.append(ChildProcess.start("ackord.providers.reference", run=run, name=f"reference-{len(children)}"))
    return children[-1]


def submit(port: int, number: str) -> httpx.Response:
    order = {"order_no": number, "amount": 100, "currency": "EUR", "payee": "payee-1"}
    return httpx.post(
        f"http://127.0.0.1:{port}/v1/orders", json=order, headers={"Authorization": "Bearer sk_main"}, trust_env=False
    )


def status(port: int, number: str) -> str:
    url = f"http://127.0.0.1:{port}/v1/orders/{number}"
    answer = httpx.get(url, headers={"Authorization": "Bearer sk_main"}, trust_env=False)
    return str(answer.json()["status"] if answer.status_code == 200 else answer.status_code)


def test_it_works_on_given_servers_and_leaves_them_running(
    run: RunDir, servers: dict[str, Any], children: list[ChildProcess]
) -> None:
    child = supervisor(run, children)
    port = free_port()
    started = child.call("start", timeout_s=60, seed=7, **servers, host="0.0.0.0", ports={"B": port})
    assert started["nodes"]["B"] == port
    assert started["standby_port"] == servers["standby"]["port"]
    assert int(started["postgres_version"].partition(".")[0]) >= 14
    assert submit(port, "T-external-1").status_code == 202
    until(lambda: status(started["nodes"]["A"], "T-external-1") == "PAID", "it is paid")
    child.stop()
    assert all(refused(p) for p in started["nodes"].values())
    assert not refused(servers["primary"]["port"])
    assert not refused(servers["standby"]["port"])


def test_each_node_may_have_a_supervisor_of_its_own(
    run: RunDir, servers: dict[str, Any], children: list[ChildProcess]
) -> None:
    ports: dict[str, int] = {}
    for node in "AB":
        child = supervisor(run, children)
        started = child.call("start", timeout_s=60, seed=7, **servers, nodes=[node], fresh=node == "A")
        assert set(started["nodes"]) == {node}
        ports |= started["nodes"]
    assert submit(ports["A"], "T-external-2").status_code == 202
    assert submit(ports["B"], "T-external-2").status_code == 200
    until(lambda: status(ports["B"], "T-external-2") == "PAID", "it is paid")


def test_a_start_that_cannot_work_is_refused(
    run: RunDir, servers: dict[str, Any], children: list[ChildProcess]
) -> None:
    primary, standby = servers["primary"], servers["standby"]
    child = supervisor(run, children)

    def refusal(match: str, **arguments: Any) -> None:
        with pytest.raises(EnvironmentFailed, match=match):
            child.call("start", timeout_s=30, **{"seed": 1, **arguments})

    refusal("or both primary and standby")
    refusal("or both primary and standby", primary=primary)
    refusal("look at: port, colour", primary={**primary, "port": "1", "colour": "red"}, standby=standby)
    refusal("one or both, not 3", primary=primary, standby=standby, nodes=3)
    refusal("B, which is no node here", primary=primary, standby=standby, nodes=1, ports={"B": 1})
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        refusal(
            f"cannot listen on 127.0.0.1:{taken}: Address already in use",
            primary=primary,
            standby=standby,
            ports={"A": taken},
        )
    refusal("the standby at .* is not in recovery", primary=primary, standby={**primary, "host": "localhost"})


def test_a_failover_of_given_servers_is_done_in_two_halves() -> None:
    """Whoever runs the primary ends it; the provider promotes the standby and goes on there. Then new servers are
    given.
    """
    with RunDir.create() as run:
        clusters = []

        def given() -> dict[str, Any]:
            port = free_port()
            clusters.append(PostgresCluster(run, primary_port=port, link_port=port))
            asyncio.run(clusters[-1].start())
            ends = (("primary", clusters[-1].primary), ("standby", clusters[-1].standby))
            return {name: external(end.arguments()) for name, end in ends}

        child = ChildProcess.start("ackord.providers.reference", run=run, name="reference")
        try:
            started = child.call("start", timeout_s=60, seed=7, **given())
            ports = started["nodes"]
            assert submit(ports["A"], "T-external-3").status_code == 202
            until(lambda: status(ports["B"], "T-external-3") == "PAID", "it is paid")
            with pytest.raises(EnvironmentFailed, match="is alive, and was not started here"):
                child.call("failover", timeout_s=60)
            clusters[0].kill_primary()
            assert submit(ports["A"], "T-external-4").json()["code"] == "UNAVAILABLE"
            said = child.call("failover", timeout_s=60)
            assert said["promoted"] is True
            assert submit(ports["A"], "T-external-4").status_code == 202
            assert status(ports["B"], "T-external-3") == "PAID"
            with pytest.raises(EnvironmentFailed, match="needs a new primary and standby"):
                child.call("reset_as", seed=7, timeout_s=60)
            assert child.call("reset_as", seed=7, timeout_s=60, **given())["renewed"] is True
            assert status(ports["A"], "T-external-3") == "404"
            assert submit(ports["B"], "T-external-3").status_code == 202
        finally:
            child.stop()
            for cluster in clusters:
                cluster.stop()


@pytest.mark.parametrize("broken", [{"port": 1}, {"password": "wrong"}])
def test_a_server_that_cannot_be_used_is_named(
    run: RunDir, servers: dict[str, Any], children: list[ChildProcess], broken: dict[str, Any]
) -> None:
    child = supervisor(run, children)
    with pytest.raises(EnvironmentFailed, match=r"the primary at 127.0.0.1:.* cannot be reached"):
        child.call("start", timeout_s=30, seed=1, primary={**servers["primary"], **broken}, standby=servers["standby"])
