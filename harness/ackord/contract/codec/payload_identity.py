"""Tell whether two payments are the same payload: their submits are equal, but for what the contract ignores."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from ...core.key_promises import ByteForm, EquivalentBytes
from ..base.json_path import split_path, without_places
from ..base.template import in_address, json_template, text_template
from ..base.variables import SUBMIT_VARIABLES, TemplateContext
from ..spec.model import Contract

__all__ = ["PayloadIdentity"]


class PayloadIdentity:
    """The identity of a contract's payloads."""

    def __init__(self, contract: Contract, captured: Collection[str]) -> None:
        """``captured``: names of variables that prerequisites give. Raises ``ContractError``."""
        submit, allowed = contract.submit, SUBMIT_VARIABLES.union(captured)
        self._path = text_template(submit.request.path, allowed, (), in_address)
        self._body = json_template(
            without_places(submit.request.body, [split_path(path) for path in contract.ignored_fields]),
            allowed,
            ("submit", "request", submit.request.encoding.name if submit.request.encoding else "json"),
            sort_keys=True,
        )
        self._bytes_count = contract.promises.keys.equivalent_bytes is EquivalentBytes.OTHER_PAYLOAD

    def fingerprint(self, template_context: TemplateContext, variation: str = "") -> str:
        """Return the identity, 16 hexadecimal digits. Other bytes of the same values (a ``ByteForm``) are another
        payload where the contract says so.
        """
        payload = f"{self._path.render(template_context)}\n{self._body.render(template_context)}"
        if self._bytes_count and variation in tuple(ByteForm):
            payload += f"\n{variation}"
        return hashlib.blake2b(payload.encode(), digest_size=8).hexdigest()
