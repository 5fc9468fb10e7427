"""Loads secrets and keys of a contract; their texts are never shown.

A key is written as PEM text, as the base64 of its DER form on one line (the form of some providers' consoles), or as
the path of a PEM file beside the contract. A value that begins with ``emulated-`` stands for the emulator's own key
(see ``emulator_keys/README.md``); the algorithm chooses which. A contract whose variables all became ``emulated-NAME``
can therefore be served and called without real keys.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from ..base.contract_error import ContractError
from ..base.field_types import StrictModel

__all__ = [
    "KeyFile",
    "PrivateKey",
    "PublicKey",
    "Secret",
    "emulated",
    "emulator_key",
    "load_private",
    "load_public",
    "same",
    "secret_bytes",
]

_EMULATED = "emulated-"
_EMULATOR_KEYS = Path(__file__).parent / "emulator_keys"
_MAX_BYTES = 1 << 16
_FORMS = (
    "PEM text (line ends may be written \\n), the base64 of a DER key, or the path of a PEM file beside the contract"
)
_BARE_DER = re.compile(r"M[A-Za-z0-9+/=\s]{40,}\Z")
"""DER begins with a sequence, whose base64 begins with M; a path is unlikely to match."""


class Secret(str):
    """Text that no message shows; written in a contract as ``${env:NAME}``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}('...')"

    @classmethod
    def _checked(cls, value: object, info: core_schema.ValidationInfo) -> Self:
        if not isinstance(value, str) or not value:
            raise PydanticCustomError("secret", "text, which is best taken from the environment: ${{env:NAME}}")
        return cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(cls._checked)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "minLength": 1}


class KeyFile(Secret):
    """The path of a file, relative to the folder of the contract that names it."""

    __slots__ = ("folder",)

    folder: Path

    @classmethod
    def _checked(cls, value: object, info: core_schema.ValidationInfo) -> Self:
        key = super()._checked(value, info)
        key.folder = (info.context or {}).get("folder", Path())
        return key

    @property
    def path(self) -> Path:
        return self.folder / self


class PrivateKey(KeyFile):
    """The merchant's private key."""

    __slots__ = ()


class PublicKey(KeyFile):
    """The provider's public key, or a certificate that holds it."""

    __slots__ = ()


def emulated(value: str) -> bool:
    """Return whether a setting stands for one of the emulator's own secrets."""
    return value.startswith(_EMULATED)


def same(found: str | None, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return found is not None and hmac.compare_digest(found.encode(errors="replace"), expected.encode())


def secret_bytes(settings: StrictModel, field: str, form: str) -> bytes:
    """Decode a secret written as ``text``, ``hex``, ``base64`` or ``base64url``. Raises ``ContractError``."""
    secret: Secret = getattr(settings, field)
    if form == "text" or emulated(secret):
        return secret.encode()
    try:
        if form == "hex":
            return bytes.fromhex(secret)
        return base64.b64decode(
            secret + "=" * (-len(secret) % 4), altchars=b"-_" if form == "base64url" else None, validate=True
        )
    except ValueError:
        raise ContractError((field,), f"this is not {form}", expected="the secret as the provider shows it") from None


def load_private(settings: StrictModel, field: str, name: str) -> Any:
    """Load the merchant's private key from a field of the settings; ``name`` chooses the emulator's. Raises
    ``ContractError``.
    """
    value: PrivateKey = getattr(settings, field)
    if emulated(value):
        return emulator_key("merchant", name)
    return _load(value, field, "private key", lambda pem: [lambda: serialization.load_pem_private_key(pem, None)],
                 lambda der: [lambda: serialization.load_der_private_key(der, None)])  # fmt: skip


def load_public(settings: StrictModel, field: str, name: str) -> Any:
    """Load the provider's public key from a field of the settings. Raises ``ContractError``."""
    value: PublicKey = getattr(settings, field)
    if emulated(value):
        return emulator_key("provider", name).public_key()
    return _load(
        value,
        field,
        "public key",
        lambda pem: [
            lambda: x509.load_pem_x509_certificate(pem).public_key(),
            lambda: serialization.load_pem_public_key(pem),
        ],
        lambda der: [
            lambda: x509.load_der_x509_certificate(der).public_key(),
            lambda: serialization.load_der_public_key(der),
        ],
    )


@cache
def emulator_key(owner: str, name: str) -> Any:
    """Return one of the published private keys: ``merchant`` or ``provider``; ``rsa``, ``ec`` (on P-256), ``ec-p384``,
    ``ec-p521`` or ``ed25519``.
    """
    return serialization.load_pem_private_key((_EMULATOR_KEYS / f"{owner}-{name}.pem").read_bytes(), None)


_Loaders = Callable[[bytes], list[Callable[[], Any]]]


def _load(value: KeyFile, field: str, what: str, from_pem: _Loaders, from_der: _Loaders) -> Any:
    if "-----BEGIN" in value:
        loaders = from_pem(value.replace("\\n", "\n").encode())
    elif _BARE_DER.match(value):
        try:
            loaders = from_der(base64.b64decode(value))
        except ValueError:
            raise _unusable(field, f"this is no {what}: its base64 is damaged") from None
    else:
        loaders = from_pem(_read(value, field, what))
    for load in loaders:
        try:
            return load()
        except TypeError:  # the library's word for a key that asks for a password
            raise _unusable(field, f"the {what} is protected by a password", mend="store it without one") from None
        except (ValueError, UnsupportedAlgorithm):
            continue
    raise _unusable(field, f"this is no {what}")


def _read(value: KeyFile, field: str, what: str) -> bytes:
    try:
        with value.path.open("rb") as file:
            text = file.read(_MAX_BYTES)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no such path is possible"
        raise _unusable(field, f"the file of the {what} cannot be read ({why})", mend="check the path") from None
    if b"-----BEGIN" not in text:
        raise _unusable(field, f"the file holds no {what} in PEM form")
    return text


def _unusable(field: str, problem: str, *, mend: str = "") -> ContractError:
    return ContractError((field,), problem, expected=_FORMS, mend=mend)
