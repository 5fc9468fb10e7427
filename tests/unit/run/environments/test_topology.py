"""A contract with a topology: which seams it opens, for which target, and that it runs nothing without permission."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import FileError, UsageError
from ackord.run.environments import open_environment
from ackord.run.environments.external import ExternalEnvironment
from ackord.run.environments.topology import TopologyEnvironment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

from ...contract.support import SMALL

A, B = "http://127.0.0.1:9", "http://127.0.0.1:10"
NODES = f"nodes: {{a: '{A}', b: '{B}'}}\n"
KILL = "{kill: {command: [down]}, start: {command: [up]}}"
LINK = "links: {wal: {to: '127.0.0.1:5432', carries: replication}}"


def environment(folder: Path, *parts: str, target: str = "", allow: bool = True) -> ExternalEnvironment:
    path = folder / "mine.yaml"
    path.write_text(SMALL + "".join(parts))
    options = RunOptions(str(path), target=target, allow_hooks=allow, profiles=["none"], seed=1, out=folder / "out")
    made = open_environment(make_plan(options))
    assert isinstance(made, ExternalEnvironment)
    return made


@pytest.mark.parametrize(
    ("topology", "seams"),
    [
        (f"nodes: {{a: {KILL}, b: {KILL}}}", {"process"}),
        (f"nodes: {{a: {KILL}}}", set()),
        (LINK, {"replication"}),
        (LINK.replace("replication", "read-model"), {"read-model"}),
        ("start: {command: [up]}, stop: {command: [down]}, failover: {command: [over]}", {"database"}),
    ],
)
def test_a_seam_is_there_where_the_topology_has_means_for_it(tmp_path: Path, topology: str, seams: set[str]) -> None:
    made = environment(tmp_path, NODES, f"topology: {{{topology}}}\n")
    assert isinstance(made, TopologyEnvironment)
    assert made.seams == {"edge", "wire", "nodes"} | seams
    assert made.declared_nodes == ("a", "b")


def test_a_provider_with_one_address_has_one_node(tmp_path: Path) -> None:
    made = environment(tmp_path, f"base_url: '{A}'\n", f"topology: {{nodes: {{web: {KILL}}}}}\n")
    assert made.seams == {"edge", "wire", "process"}
    assert made.declared_nodes == ()


def test_what_serves_a_host_is_started_and_is_no_node(tmp_path: Path) -> None:
    parts = (f"base_url: '{A}'\n", f"hosts: {{reads: '{B}'}}\n")
    made = environment(tmp_path, *parts, "topology: {nodes: {a: {run: [serve]}, reads: {run: [serve]}}}\n")
    assert isinstance(made, TopologyEnvironment)
    assert made.seams == {"edge", "wire", "process"}
    assert made.declared_nodes == ()
    assert made._hosts_started() == ["reads"]


def test_at_another_address_it_is_not_carried_out(tmp_path: Path) -> None:
    made = environment(tmp_path, NODES, f"topology: {{{LINK}}}\n", target="http://127.0.0.1:11", allow=False)
    assert type(made) is ExternalEnvironment


def test_without_permission_it_is_one_error_at_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"mine\.yaml:\d+: .*start programs, lead links(.|\n)*--allow-hooks"):
        environment(tmp_path, NODES, f"topology: {{{LINK}}}\n", allow=False)


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([NODES, f"topology: {{nodes: {{c: {KILL}}}}}\n"], 'there is no node "c" under nodes'),
        ([f"base_url: '{A}'\n", f"topology: {{nodes: {{a: {KILL}, b: {KILL}}}}}\n"], "a base_url alone is one node"),
        ([f"topology: {{{LINK}}}\n"], "the provider has no address to be reached at"),
        ([NODES, "topology: {nodes: {a: {run: [../serve]}}}\n"], "leaves the contract's folder"),
    ],
)
def test_a_topology_that_does_not_fit_its_contract_is_refused(tmp_path: Path, parts: list[str], problem: str) -> None:
    with pytest.raises(FileError, match=problem):
        environment(tmp_path, *parts)


def test_it_becomes_no_flaw(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not the reference provider"):
        environment(tmp_path, NODES, f"topology: {{{LINK}}}\n").reset_as("stale")
