"""Build the requests that must precede a submit, and capture values from their responses."""

from __future__ import annotations

from collections.abc import Mapping

from ..base.body_parsing import UnreadableBody
from ..base.http_messages import HttpRequest, HttpResponse
from ..base.json_path import MISSING
from ..base.payment import PLAIN, Payment, RequestContext, template_context_of
from ..base.variables import CAPTURED, PREREQUISITE_VARIABLES
from ..body.conditions import all_hold
from ..body.selectors import compile_selector
from ..signing import MerchantSide
from ..spec.body_formats import body_format
from ..spec.model import Contract
from ..spec.operations import PrerequisiteSpec
from ..spec.places import as_selector
from .request_renderer import RequestRenderer

__all__ = ["PrerequisiteCodec", "prerequisites_of"]


class PrerequisiteCodec:
    """A call that must come first."""

    def __init__(
        self,
        part: PrerequisiteSpec,
        contract: Contract,
        merchants: Mapping[str, MerchantSide],
        allowed: frozenset[str],
        index: int,
    ) -> None:
        """Raises ``TemplateProblem``."""
        self.name = part.name
        self.per_order = part.per == "order"
        self.host = part.request.host or ""
        self.form = body_format(part.format, ("prerequisites", index, "format"), contract.charset)
        self._renderer = RequestRenderer(
            part.request, merchants, allowed, ("prerequisites", index, "request"), accept=self.form.content_type
        )
        self._account_ids = {name: account.id or name for name, account in contract.accounts.items()}
        self._units = contract.amounts.units()
        self._succeeded = all_hold(part.succeeded)
        self._capture = [(name, compile_selector(as_selector(at))) for name, at in part.capture.items()]

    def request(self, payment: Payment, request_context: RequestContext = PLAIN) -> HttpRequest:
        account_id = self._account_ids[payment.account]
        return self._renderer.render(template_context_of(payment, account_id, request_context, self._units))

    def read(self, answer: HttpResponse) -> dict[str, str]:
        """Return the captured values. Raises ``UnreadableBody`` if the response is no success or lacks a value."""
        document = self.form.read(answer)
        if not self._succeeded(answer.status, document, answer.headers):
            raise UnreadableBody(f"{self.name} was answered {answer.status}, which is no success")
        captured = {}
        for name, get in self._capture:
            value = get(document, answer.headers, MISSING)
            if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
                raise UnreadableBody(f"the answer to {self.name} has no {name}")
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
