"""What a provider is made of: which descriptions are refused, and what the others offer."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ackord.contract.spec.topology import LinkAddress, NodeSpec, TopologySpec, link_address

DO = {"command": ["true"]}
LINK = {"to": "127.0.0.1:5432", "carries": "replication"}
LAG = {"primary": "postgresql://x/y", "replica": "postgresql://x/z"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"nodes": {"a": {}}}, "nothing is said of the node"),
        ({"nodes": {"a": {"run": []}}}, "at least 1 item"),
        ({"nodes": {"a": {"run": ["serve"], "kill": DO}}}, "it stands beside `run`"),
        ({"nodes": {"a": {"kill": DO}}}, "kill and start go together"),
        ({"nodes": {"a": {"resume": DO}}}, "pause and resume go together"),
        ({"links": {"l": {**LINK, "to": "5432"}}}, "a host and a port"),
        ({"links": {"l": {**LINK, "to": "x:70000"}}}, "a host and a port"),
        ({"links": {"l": {**LINK, "carries": "requests"}}}, "'replication' or 'read-model'"),
        ({"links": {"l": {**LINK, "lag": {}}}}, "not said in one way"),
        ({"links": {"l": {**LINK, "lag": {"postgresql": LAG, "command": ["lag"]}}}}, "not said in one way"),
        ({"links": {"l": {**LINK, "lag": {"postgresql": {**LAG, "replica": "mysql://x"}}}}}, "match pattern"),
        ({"links": {"l": LINK, "m": LINK}}, "m and l both carry replication"),
        ({"start": DO}, "it goes together with stop"),
        ({"stop": DO}, "it goes together with start"),
        ({"failover": DO}, "nothing starts the provider anew"),
    ],
)
def test_what_contradicts_itself_is_refused(data: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        TopologySpec.model_validate(data)
    assert problem in str(refused.value)


def test_a_link_is_found_by_what_it_carries() -> None:
    topology = TopologySpec.model_validate({"links": {"feed": {**LINK, "carries": "read-model"}, "wal": LINK}})
    assert topology.link_that_carries("replication") == "wal"
    assert topology.link_that_carries("read-model") == "feed"
    assert TopologySpec().link_that_carries("replication") is None


@pytest.mark.parametrize(
    ("data", "crashes", "pauses"),
    [
        ({"run": ["serve"]}, True, True),
        ({"kill": DO, "start": DO}, True, False),
        ({"pause": DO, "resume": DO}, False, True),
    ],
)
def test_a_node_offers_what_there_are_means_for(data: dict[str, Any], crashes: bool, pauses: bool) -> None:
    node = NodeSpec.model_validate(data)
    assert (node.can_crash, node.can_pause) == (crashes, pauses)


def test_a_run_starts_what_has_a_program_or_a_command_to_start() -> None:
    assert TopologySpec.model_validate({"start": DO, "stop": DO}).starts_provider
    assert TopologySpec.model_validate({"nodes": {"a": {"run": ["serve"]}}}).starts_provider
    assert not TopologySpec.model_validate({"nodes": {"a": {"kill": DO, "start": DO}}}).starts_provider


def test_an_address_has_two_halves() -> None:
    assert link_address("db.internal:5432") == LinkAddress("db.internal", 5432)
    assert link_address("[::1]:6379") == LinkAddress("::1", 6379)
    with pytest.raises(ValueError, match="a host and a port"):
        link_address("db.internal")
