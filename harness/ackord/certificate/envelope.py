"""Signs statements into DSSE envelopes and opens them again, a line an envelope, as in-toto bundles them.

There is one way to write an envelope here, and ``open_envelopes`` takes no other: base64, order of fields and spaces
are in no signature, and a file that could be changed without being found out would be no evidence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey  # type: ignore[attr-defined]

from .keys import fingerprint

__all__ = ["PAYLOAD_TYPE", "OpenedEnvelope", "open_envelopes", "seal"]

PAYLOAD_TYPE = "application/vnd.in-toto+json"

Json = dict[str, Any]


class OpenedEnvelope(NamedTuple):
    """An envelope whose form is right and whose signature was not checked yet."""

    statement: Json
    key_id: str
    """The fingerprint of the key that is said to have signed it."""
    envelope: Envelope

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Return whether the key made the signature, whatever ``key_id`` says."""
        (signature,) = self.envelope.signatures.values()
        try:
            _public(key).verify_signature(Signature(fingerprint(key), signature.signature), self.envelope.pae())
        except UnverifiedSignatureError:
            return False
        return True


def seal(statements: Iterable[Json], key: Ed25519PrivateKey) -> bytes:
    """Return the statements signed, an envelope a line."""
    signer = CryptoSigner(key, _public(key.public_key()))
    envelopes = []
    for statement in statements:
        envelope = Envelope(_payload(statement), PAYLOAD_TYPE, {})
        envelope.sign(signer)
        envelopes.append(envelope)
    return _lines(envelopes)


def open_envelopes(data: bytes) -> list[OpenedEnvelope]:
    """Return the envelopes of a file. Raises ``ValueError``, with what is wrong, for any file that ``seal`` cannot have
    written.
    """
    opened = []
    for number, line in enumerate(data.decode("ascii").splitlines(), start=1):
        try:
            envelope = Envelope.from_dict(json.loads(line))
            statement = json.loads(envelope.payload)
        except Exception as error:  # whatever the bytes are, they are no envelope
            raise ValueError(f"line {number} is no DSSE envelope with a statement in JSON") from error
        if envelope.payload_type != PAYLOAD_TYPE:
            raise ValueError(f"line {number} holds {envelope.payload_type!r} instead of {PAYLOAD_TYPE!r}")
        if len(envelope.signatures) != 1 or not isinstance(statement, dict):
            raise ValueError(f"line {number} holds {len(envelope.signatures)} signatures instead of one")
        if _payload(statement) != envelope.payload:
            raise ValueError(f"the statement of line {number} is not written as Ackord writes it")
        opened.append(OpenedEnvelope(statement, next(iter(envelope.signatures)), envelope))
    if _lines(o.envelope for o in opened) != data:
        raise ValueError("the envelopes are not written as Ackord writes them")
    return opened


def _payload(statement: Json) -> bytes:
    return json.dumps(statement, separators=(",", ":"), sort_keys=True, ensure_ascii=True, allow_nan=False).encode()


def _lines(envelopes: Iterable[Envelope]) -> bytes:
    lines = [json.dumps(e.to_dict(), separators=(",", ":"), sort_keys=True, ensure_ascii=True) for e in envelopes]
    return "".join(f"{line}\n" for line in lines).encode()


def _public(key: Ed25519PublicKey) -> SSlibKey:
    return SSlibKey.from_crypto(key, keyid=fingerprint(key))
