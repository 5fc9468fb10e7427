"""Defines signature algorithms by name, and the key pairs of merchant and provider that a scheme uses.

Every primitive comes from the ``cryptography`` library. Signatures on a curve are r and s, each as long as the curve's
numbers, as in JOSE and RFC 9421. Algorithms whose name ends in ``-der`` use OpenSSL's DER form.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from ..base.contract_error import ContractError
from ..base.field_types import StrictModel
from .keys import emulated, emulator_key, load_private, load_public

__all__ = [
    "ALGORITHMS",
    "PartyKeys",
    "TextEncoding",
    "decoded",
    "digest_keys",
    "encoded",
    "hmac_keys",
    "merchant_keys",
    "provider_keys",
]

TextEncoding = Literal["hex", "HEX", "base64", "base64url"]


@dataclass(frozen=True, slots=True)
class PartyKeys:
    """The key that one party signs with, and the key that it verifies the other party with."""

    sign: Callable[[bytes], bytes]
    verify: Callable[[bytes, bytes], bool]
    """Takes message and signature."""


@dataclass(frozen=True, slots=True)
class _Algorithm:
    key: str
    """The emulator's key for it: rsa, ec, ec-p384, ec-p521 or ed25519."""
    kind: type
    """The library's class of public keys."""
    needs: str
    """The kind of key in words."""
    sign: Callable[[Any, bytes], bytes]
    verify: Callable[[Any, bytes, bytes], None]
    """Raises ``InvalidSignature`` or ``ValueError``."""
    curve: str | None = None
    """The library's name of the curve that a key must be on."""


def _pkcs1(digest: hashes.HashAlgorithm) -> _Algorithm:
    pad = padding.PKCS1v15()
    return _Algorithm(
        "rsa", rsa.RSAPublicKey, "an RSA key",
        lambda key, message: key.sign(message, pad, digest),
        lambda key, message, signature: key.verify(signature, message, pad, digest),
    )  # fmt: skip


def _pss(digest: hashes.HashAlgorithm) -> _Algorithm:
    pad = padding.PSS(padding.MGF1(digest), digest.digest_size)
    return _Algorithm(
        "rsa", rsa.RSAPublicKey, "an RSA key",
        lambda key, message: key.sign(message, pad, digest),
        lambda key, message, signature: key.verify(signature, message, pad, digest),
    )  # fmt: skip


def _ecdsa(emulators: str, curve: ec.EllipticCurve, digest: hashes.HashAlgorithm, *, der: bool = False) -> _Algorithm:
    number_bytes = (curve.key_size + 7) // 8
    algorithm = ec.ECDSA(digest)

    def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
        signature = key.sign(message, algorithm)
        if der:
            return signature
        return b"".join(number.to_bytes(number_bytes, "big") for number in decode_dss_signature(signature))

    def verify(key: ec.EllipticCurvePublicKey, message: bytes, signature: bytes) -> None:
        if not der:
            if len(signature) != 2 * number_bytes:
                raise InvalidSignature
            r, s = (int.from_bytes(half, "big") for half in (signature[:number_bytes], signature[number_bytes:]))
            signature = encode_dss_signature(r, s)
        key.verify(signature, message, algorithm)

    needs = f"a key on the curve P-{curve.key_size}"
    return _Algorithm(emulators, ec.EllipticCurvePublicKey, needs, sign, verify, curve.name)


ALGORITHMS: dict[str, _Algorithm] = {
    "rsa-sha256": _pkcs1(hashes.SHA256()),
    "rsa-sha512": _pkcs1(hashes.SHA512()),
    "rsa-sha1": _pkcs1(hashes.SHA1()),
    "rsa-pss-sha256": _pss(hashes.SHA256()),
    "rsa-pss-sha512": _pss(hashes.SHA512()),
    "ecdsa-p256-sha256": _ecdsa("ec", ec.SECP256R1(), hashes.SHA256()),
    "ecdsa-p384-sha384": _ecdsa("ec-p384", ec.SECP384R1(), hashes.SHA384()),
    "ecdsa-p521-sha512": _ecdsa("ec-p521", ec.SECP521R1(), hashes.SHA512()),
    "ecdsa-p521-sha512-der": _ecdsa("ec-p521", ec.SECP521R1(), hashes.SHA512(), der=True),
    "ed25519": _Algorithm(
        "ed25519", ed25519.Ed25519PublicKey, "an Ed25519 key",
        lambda key, message: key.sign(message),
        lambda key, message, signature: key.verify(signature, message),
    ),
}  # fmt: skip


def merchant_keys(
    settings: StrictModel, algorithm: str, private: str = "private_key", public: str = "provider_key"
) -> PartyKeys:
    """Return the merchant's private key and the provider's public one from two fields of the settings. Raises
    ``ContractError``.
    """
    return _keys(settings, algorithm, private, public, provider=False)


def provider_keys(
    settings: StrictModel, algorithm: str, private: str = "private_key", public: str = "provider_key"
) -> PartyKeys:
    """Return an emulator's keys: the public half of the merchant's key, and its own private key. Raises
    ``ContractError``.
    """
    return _keys(settings, algorithm, private, public, provider=True)


def _keys(settings: StrictModel, name: str, private: str, public: str, *, provider: bool) -> PartyKeys:
    """Make a pair. A missing field makes half of the pair unusable; settings must not need that half."""
    algorithm = ALGORITHMS[name]
    merchant = theirs = None
    if getattr(settings, private) is not None:
        merchant = load_private(settings, private, algorithm.key)
        _check(algorithm, merchant.public_key(), private)
    if getattr(settings, public) is not None:
        theirs = load_public(settings, public, algorithm.key)
        _check(algorithm, theirs, public)
    if not provider:
        return _pair(algorithm, merchant, theirs)
    own = None
    if theirs is not None:
        if not emulated(getattr(settings, public)):
            raise ContractError(
                (public,),
                "an emulator cannot sign for a real provider: it does not have the private half of this key",
                expected="a value that begins with emulated-",
                mend="give the key as ${env:NAME}, so that the emulator can put its own in its place",
            )
        own = emulator_key("provider", algorithm.key)
    return _pair(algorithm, own, merchant and merchant.public_key())


def _check(algorithm: _Algorithm, key: Any, field: str) -> None:
    curve = key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else None
    if not isinstance(key, algorithm.kind) or curve != algorithm.curve:
        raise ContractError((field,), "this is a key for another algorithm", expected=algorithm.needs)


def _pair(algorithm: _Algorithm, own: Any, other: Any) -> PartyKeys:
    def verify(message: bytes, signature: bytes) -> bool:
        try:
            algorithm.verify(other, message, signature)
        except (InvalidSignature, ValueError):
            return False
        return True

    return PartyKeys(lambda message: algorithm.sign(own, message), verify)


def hmac_keys(secret: bytes, algorithm: str) -> PartyKeys:
    """Return keys from a shared secret, with which each party signs and verifies."""

    def sign(message: bytes) -> bytes:
        return hmac.digest(secret, message, algorithm)

    return PartyKeys(sign, lambda message, signature: hmac.compare_digest(sign(message), signature))


def digest_keys(algorithm: str) -> PartyKeys:
    """Return keys that compute a plain digest of a message that contains the secret."""

    def sign(message: bytes) -> bytes:
        return hashlib.new(algorithm, message).digest()

    return PartyKeys(sign, lambda message, signature: hmac.compare_digest(sign(message), signature))


_ENCODE: dict[TextEncoding, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "HEX": lambda data: data.hex().upper(),
    "base64": lambda data: base64.b64encode(data).decode(),
    "base64url": lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode(),
}


def encoded(data: bytes, encoding: TextEncoding = "base64") -> str:
    return _ENCODE[encoding](data)


def decoded(text: str, encoding: TextEncoding = "base64") -> bytes | None:
    """Decode the text; ``None`` unless encoding the bytes gives exactly this text, so that a signature has only one
    form.
    """
    try:
        if encoding == "base64":
            data = base64.b64decode(text, validate=True)
        elif encoding == "base64url":
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        else:
            data = bytes.fromhex(text)
    except (ValueError, binascii.Error):
        return None
    return data if _ENCODE[encoding](data) == text else None
