"""Answers that come when the merchant has given up."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Milliseconds, register
from .edge import EdgeFault

__all__ = ["LateAnswer"]


@register
class LateAnswer(EdgeFault):
    """The provider's answer is complete in time, and is withheld: longer than the merchant's time-out, if you choose it
    so. Answers over 1 MiB are not.
    """

    fault: Literal["late-answer"] = Field(description="The fault's name.")
    ms: Milliseconds = Field(
        default=1000, description="How long after it was complete the merchant gets it, in milliseconds."
    )
