"""Requests that never arrive."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import EdgeFault, register

__all__ = ["LostRequest"]


@register
class LostRequest(EdgeFault):
    """The request is lost on the way: the provider never sees it, the merchant waits until its time-out."""

    fault: Literal["lost-request"] = Field(description="The fault's name.")
