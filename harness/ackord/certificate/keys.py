"""Makes and reads the Ed25519 keys with which certificates are signed: PEM files, as every tool reads them."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from ..errors import FileError, unwritable

__all__ = ["KeyFiles", "fingerprint", "make_keys", "public_pem", "read_private_key", "read_public_key"]

_MOST_BYTES = 16_384


class KeyFiles(NamedTuple):
    """A pair of keys on disk."""

    private: Path
    public: Path
    fingerprint: str


def make_keys(private: Path) -> KeyFiles:
    """Write a new private key to ``private``, for its owner's eyes only, and the public one beside it (``.pub.pem``).

    Raises ``FileError`` if one of the files exists already (nothing is written then) or cannot be written.
    """
    public = private.with_name(f"{private.name.removesuffix('.pem')}.pub.pem")
    for path in (private, public):
        if path.exists() or path.is_symlink():
            raise FileError(
                path, None, "this file exists already, and a key that is written over is lost",
                mend="choose another name with --out, or move it away",
            )  # fmt: skip
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_new(private, pem, 0o600)
    try:
        _write_new(public, public_pem(key.public_key()), 0o644)
    except Exception:
        private.unlink()
        raise
    return KeyFiles(private, public, fingerprint(key.public_key()))


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """Write a file that must not exist. It never has wider permissions than ``mode``, not even while it is empty."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), mode)
    except OSError as error:
        raise unwritable(path, "the key", error, mend="choose another name with --out") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        with contextlib.suppress(OSError):
            path.unlink()
        raise unwritable(path, "the key", error, mend="choose another name with --out") from error


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """Read a private key. Raises ``FileError`` for another file, and for a key that others can read."""
    pem = _read(path, "a private key that `ackord keys new` made")
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise FileError(
            path, None, "this is no private key that can be read",
            expected="an Ed25519 key in PEM, without a passphrase", mend="make one with `ackord keys new`",
        ) from error  # fmt: skip
    if not isinstance(key, Ed25519PrivateKey):
        raise FileError(
            path, None, "this key is of another kind", expected="Ed25519", mend="make one with `ackord keys new`"
        )
    if path.stat().st_mode & 0o077:
        raise FileError(
            path, None, "others on this machine can read this private key", mend=f"chmod 600 {path}",
        )  # fmt: skip
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key. Raises ``FileError`` for another file."""
    pem = _read(path, "a public key in PEM, such as key.pub.pem")
    if b"PRIVATE" in pem:
        raise FileError(
            path, None, "this is a private key, which nobody but its owner may have",
            expected="the public key, such as key.pub.pem",
        )  # fmt: skip
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise FileError(
            path, None, "this is no public key that can be read", expected="an Ed25519 key in PEM"
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise FileError(path, None, "this key is of another kind", expected="Ed25519")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 of the key's encoding (SubjectPublicKeyInfo), in hexadecimal, as `openssl` and `sha256sum`
    make it.
    """
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _read(path: Path, expected: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError as error:
        raise FileError(path, None, f"it cannot be read: {error.strerror}", expected=expected) from error
