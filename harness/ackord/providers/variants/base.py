"""Keep the registry that every variant enters itself into."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ...core.registry import Registry
from ..service.payment_service import PaymentService

__all__ = ["VARIANTS", "variant"]

VARIANTS: Registry[type[PaymentService]] = Registry("variant of the reference provider")

S = TypeVar("S", bound=type[PaymentService])


def variant(name: str) -> Callable[[S], S]:
    """Register the decorated class as the variant ``name``."""

    def enter(service: S) -> S:
        VARIANTS.add(name, service)
        return service

    return enter
