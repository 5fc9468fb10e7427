"""Headers that pull a sandbox's trigger at an emulated provider."""

from __future__ import annotations

from ackord.contract.base.payment import Payment
from ackord.contract.emulate.domain_requests import SubmitRequest
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.core.operation import OperationKind

from ..support import codec

P = Payment("no-000000000001", "main", 1999, "EUR", "payee")
TRIGGERS = "sandbox_triggers: {slow: {about: Slow., headers: {X-Mock: slow}, leads_to: FAILED}}\nstates:"


def test_a_request_pulls_what_its_headers_say() -> None:
    made = codec("states:", TRIGGERS)
    emulation = ContractEmulation(made)
    for variation, trigger in (("trigger:slow", "slow"), ("", "")):
        understood = emulation.understand(made.request(OperationKind.SUBMIT, P, variation=variation))
        assert isinstance(understood, SubmitRequest)
        assert understood.trigger == trigger
