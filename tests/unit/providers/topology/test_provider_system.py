"""A provider of several parts: started, disturbed and stopped, each by what the topology says; effects are measured."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.spec.topology import TopologySpec
from ackord.core.clock import RealClock
from ackord.errors import EnvironmentFailed, UsageError
from ackord.host.free_port import free_port
from ackord.host.run_dir import RunDir
from ackord.providers.topology.provider_system import ProviderSystem, stop_system

NODE = """
import http.server, sys
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.BaseHTTPRequestHandler).serve_forever()
"""
START = {"command": ["sh", "-c", "echo start $ACKORD_LINK_WAL_PORT >> log"]}
NOTHING = {"command": ["true"]}
STOP = {"command": ["sh", "-c", "echo stop >> log"]}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Any]:
    systems: list[ProviderSystem] = []
    with RunDir.create() as run:

        def make(*names: str, port: int = 0, **spec: Any) -> ProviderSystem:
            ports = {name: port or free_port() for name in names}
            nodes = {name: {"run": [sys.executable, "-c", NODE, str(ports[name])]} for name in names}
            topology = TopologySpec.model_validate({"timeout": "10s", "nodes": nodes, **spec})
            addresses = {name: ("127.0.0.1", ports[name]) for name in names}
            links = {"wal": ("127.0.0.1", 7)}
            system = ProviderSystem(topology, addresses, links, tmp_path, run, RealClock(), lambda event: None)
            systems.append(system)
            return system

        yield make
        for system in systems:
            system.stop()
            system.stop()


def test_a_crashed_node_refuses_connections_and_serves_again(made: Any) -> None:
    system = made("a", "b")
    system.start()
    shown = system.control("crash", node="b")
    assert shown["node"] == "b"
    assert shown["refuses"].startswith("127.0.0.1:")
    assert shown["down_ms"] > 0
    assert system.death() == ""


def test_a_paused_node_is_silent_and_goes_on(made: Any) -> None:
    system = made("a")
    system.start()
    assert system.control("pause", node="a")["node"] == "a"
    system.control("resume", node="a")
    system.control("kill", node="a")
    system.control("revive", node="a")


def stand_in(system: ProviderSystem, spec: TopologySpec) -> ProviderSystem:
    """The same provider, disturbed by commands that do nothing."""
    return ProviderSystem(spec, system._addresses, {}, system._folder, system._run, RealClock(), lambda event: None)


def test_commands_that_do_nothing_prove_nothing(made: Any) -> None:
    system = made("a")
    system.start()
    nodes = {"a": {"kill": NOTHING, "start": NOTHING, "pause": NOTHING, "resume": NOTHING}}
    other = stand_in(system, TopologySpec.model_validate({"timeout": "400ms", "nodes": nodes}))
    with pytest.raises(EnvironmentFailed, match="was killed and still accepts connections"):
        other.control("kill", node="a")
    with pytest.raises(EnvironmentFailed, match="was paused and still answers"):
        other.control("pause", node="a")
    other.stop()


def test_what_the_nodes_need_is_started_before_and_stopped_after_them(made: Any, tmp_path: Path) -> None:
    system = made("a", start=START, stop=STOP, failover=START)
    system.start()
    assert system.control("failover")["took_ms"] > 0
    system.restart()
    system.stop()
    assert (tmp_path / "log").read_text().splitlines() == ["start 7", "start 7", "stop", "start 7", "stop"]


def test_after_a_restart_the_lag_is_measured_at_the_new_servers(made: Any, tmp_path: Path) -> None:
    lag = {"command": ["sh", "-c", "echo measured >> log; echo 5"]}
    links = {"wal": {"to": "127.0.0.1:1", "carries": "replication", "lag": lag}}
    system = made("a", start=START, stop=STOP, links=links)
    system.start()
    system.restart()
    assert (tmp_path / "log").read_text().split() == ["start", "7", "measured", "stop", "start", "7", "measured"]


def test_a_run_that_was_killed_is_cleaned_up_after(tmp_path: Path) -> None:
    stop_system(STOP, 5.0, str(tmp_path), {})
    assert (tmp_path / "log").read_text() == "stop\n"


def test_a_place_that_is_taken_is_refused_before_anything_starts(made: Any, tmp_path: Path) -> None:
    first = made("a")
    first.start()
    second = made("a", port=first._addresses["a"][1], start=START, stop=STOP)
    with pytest.raises(EnvironmentFailed, match=r"node a: somebody listens at .* already"):
        second.start()
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    ("nodes", "says"),
    [
        ({"a": {"run": ["sh", "-c", "echo no licence; exit 5"]}}, r"ended by itself \(exit code 5\)(.|\n)*no licence"),
        ({"a": {"run": ["sleep", "60"]}}, "does not accept connections at .* after 300ms"),
        ({"a": {"run": ["no-such-program"]}}, "cannot be started"),
    ],
)
def test_a_node_that_does_not_serve_is_one_error(made: Any, nodes: dict[str, Any], says: str) -> None:
    with pytest.raises(EnvironmentFailed, match=says):
        made("a", nodes=nodes, timeout="300ms").start()


def test_what_there_are_no_means_for_is_refused(made: Any) -> None:
    system = made("a", nodes={})
    for do, arguments in (("kill", {"node": "a"}), ("failover", {}), ("apply_delay", {"ms": 1})):
        with pytest.raises(UsageError, match=f"does not say how to {do}"):
            system.control(do, **arguments)
