"""Calls that must come before a submit, at work: what they ask, and what they capture of the answer."""

from __future__ import annotations

from collections.abc import Mapping

from ..base.bodies import Unreadable
from ..base.conditions import all_hold
from ..base.extract import MISSING
from ..base.payment import PLAIN, Payment, Sending, subject_of
from ..base.places import compile_place
from ..base.variables import CAPTURED, PREREQUISITE_VARIABLES
from ..base.wire import WireAnswer, WireRequest
from ..signing import MerchantSide
from ..spec.model import Contract
from ..spec.operations import Prerequisite, as_place
from .body_forms import body_form
from .rendering import RequestRenderer

__all__ = ["PrerequisiteCodec", "prerequisites_of"]


class PrerequisiteCodec:
    """A call that must come first."""

    def __init__(
        self,
        part: Prerequisite,
        contract: Contract,
        merchants: Mapping[str, MerchantSide],
        allowed: frozenset[str],
        index: int,
    ) -> None:
        """Raises ``TemplateProblem``."""
        self.name = part.name
        self.per_order = part.per == "order"
        self.form = body_form(part.format, ("prerequisites", index, "format"))
        self._renderer = RequestRenderer(
            part.request, merchants, allowed, ("prerequisites", index, "request"), accept=self.form.content_type
        )
        self._account_ids = {name: account.id or name for name, account in contract.accounts.items()}
        self._succeeded = all_hold(part.succeeded)
        self._capture = [(name, compile_place(as_place(at))) for name, at in part.capture.items()]

    def request(self, payment: Payment, sending: Sending = PLAIN) -> WireRequest:
        return self._renderer.render(subject_of(payment, self._account_ids[payment.account], sending))

    def read(self, answer: WireAnswer) -> dict[str, str]:
        """What it captured. Raises ``Unreadable`` for an answer that is no success or lacks what is to be captured."""
        document = self.form.read(answer)
        if not self._succeeded(answer.status, document, answer.headers):
            raise Unreadable(f"{self.name} was answered {answer.status}, which is no success")
        captured = {}
        for name, get in self._capture:
            value = get(document, answer.headers, MISSING)
            if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
                raise Unreadable(f"the answer to {self.name} has no {name}")
            captured[name] = str(value)
        return captured


def prerequisites_of(
    contract: Contract, merchants: Mapping[str, MerchantSide]
) -> tuple[tuple[PrerequisiteCodec, ...], frozenset[str]]:
    """The prerequisites, and the variables that they define; each may use what those before it captured."""
    captured: frozenset[str] = frozenset()
    codecs = []
    for index, part in enumerate(contract.prerequisites):
        codecs.append(PrerequisiteCodec(part, contract, merchants, PREREQUISITE_VARIABLES | captured, index))
        captured |= {f"{CAPTURED}{name}" for name in part.capture}
    return tuple(codecs), captured
