"""A target that is a compose file: which seams it opens, and that its services take the place of the contract's
addresses.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.chaos.faults import Seam
from ackord.errors import FileError
from ackord.providers.topology import compose_system
from ackord.run.environments import open_environment
from ackord.run.environments.compose import ComposeEnvironment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

from ...contract.support import SMALL

TWO = "services: {shop: {image: x}, more: {image: x}}\nx-ackord: {nodes: {a: 'shop:80', b: 'more:80'}}\n"
LINK = (
    "services: {shop: {image: x, ports: ['80']}}\nx-ackord: {links: {wal: {to: 'shop:5432', carries: replication}}}\n"
)
SANDBOX = "base_url: 'https://sandbox.example.com'\n"


@pytest.fixture(autouse=True)
def compose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_system, "_compose", lambda: (("docker", "compose"), True))


def environment(folder: Path, services: str, contract: str = "") -> ComposeEnvironment:
    (folder / "mine.yaml").write_text(SMALL + contract)
    (folder / "compose.yaml").write_text(services)
    target = str(folder / "compose.yaml")
    plan = make_plan(
        RunOptions(str(folder / "mine.yaml"), target=target, profiles=["none"], seed=1, out=folder / "out")
    )
    assert f"--target {target}" in plan.command()
    made = open_environment(plan)
    assert isinstance(made, ComposeEnvironment)
    return made


def test_its_services_are_nodes_that_may_crash(tmp_path: Path) -> None:
    made = environment(tmp_path, TWO, SANDBOX)
    assert made.seams >= {Seam.PROCESS, "nodes"}
    assert Seam.REPLICATION not in made.seams
    assert made.declared_nodes == ("a", "b")


def test_a_link_of_its_can_be_disturbed(tmp_path: Path) -> None:
    made = environment(tmp_path, LINK)
    assert Seam.REPLICATION in made.seams
    assert made.declared_nodes == ()


def test_a_host_of_the_contract_must_be_one_of_its_services(tmp_path: Path) -> None:
    elsewhere = "hosts: {reads: 'https://reads.example.com'}\n"
    with pytest.raises(FileError, match='no service is the contract\'s host "reads"'):
        environment(tmp_path, TWO, elsewhere)
    made = environment(tmp_path, TWO.replace("b: 'more:80'}", "b: 'more:80'}, hosts: {reads: 'more:81'}"), elsewhere)
    assert made.url_of_host("reads").startswith("http://127.0.0.1:")
