"""Render submits that differ from the usual one: in other bytes, with another form of key, or with what pulls a
sandbox's trigger.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...core.key_promises import ByteForm, KeyVariation
from ...core.sandbox_trigger import TRIGGER
from ..base.http_messages import HttpRequest
from ..base.variables import TemplateContext
from ..signing import MerchantSide
from ..spec.model import Contract
from ..spec.requests import RequestSpec
from .key_requests import keyless_requests
from .request_renderer import RequestRenderer

__all__ = ["SubmitVariations"]


class SubmitVariations:
    """The variations of one contract's submit."""

    def __init__(
        self,
        contract: Contract,
        merchants: Mapping[str, MerchantSide],
        allowed: Collection[str],
        usual: RequestRenderer,
        accept: str,
    ) -> None:
        """``allowed``: names of variables that the request may hold; ``accept``: the type of the answers."""

        def renderer(request: RequestSpec) -> RequestRenderer:
            return RequestRenderer(request, merchants, allowed, ("submit", "request"), accept=accept)

        request = contract.submit.request
        self._usual = usual
        self._keys = contract.promises.keys.to_core()
        self._renderers = {name: renderer(made) for name, made in keyless_requests(request).items()}
        self._has_uuid = request.speaks_of("order_no.uuid")
        for name, trigger in contract.sandbox_triggers.items():
            headers = {**request.headers, **trigger.headers}
            made = request.model_copy(update={"headers": headers}) if trigger.headers else None
            self._renderers[f"{TRIGGER}{name}"] = usual if made is None else renderer(made)

    def render(self, variation: str, template_context: TemplateContext) -> HttpRequest:
        """Raises ``RequestRenderError``, and ``LookupError`` for a variation that the request does not have."""
        if variation in tuple(ByteForm):
            return self._usual.render(template_context, ByteForm(variation))
        if variation == KeyVariation.FOLDED:
            return self._usual.render(template_context._replace(order_no=template_context.order_no.swapcase()))
        if variation in (KeyVariation.OVERLONG, KeyVariation.OTHER_CASE):
            return self._usual.render(template_context)  # the number itself is unusual
        try:
            renderer = self._renderers[variation]
        except KeyError:
            raise LookupError(f"the submit has no variation {variation}") from None
        return renderer.render(template_context)

    def playable(self, template_context: TemplateContext) -> frozenset[str]:
        """Return the variations of bytes and keys that are declared and that the request has, of one order."""
        keys = self._keys
        found: set[str] = set()
        if keys.equivalent_bytes is not None:
            usual, body = self._usual.body(template_context), self._usual.body
            found |= {form for form in keys.equivalent_in if body(template_context, form) != usual}
        found |= {name for name in self._renderers if keys.declared(name) is not None}
        if not self._has_uuid:
            if keys.overlong is not None:
                found.add(KeyVariation.OVERLONG)
            if keys.case_sensitive is not None and template_context.order_no.swapcase() != template_context.order_no:
                found.add(KeyVariation.OTHER_CASE if keys.case_sensitive else KeyVariation.FOLDED)
        return frozenset(found)
