"""Implement flaws of a sandbox."""

from __future__ import annotations

from typing import ClassVar

from ..service.payment_service import PaymentService
from .base import variant


@variant("trigger-ignored")
class TriggerIgnored(PaymentService):
    """Treat an order that pulls a trigger as any other."""

    only_live = "it shows in orders that pull a sandbox's trigger, which the order machine does not"
    obeys_triggers: ClassVar[bool] = False
