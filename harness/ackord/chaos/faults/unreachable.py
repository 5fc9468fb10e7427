"""Nodes that are cut off."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import register
from .edge import EdgeFault

__all__ = ["Unreachable"]


@register
class Unreachable(EdgeFault):
    """Nothing gets to the provider, as when a node is cut off: name the node in `match`."""

    fault: Literal["unreachable"] = Field(description="The fault's name.")
    mode: Literal["refused", "silent"] = Field(
        default="refused",
        description="`refused`: the gateway answers 502 at once, as it does for a node that is down; `silent`: the "
        "merchant waits until its time-out.",
    )
