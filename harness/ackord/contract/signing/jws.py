"""Implements what JSON Web Signatures share (RFC 7515, RFC 7797): algorithms, the signing input, and a strict parser of
the protected header.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from .algorithms import PartyKeys, decoded, encoded

__all__ = ["JWS_ALGORITHMS", "AsymmetricJws", "read_protected", "signed", "verified", "write_protected"]

AsymmetricJws = Literal["RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"]

JWS_ALGORITHMS: dict[AsymmetricJws, str] = {
    "RS256": "rsa-sha256",
    "PS256": "rsa-pss-sha256",
    "ES256": "ecdsa-p256-sha256",
    "ES384": "ecdsa-p384-sha384",
    "ES512": "ecdsa-p521-sha512",
    "EdDSA": "ed25519",
}


def write_protected(header: dict[str, Any]) -> str:
    """Encode the protected header."""
    return encoded(json.dumps(header, separators=(",", ":")).encode(), "base64url")


def read_protected(text: str) -> dict[str, Any] | None:
    """Decode a protected header; ``None`` for anything but an object with unique names."""
    data = decoded(text, "base64url")
    try:
        header = json.loads(data or b"", object_pairs_hook=_each_name_once)
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name is given twice")
    return dict(pairs)


def signed(keys: PartyKeys, protected: str, payload: bytes, *, b64: bool = True) -> str:
    """Return the encoded signature."""
    return encoded(keys.sign(_signing_input(protected, payload, b64)), "base64url")


def verified(keys: PartyKeys, protected: str, payload: bytes, signature: str, *, b64: bool = True) -> bool:
    data = decoded(signature, "base64url")
    return data is not None and keys.verify(_signing_input(protected, payload, b64), data)


def _signing_input(protected: str, payload: bytes, b64: bool) -> bytes:
    """Return the signing input: RFC 7515, section 5.1; without ``b64``, RFC 7797, section 3."""
    return protected.encode() + b"." + (encoded(payload, "base64url").encode() if b64 else payload)
