"""Make callbacks that look like the provider's and are not: of another claim, with a signature that is not genuine.

What is made is checked as a right merchant would check it. Where such a merchant could not tell it from the provider's
own, as where callbacks are not signed, nothing is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from ...chaos.faults.callbacks import SignatureDefect
from ...contract.base.http_messages import HttpRequest, TimestampNonce
from ...contract.codec.callback_reader import ReceivedCallback
from ...contract.emulate.callback_sender import OutgoingCallback
from ...contract.emulate.domain_responses import STATES, ProviderOrder
from ...contract.emulate.emulation import ContractEmulation
from ...contract.loading.loader import LoadedContract, PlaceholderEnv, load_contract
from ...core.payment_state import PaymentState
from ...errors import AckordError

__all__ = ["CallbackForger", "ForgedCallback"]

_STATUSES = {state: status for status, state in STATES.items()}
_UNSIGNED = "the contract's callbacks are not signed, so nobody can tell a forged one"


class _OtherKeys(PlaceholderEnv):
    """An environment whose secrets are nobody's."""

    @staticmethod
    def stand_in(name: str) -> str:
        return f"emulated-forged-{name.lower()}"


class ForgedCallback(NamedTuple):
    """A callback that is not the provider's, and what is wrong with its signature."""

    request: HttpRequest
    defect: SignatureDefect


class CallbackForger:
    """Forges callbacks in the words of one contract."""

    def __init__(self, loaded: LoadedContract, unix_s: Callable[[], int]) -> None:
        self._loaded = loaded
        self._unix_s = unix_s
        self._made = 0
        self._writers: dict[bool, ContractEmulation | str] = {}
        """With the provider's keys (False) and with others (True); or why there is none."""

    def prepare(self) -> None:
        """Compile what forging needs, which takes a fifth of a second, before the merchant waits for it."""
        for other_keys in (False, True):
            self._writer(other_keys=other_keys)

    def forge(self, genuine: ReceivedCallback, claim: PaymentState, defect: SignatureDefect) -> ForgedCallback | str:
        """Return a callback about the same order with another claim, or say why there can be none."""
        account = genuine.account or self._loaded.contract.owner
        self._made += 1
        moment = TimestampNonce(self._unix_s(), f"f{self._made:x}")
        writer = self._writer(other_keys=False)
        if isinstance(writer, str):
            return writer
        call = self._written(writer, genuine, account, claim)
        if call is None:
            return f"the contract has no words for a callback that says {claim.name}"
        if not self._is_refused(account, call.request, moment):
            return _UNSIGNED
        for forged in self._candidates(call, genuine, account, claim, defect, moment):
            if self._is_refused(account, forged.request, moment) and self._is_about(genuine, forged.request):
                return forged
        return f"no callback can be made whose signature is not genuine ({defect})"

    def _candidates(
        self,
        call: OutgoingCallback,
        genuine: ReceivedCallback,
        account: str,
        claim: PaymentState,
        defect: SignatureDefect,
        moment: TimestampNonce,
    ) -> Iterator[ForgedCallback]:
        """What has the defect; then what has another, where a scheme or its keys do not allow this one."""
        if defect == "other-key":
            writer = self._writer(other_keys=True)
            strange = None if isinstance(writer, str) else self._written(writer, genuine, account, claim)
            if strange is not None:
                yield ForgedCallback(strange.signed(moment), "other-key")
        if defect != "missing":
            other = call.provider.sign_callback(call.request._replace(body=call.request.body + b" "), moment)
            if other.headers != call.request.headers:
                yield ForgedCallback(call.request._replace(headers=other.headers), "wrong")
        yield ForgedCallback(call.request, "missing")

    def _written(
        self, writer: ContractEmulation, genuine: ReceivedCallback, account: str, claim: PaymentState
    ) -> OutgoingCallback | None:
        said, contract = genuine.reading, self._loaded.contract
        order = ProviderOrder(
            said.provider_id or "",
            account,
            genuine.order_no,
            said.amount_minor or 0,
            said.currency or contract.currency,
            said.payee or "",
            _STATUSES[claim],
            "",
        )
        return next(iter(writer.announce(order)), None)

    def _writer(self, *, other_keys: bool) -> ContractEmulation | str:
        if other_keys not in self._writers:
            try:
                codec = load_contract(self._loaded.path, env=_OtherKeys()).codec if other_keys else self._loaded.codec
                self._writers[other_keys] = ContractEmulation(codec)
            except AckordError as why:
                self._writers[other_keys] = str(why).partition("\n")[0]
        return self._writers[other_keys]

    def _is_refused(self, account: str, request: HttpRequest, moment: TimestampNonce) -> bool:
        return bool(self._loaded.codec.merchants[account].problem_of_callback(request, moment))

    def _is_about(self, genuine: ReceivedCallback, request: HttpRequest) -> bool:
        """Whether a merchant that does not verify could read it: encrypted with another key, it is hidden."""
        ids = {genuine.reading.provider_id or "": genuine.order_no}
        read = self._loaded.codec.callbacks.read(request, ids)
        return read is not None and read.order_no == genuine.order_no
