"""Connections that break."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import EdgeFault, register

__all__ = ["Reset"]


@register
class Reset(EdgeFault):
    """The connection breaks before the request reaches the provider: the merchant sees a reset, and cannot tell it from a lost answer."""

    fault: Literal["reset"] = Field(description="The fault's name.")
