"""A compose file: what is read of it, what is refused, and what it says of starting and disturbing the services."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from ackord.contract.spec.compose import ServicePort
from ackord.errors import EnvironmentFailed, FileError
from ackord.providers.topology import compose_system
from ackord.providers.topology.compose_system import ComposeSystem, is_compose_file
from tests.live.loopback_server import changed

SHOP = "services: {shop: {image: shop, ports: ['8080:80']}, db: {image: postgres}}\n"
LINKED = """
services:
  shop: &shop {image: shop}
  other: {<<: *shop, network_mode: host}
  primary: {image: postgres}
  standby: {image: postgres}
x-ackord:
  nodes: {a: "shop:80", b: "other:81"}
  links:
    wal:
      to: primary:5432
      carries: replication
      lag: {postgresql: {primary: "postgresql://u:p@primary:5432/x", replica: "postgresql://u@standby/x"}}
  timeout: 10s
"""


def read(folder: Path, text: str, nodes: Sequence[str] = (), hosts: Sequence[str] = ()) -> ComposeSystem:
    path = folder / "compose.yaml"
    path.write_text(text)
    return ComposeSystem.read(path, nodes=nodes, hosts=hosts)


@pytest.mark.parametrize(
    ("target", "is_file"),
    [("compose.yaml", True), ("ci/stack.yml", True), ("http://127.0.0.1:1/compose.yaml", False), ("docker", False)],
)
def test_a_target_that_is_a_yaml_file_is_a_compose_file(target: str, is_file: bool) -> None:
    assert is_compose_file(target) is is_file


def test_the_only_service_that_publishes_a_port_is_the_provider(tmp_path: Path) -> None:
    system = read(tmp_path, SHOP)
    [(name, url)] = system.urls(system.spec.nodes).items()
    assert (name, url) == ("a", f"http://127.0.0.1:{system.ports[ServicePort('shop', 80)]}")
    assert not url.endswith((":80", ":8080")), "a port of its own: another copy may run"


def test_services_that_are_called_as_the_contract_s_nodes_are_these(tmp_path: Path) -> None:
    text = "services: {a: {ports: [{target: 80}]}, b: {ports: ['127.0.0.1:8081:81/tcp']}, ui: {ports: ['90']}}"
    assert read(tmp_path, text, nodes=["a", "b"]).spec.nodes == {"a": "a:80", "b": "b:81"}


@pytest.mark.parametrize(
    ("text", "hosts", "problem"),
    [
        ("", [], "the file is empty"),
        ("a: b", [], "it has no services"),
        ("services: {x: {image: y}}", [], "no service publishes a port"),
        ("services: {x: {ports: ['1']}, y: {ports: ['2']}}", [], "x, y publish ports"),
        (f"{SHOP}x-ackord: {{nodes: {{a: 'shop'}}}}", [], 'compose.yaml:2: "x-ackord.nodes.a" cannot be used'),
        (f"{SHOP}x-ackord: {{nodes: {{a: 'shp:80'}}}}", [], 'there is no service "shp". Did you mean "shop"?'),
        (f"{SHOP}x-ackord: {{node: {{a: 'shop:80'}}}}", [], 'there is no such field. Did you mean "nodes"?'),
        (f"{SHOP}x-ackord: {{nodes: {{a: 'shop:80'}}}}", ["reads"], 'no service is the contract\'s host "reads"'),
        (f"{SHOP}volumes: {{data: {{name: precious}}}}", [], "the volume data has a name of its own"),
        (LINKED.replace("@standby/", "@standbye/"), [], 'there is no service "standbye". Did you mean "standby"?'),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, text: str, hosts: list[str], problem: str
) -> None:
    with pytest.raises(FileError) as refused:
        read(tmp_path, text, hosts=hosts)
    assert problem in str(refused.value)


def test_a_volume_of_somebody_else_s_may_have_a_name(tmp_path: Path) -> None:
    assert read(tmp_path, f"{SHOP}volumes: {{data: {{name: shared, external: true}}, own: }}").spec.nodes


def test_ports_are_published_by_a_second_file(tmp_path: Path) -> None:
    system = read(tmp_path, f"version: '3.8'\n{LINKED}")
    told = system.variables("ackord-run-1", tmp_path / "more.json")
    assert told["COMPOSE_FILE"] == f"{system.path}:{tmp_path / 'more.json'}"
    assert told["COMPOSE_PROJECT_NAME"] == "ackord-run-1"
    published = json.loads((tmp_path / "more.json").read_text())
    assert published["version"] == "3.8"
    assert published["services"] == {
        service: {"ports": [f"127.0.0.1:{system.ports[ServicePort(service, port)]}:{port}"]}
        for service, port in (("shop", 80), ("primary", 5432), ("standby", 5432))
    }
    assert system.ports[ServicePort("other", 81)] == 81, "it is on the machine's own network already"


def test_the_topology_starts_disturbs_and_ends_the_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_system, "_compose", lambda: (("docker", "compose"), True))
    system = read(tmp_path, LINKED)
    topology = system.topology()
    assert topology.start is not None
    assert topology.stop is not None
    assert topology.start.command == ["docker", "compose", "up", "--detach", "--wait"]
    assert topology.stop.command is not None
    assert topology.stop.command[:4] == ["docker", "compose", "down", "--volumes"]
    kill = topology.nodes["b"].kill
    assert kill is not None
    assert kill.command == ["docker", "compose", "kill", "other"]
    [link] = topology.links.values()
    primary = system.ports[ServicePort("primary", 5432)]
    assert link.to == f"127.0.0.1:{primary}"
    assert link.lag is not None
    assert link.lag.postgresql is not None
    assert link.lag.postgresql.primary == f"postgresql://u:p@127.0.0.1:{primary}/x"
    assert link.lag.postgresql.replica == f"postgresql://u@127.0.0.1:{system.ports[ServicePort('standby', 5432)]}/x"
    assert str(topology.timeout) == "10s"


def test_variables_of_a_server_are_filled_in_as_compose_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "from-outside")
    (tmp_path / ".env").write_text("# of the project\nWORD=unused\nUSER_OF_DB='app'\n")
    text = changed(
        LINKED,
        ("://u:p@primary", "://${USER_OF_DB}:$WORD@primary"),
        ("://u@standby", "://${NOBODY:-me}:a$$b@standby"),
    )
    lag = read(tmp_path, text).spec.links["wal"].lag
    assert lag is not None
    assert lag.postgresql is not None
    assert lag.postgresql.primary == "postgresql://app:from-outside@primary:5432/x"
    assert lag.postgresql.replica == "postgresql://me:a$b@standby/x"


def test_compose_that_cannot_wait_is_not_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_system, "_compose", lambda: (("docker-compose",), False))
    start = read(tmp_path, SHOP).topology().start
    assert start is not None
    assert start.command == ["docker-compose", "up", "--detach"]


@pytest.mark.parametrize(
    ("config", "address"),
    [
        ('[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.1"}]', "172.17.0.1"),
        ('[{"Subnet":"172.17.0.0/16","Gateway":"172.17.5.9"}]', "172.17.5.9"),
        ('[{"Subnet":"172.17.0.0/16"}]', "172.17.0.1"),
        ('[{"Subnet":"fd00::/64","Gateway":"fd00::1"},{"Subnet":"10.9.8.7/24"}]', "10.9.8.1"),
    ],
)
def test_the_bridge_s_address_is_its_gateway_or_its_first(
    config: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Docker 20.10 names no gateway between its first start and its second."""
    monkeypatch.setattr(compose_system, "_said", lambda command: config)
    assert compose_system.bridge_address() == address


@pytest.mark.parametrize("config", ["", "null", "[]"])
def test_without_a_bridge_it_is_said(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_system, "_said", lambda command: config)
    with pytest.raises(EnvironmentFailed, match="Docker's default bridge"):
        compose_system.bridge_address()


def test_without_compose_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    compose_system._compose.cache_clear()
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EnvironmentFailed, match="install Docker's Compose"):
        compose_system._compose()
    compose_system._compose.cache_clear()
