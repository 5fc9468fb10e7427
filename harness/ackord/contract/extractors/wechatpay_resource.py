"""Implements ``wechatpay_resource``: callbacks of WeChat Pay's API v3, whose ``resource`` is encrypted (AES-256-GCM).

The decrypted content replaces ``resource``; other members stay readable: ``$.event_type`` beside
``$.resource.out_bill_no``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import Field, model_validator

from ..base.body_parsing import UnreadableBody
from ..base.field_types import StrictModel, field_problem
from ..body.json_encoding import json_of
from ..signing.algorithms import decoded
from ..signing.keys import Secret, emulated
from .base import BodyCodec, Extractor

__all__ = ["EXTRACTOR", "WeChatPayResource", "opened", "sealed"]

_ALGORITHM = "AEAD_AES_256_GCM"
_KEY_BYTES = 32
_NONCE_LETTERS = 12


class WeChatPayResource(StrictModel):
    """JSON with an encrypted `resource`, as WeChat Pay's API v3 sends it. What was in it takes its place:
    `$.resource.out_bill_no`.
    """

    key: Secret = Field(description="The API v3 key: 32 bytes. The emulator encrypts with it.")
    other_keys: list[Secret] = Field(
        default=[], description="The keys of further accounts; a resource may be encrypted with any of them."
    )
    original_type: str = Field(
        default="transaction", description="For the emulator: what it calls the resource, such as `mch_payment`."
    )

    @model_validator(mode="after")
    def _of_the_right_length(self) -> Self:
        for field, secrets in (("key", [self.key]), ("other_keys", self.other_keys)):
            for length in map(len, map(_bytes_of, secrets)):
                if length != _KEY_BYTES:
                    raise field_problem(field, f"a key of {length} bytes", expected=f"{_KEY_BYTES} bytes")
        return self


def _bytes_of(secret: Secret) -> bytes:
    return hashlib.sha256(secret.encode()).digest() if emulated(secret) else secret.encode()


def opened(keys: Sequence[bytes], resource: Mapping[str, Any]) -> bytes:
    """Decrypt a ``resource``. Raises ``UnreadableBody``."""
    if resource.get("algorithm") != _ALGORITHM:
        raise UnreadableBody(f"the resource's algorithm is not {_ALGORITHM}")
    parts = [resource.get(name, "") for name in ("ciphertext", "nonce", "associated_data")]
    if not all(isinstance(part, str) for part in parts):
        raise UnreadableBody("the resource's parts are not text")
    ciphertext = decoded(parts[0])
    if ciphertext is None:
        raise UnreadableBody("the resource's ciphertext is not base64")
    for key in keys:
        try:
            return AESGCM(key).decrypt(parts[1].encode(), ciphertext, parts[2].encode())
        except (InvalidTag, ValueError):
            continue
    raise UnreadableBody("the resource cannot be decrypted with the contract's key")


def sealed(key: bytes, plain: bytes, original_type: str) -> dict[str, str]:
    """Encrypt a document; the inverse of ``opened``. The nonce is derived from the document, so equal documents give
    equal bodies.
    """
    nonce = hmac.digest(key, plain, "sha256").hex()[:_NONCE_LETTERS]
    ciphertext = AESGCM(key).encrypt(nonce.encode(), plain, original_type.encode())
    return {
        "original_type": original_type,
        "algorithm": _ALGORITHM,
        "ciphertext": base64.b64encode(ciphertext).decode(),
        "associated_data": original_type,
        "nonce": nonce,
    }


def _made(settings: WeChatPayResource) -> BodyCodec:
    keys = [_bytes_of(secret) for secret in (settings.key, *settings.other_keys)]

    def read(headers: Mapping[str, str], body: bytes) -> Any:
        document = json_of(body)
        resource = document.get("resource") if isinstance(document, dict) else None
        if not isinstance(resource, dict):
            raise UnreadableBody("there is no resource in it")
        return {**document, "resource": json_of(opened(keys, resource))}

    def write(document: Any) -> bytes:
        plain = json.dumps(document.get("resource", {}), ensure_ascii=False).encode()
        whole = {**document, "resource": sealed(keys[0], plain, settings.original_type)}
        return json.dumps(whole, ensure_ascii=False).encode()

    return BodyCodec(read, write, "application/json")


EXTRACTOR = Extractor(
    name="wechatpay_resource",
    about="WeChat Pay, API v3: JSON whose `resource` is encrypted.",
    settings=WeChatPayResource,
    make=_made,
)
