"""Nodes that crash."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from .base import Fault, Seam, register

__all__ = ["NodeCrash"]


@register
class NodeCrash(Fault):
    """A node of the provider is killed (kill -9) and started again, in turn: what it acknowledged must have been on disk."""

    seam: ClassVar[Seam] = Seam.PROCESS
    heals: ClassVar[str] = "Every node is started again and must answer."

    fault: Literal["node-crash"] = Field(description="The fault's name.")
    every_ms: Annotated[float, Strict(), Field(ge=100, le=600_000)] = Field(
        description="From one crash to the next, in milliseconds."
    )
