"""What an emulator must be able to do with the words of an API: everything else is the service's."""

from __future__ import annotations

from typing import Protocol

from ...contract.base.wire import Moment, WireAnswer, WireRequest
from ...contract.emulate.calling import Call
from ...contract.emulate.meanings import Order, Reply
from ...contract.emulate.questions import Asked

__all__ = ["Front"]


class Front(Protocol):
    """One API's way to be asked, to answer and to call. Nothing here waits, and nothing that a merchant sends makes it raise."""

    def understand(self, request: WireRequest, at: Moment | None = None) -> Asked:
        """What a request that came ``at`` asks for."""
        ...

    def answer(self, asked: Asked, reply: Reply, request: WireRequest, moment: Moment) -> WireAnswer:
        """How the reply is told."""
        ...

    def announce(self, order: Order) -> list[Call]:
        """What the merchant is called with when an order's status has changed."""
        ...

    def later(self, asked: Asked, reply: Reply) -> list[Call]:
        """What the merchant is called with in the end when the answer told nothing but that the question was taken."""
        ...
