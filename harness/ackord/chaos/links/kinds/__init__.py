"""Registers the kinds of toxics, one per file, by Toxiproxy's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....core.registry import Registry
from ....errors import UnknownNameError
from .bandwidth import BandwidthToxic
from .base import DOWNSTREAM, Toxic
from .down import DownToxic
from .latency import LatencyToxic
from .limit_data import LimitDataToxic
from .noop import NoopToxic
from .reset_peer import ResetPeerToxic
from .slicer import SlicerToxic
from .slow_close import SlowCloseToxic
from .timeout import TimeoutToxic

__all__ = [
    "TOXICS",
    "BandwidthToxic",
    "DownToxic",
    "LatencyToxic",
    "LimitDataToxic",
    "NoopToxic",
    "ResetPeerToxic",
    "SlicerToxic",
    "SlowCloseToxic",
    "TimeoutToxic",
    "toxic_from_json",
]

TOXICS: Registry[type[Toxic]] = Registry("toxic")
for _kind in (
    LatencyToxic,
    DownToxic,
    BandwidthToxic,
    SlowCloseToxic,
    TimeoutToxic,
    ResetPeerToxic,
    SlicerToxic,
    LimitDataToxic,
    NoopToxic,
):
    TOXICS.add(_kind.kind, _kind)

_FIELDS = ("attributes", "name", "type", "stream", "toxicity")


def toxic_from_json(values: Mapping[str, Any]) -> Toxic:
    """Parse a toxic that ``Toxic.as_json`` wrote. Raises ``UsageError`` for unknown or invalid values."""
    for field in values:
        if field not in _FIELDS:
            raise UnknownNameError("field of a toxic", field, _FIELDS)
    return TOXICS.get(str(values.get("type"))).from_attributes(
        values.get("attributes") or {},
        name=values.get("name", ""),
        stream=values.get("stream", DOWNSTREAM),
        toxicity=values.get("toxicity", 1.0),
    )
