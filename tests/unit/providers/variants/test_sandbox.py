"""A sandbox that ignores its triggers says so to the way of orders; every other provider obeys them."""

from __future__ import annotations

from ackord.providers.service.payment_service import PaymentService

from ..stage import service


def obeys(provider: PaymentService) -> bool:
    return bool(getattr(provider, "obeys_triggers", True))


def test_the_flaw_alone_ignores_triggers() -> None:
    assert not obeys(service("trigger-ignored")[0])
    assert obeys(service()[0])
