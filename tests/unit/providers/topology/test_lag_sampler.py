"""The lag of a foreign replica: each measurement becomes an event, and a measure that cannot be read is one error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.spec.topology import LinkSpec
from ackord.core.clock import MS, RealClock
from ackord.errors import EnvironmentFailed
from ackord.providers.topology.lag_sampler import LagSampler

from ....waiting import until


def link(command: list[str] | None, carries: str = "replication") -> LinkSpec:
    lag = None if command is None else {"command": command}
    return LinkSpec.model_validate({"to": "127.0.0.1:1", "carries": carries, "lag": lag})


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Any]:
    opened: list[LagSampler] = []

    def make(events: list[dict[str, Any]], **links: LinkSpec) -> LagSampler:
        sampler = LagSampler(links, tmp_path, {"ACKORD_LINK_WAL": "x"}, RealClock(), events.append)
        opened.append(sampler)
        return sampler

    yield make
    for sampler in opened:
        sampler.close()
        sampler.close()


def test_each_measurement_is_an_event(made: Any) -> None:
    events: list[dict[str, Any]] = []
    sampler = made(events, wal=link(["echo", "12.5"]), feed=link(["echo", "0"], "read-model"), silent=link(None))
    sampler.open()
    sampler.sample(1)
    until(lambda: {e.get("replica", "") for e in events} == {"", "read-model"}, "both are measured")
    sampler.sample(0)
    assert {e["probe_lag_ns"] for e in events if "replica" not in e} == {12.5 * MS}
    assert {e["event"] for e in events} == {"replication"}
    count = len(events)
    sampler.close()
    assert len(events) == count, "nothing is measured any more"


@pytest.mark.parametrize("printed", ["much", "", "-1", "inf", "nan"])
def test_what_is_no_lag_is_one_error(made: Any, printed: str) -> None:
    with pytest.raises(EnvironmentFailed, match=r"the lag cannot be measured by echo: it printed .*\n.*milliseconds"):
        made([], wal=link(["echo", printed])).open()


def test_a_measure_that_fails_says_why(made: Any) -> None:
    with pytest.raises(EnvironmentFailed, match="ended with exit code 2: no replica"):
        made([], wal=link(["sh", "-c", "echo no replica; exit 2"])).open()


def test_a_database_that_is_not_there_is_one_error(made: Any) -> None:
    nowhere = "postgresql://postgres@127.0.0.1:1/x"
    lag = {"postgresql": {"primary": nowhere, "replica": nowhere}}
    wal = LinkSpec.model_validate({"to": "127.0.0.1:1", "carries": "replication", "lag": lag})
    with pytest.raises(
        EnvironmentFailed, match=r"the lag behind the link wal cannot be measured: .*\n.*links\.wal\.lag"
    ):
        made([], wal=wal).open()
