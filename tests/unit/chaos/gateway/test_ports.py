"""The ports: every driver makes all of them, with the same parameters."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from ackord.chaos.gateway.downstream import DownstreamConnection
from ackord.chaos.gateway.exchange_recorder import ExchangeRecorder
from ackord.chaos.gateway.fast_path import FastPath
from ackord.chaos.gateway.ports import (
    MerchantPort,
    NodePort,
    RecorderPort,
    UpstreamClient,
    UpstreamPort,
    WholeAnswerClient,
)
from ackord.chaos.gateway.proxied_exchange import ProxiedExchange
from ackord.chaos.gateway.upstream import UpstreamConnection, UpstreamPool
from ackord.simulation.simulated_gateway import SimulatedExchange, SimulatedPorts, SimulatedUpstream

from .test_proxied_exchange import Conversation, Upstream

MADE: list[tuple[type, list[type]]] = [
    (MerchantPort, [DownstreamConnection, SimulatedExchange, Conversation]),
    (UpstreamPort, [UpstreamConnection, SimulatedUpstream, Upstream]),
    (NodePort, [UpstreamPool, SimulatedPorts, Conversation]),
    (RecorderPort, [ExchangeRecorder, SimulatedPorts, Conversation]),
    (UpstreamClient, [ProxiedExchange]),
    (WholeAnswerClient, [FastPath]),
]


@pytest.mark.parametrize(("port", "drivers"), MADE, ids=lambda made: getattr(made, "__name__", ""))
def test_every_driver_makes_the_port(port: Any, drivers: list[type]) -> None:
    wanted = {name: member for name, member in vars(port).items() if not name.startswith("_")}
    assert wanted
    for driver in drivers:
        for name, member in wanted.items():
            made = getattr(driver, name)
            if inspect.isfunction(member) and "given" not in inspect.signature(made).parameters:
                assert list(inspect.signature(made).parameters) == list(inspect.signature(member).parameters), driver
