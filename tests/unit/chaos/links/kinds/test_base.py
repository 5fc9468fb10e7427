"""Toxics as values: what is refused, how they are written down, whom they hit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.chaos.links.kinds import (
    TOXICS,
    BandwidthToxic,
    DownToxic,
    LatencyToxic,
    LimitDataToxic,
    SlicerToxic,
    TimeoutToxic,
    toxic_from_json,
)
from ackord.chaos.links.kinds.base import Toxic
from ackord.core.seed import Seed
from ackord.errors import UnknownNameError, UsageError


def test_the_kinds_are_toxiproxy_s_and_down() -> None:
    assert set(TOXICS.names()) == {
        *("latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data", "noop"),
        "down",
    }


def test_a_toxic_is_called_after_its_kind_and_stream() -> None:
    assert LatencyToxic(latency_ms=1).name == "latency_downstream"
    assert TimeoutToxic(stream="upstream").name == "timeout_upstream"
    assert TimeoutToxic(name="mine").name == "mine"


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        (LatencyToxic, {"latency_ms": -1}, "latency is -1. Expected a number of milliseconds, 0 or more"),
        (LatencyToxic, {"jitter_ms": float("nan")}, "jitter is nan"),
        (LatencyToxic, {"latency_ms": float("inf")}, "latency is inf"),
        (LatencyToxic, {"latency_ms": "5"}, "latency is '5'"),
        (LatencyToxic, {"latency_ms": True}, "latency is True"),
        (LatencyToxic, {"stream": "both"}, "Expected one of downstream, upstream"),
        (LatencyToxic, {"toxicity": float("inf")}, "toxicity is inf"),
        (LatencyToxic, {"toxicity": -0.1}, "toxicity is -0.1"),
        (BandwidthToxic, {"rate_kb_per_s": -3}, "rate is -3. Expected a number of kilobytes a second"),
        (LimitDataToxic, {"limit_bytes": -3}, "bytes is -3. Expected a number of bytes"),
        (SlicerToxic, {"average_size_bytes": 0}, "Expected 1 byte or more"),
        (
            SlicerToxic,
            {"average_size_bytes": 5, "size_variation_bytes": 6},
            "Expected at most average_size, which is 5",
        ),
        (SlicerToxic, {"average_size_bytes": 5, "delay_us": -5}, "number of microseconds"),
        (DownToxic, {"toxicity": 0.5}, "acts on the port"),
    ],
)
def test_values_that_make_no_sense_are_refused(kind: type[Toxic], values: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        kind(**values)
    assert says in str(caught.value)


def test_a_toxicity_above_1_hits_every_connection_as_in_toxiproxy() -> None:
    assert all(LatencyToxic(toxicity=5).hits(Seed(7), "link", n) for n in range(100))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"type": "latncy"}, 'no toxic is called "latncy". Did you mean "latency"?'),
        ({"type": "latency", "attributes": {"jiter": 1}}, 'no attribute of the toxic latency is called "jiter"'),
        ({"type": "latency", "toxicty": 1}, 'Did you mean "toxicity"?'),
        ({}, "no toxic is called"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(values: dict[str, Any], says: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        toxic_from_json(values)
    assert says in str(caught.value)


_toxics = st.one_of(
    st.builds(
        LatencyToxic,
        latency_ms=st.integers(0, 99),
        jitter_ms=st.floats(0, 9),
        stream=st.sampled_from(["upstream", "downstream"]),
    ),
    st.builds(
        SlicerToxic,
        average_size_bytes=st.integers(5, 9),
        size_variation_bytes=st.integers(0, 4),
        name=st.text(max_size=5),
    ),
    st.builds(TimeoutToxic, timeout_ms=st.integers(0, 99), toxicity=st.floats(0, 1)),
    st.builds(DownToxic),
)


@given(_toxics)
def test_what_is_written_down_is_read_back(toxic: Toxic) -> None:
    assert toxic_from_json(toxic.as_json()) == toxic


def test_it_is_written_down_as_toxiproxy_shows_it() -> None:
    assert LatencyToxic(latency_ms=7, jitter_ms=2, toxicity=0.5).as_json() == {
        "attributes": {"latency": 7, "jitter": 2},
        "name": "latency_downstream",
        "type": "latency",
        "stream": "downstream",
        "toxicity": 0.5,
    }


def test_toxicity_hits_its_share_and_more_of_it_hits_more() -> None:
    seed = Seed(7)

    def hit(share: float) -> set[int]:
        return {n for n in range(2000) if LatencyToxic(toxicity=share).hits(seed, "link", n)}

    assert hit(0) == set()
    assert len(hit(1)) == 2000
    assert 500 < len(hit(0.3)) < 700
    assert hit(0.3) < hit(0.6)
    assert {n for n in range(2000) if LatencyToxic(toxicity=0.3).hits(Seed(8), "link", n)} != hit(0.3)
    assert {n for n in range(2000) if LatencyToxic(toxicity=0.3).hits(seed, "other", n)} != hit(0.3)
    assert {n for n in range(2000) if LatencyToxic(name="x", toxicity=0.3).hits(seed, "link", n)} != hit(0.3)
