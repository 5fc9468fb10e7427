"""Configures TLS towards the provider (verified by default) and towards the merchant (if a certificate is given).

TLS 1.2 or newer, HTTP/1.1 by ALPN. A handshake error says whose certificate failed, why, and how to mend it.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UsageError, did_you_mean

__all__ = ["HANDSHAKE_LIMIT_S", "SHUTDOWN_LIMIT_S", "TlsFailed", "UpstreamTls", "downstream_tls", "upstream_tls"]

HANDSHAKE_LIMIT_S = 5.0
SHUTDOWN_LIMIT_S = 1.0
"""Limit for the peer's answer to a closure alert."""

_UPSTREAM = {"ca": "", "server_name": "", "verify": True, "cert": "", "key": ""}
_MERCHANT = {"cert": "", "key": ""}

# Codes of OpenSSL's verification (x509_vfy.h); the ``ssl`` module has no names for them.
_NOT_YET_VALID, _EXPIRED, _REVOKED = 9, 10, 23
_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _NO_ISSUER, _NO_FIRST_ISSUER = 18, 19, 20, 21
_WRONG_HOST, _WRONG_ADDRESS = 62, 64
_UNTRUSTED = (_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _NO_ISSUER, _NO_FIRST_ISSUER)


class TlsFailed(OSError):
    """No TLS connection to the provider; its text says why and how to mend it."""


@dataclass(frozen=True, slots=True)
class UpstreamTls:
    """How connections to the provider are secured."""

    context: ssl.SSLContext
    server_name: str
    """The host name that the certificate must have; empty: the host of the connection."""
    ca: str
    """The file of the only authorities that are trusted; empty: the system's."""

    def name(self, host: str) -> str:
        return self.server_name or host

    def explain(self, error: OSError, host: str) -> TlsFailed:
        """Build from the ``error`` of a handshake with ``host`` an exception that explains it."""
        name = self.name(host)
        if isinstance(error, ssl.SSLCertVerificationError):
            return TlsFailed(_unverified(error, name, self.ca))
        reason = getattr(error, "reason", None) or ""
        if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
            return TlsFailed(
                "it does not speak TLS. Mend: address it as http://, or give the port on which it speaks TLS"
            )
        if "PROTOCOL_VERSION" in reason or "UNSUPPORTED_PROTOCOL" in reason:
            return TlsFailed("it offers no TLS 1.2 or newer. Mend: let the provider speak TLS 1.2 or 1.3")
        if "ALERT" in reason:
            return TlsFailed(
                f"it refused the TLS handshake: {reason.lower().replace('_', ' ')}. "
                "Mend: if it asks for a client certificate, give upstream_tls.cert and upstream_tls.key "
                "(mtls in a contract)"
            )
        if isinstance(error, TimeoutError | ConnectionAbortedError):
            return TlsFailed(
                f"its TLS handshake was not over within {HANDSHAKE_LIMIT_S:g} s. Mend: does it speak TLS there?"
            )
        if isinstance(error, ConnectionResetError):
            return TlsFailed(
                "it ended the connection during the TLS handshake. Mend: does it speak TLS 1.2 or newer there, "
                "or ask for a client certificate (mtls in a contract)?"
            )
        return TlsFailed(f"the TLS handshake failed: {error.strerror or error or type(error).__name__}")


def _unverified(error: ssl.SSLCertVerificationError, name: str, ca: str) -> str:
    code = error.verify_code
    if code in _UNTRUSTED:
        whom = f"the authorities in {ca}" if ca else "the system's authorities"
        problem = f"its certificate was issued by an authority that is unknown to {whom}"
        mend = "name the PEM file of its authority in upstream_tls.ca"
    elif code in (_WRONG_HOST, _WRONG_ADDRESS):
        problem = f"its certificate is not for {name!r}"
        mend = "connect by a name that is in the certificate, or give that name as upstream_tls.server_name"
    elif code == _EXPIRED:
        problem, mend = "its certificate has expired", "renew it (or set this machine's clock)"
    elif code == _NOT_YET_VALID:
        problem, mend = "its certificate is not valid yet", "set the clocks of both machines"
    elif code == _REVOKED:
        problem, mend = "its certificate was revoked", "give the provider a new one"
    else:
        problem, mend = f"its certificate was not accepted: {error.verify_message}", "mend the certificate"
    return f"{problem} ({error.verify_message}). Mend: {mend}"


def upstream_tls(settings: Mapping[str, Any]) -> UpstreamTls:
    """Return what connections to the provider need.

    Keys: ``ca`` (PEM file of the authorities to trust instead of the system's), ``server_name``, ``verify`` (``False``
    accepts any certificate), ``cert`` and ``key`` (PEM files of the client certificate, if the provider asks for one).
    Raises ``UsageError``.
    """
    known = _known(settings, _UPSTREAM, "upstream_tls")
    if known["cert"] == "" and known["key"]:
        raise UsageError(
            "upstream_tls: key is given without cert. Expected both, or a cert file that holds the key too"
        )
    ca = known["ca"]
    try:
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=ca or None)
    except (OSError, ValueError) as error:
        raise _unreadable("upstream_tls.ca", ca, "certificates in PEM", error) from None
    if not known["verify"]:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if known["cert"]:
        _show(context, known["cert"], known["key"], "upstream_tls")
    return UpstreamTls(_modern(context), known["server_name"], ca)


def downstream_tls(settings: Mapping[str, Any]) -> ssl.SSLContext:
    """Return the TLS context of the port for merchants.

    Keys: ``cert`` and ``key``, PEM files (``key`` may be in the same file as ``cert``). Raises ``UsageError``.
    """
    known = _known(settings, _MERCHANT, "merchant_tls")
    if not known["cert"]:
        raise UsageError("merchant_tls: no cert. Expected the PEM file of the certificate that merchants are shown")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _show(context, known["cert"], known["key"], "merchant_tls")
    return _modern(context)


def _modern(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _show(context: ssl.SSLContext, cert: str, key: str, where: str) -> None:
    try:
        # The password callback keeps OpenSSL from asking at a terminal for the password of a key that has one.
        context.load_cert_chain(cert, key or None, password=lambda: b"")
    except (OSError, ValueError) as error:
        missing = key if key and not Path(key).is_file() else cert
        raise _unreadable(
            f"{where}.cert or .key", missing, "a certificate and its key in PEM, without password", error
        ) from None


def _known(settings: Mapping[str, Any], defaults: dict[str, Any], where: str) -> dict[str, Any]:
    """The settings with defaults. Raises ``UsageError`` for unknown ones and wrong types."""
    for name, value in settings.items():
        if name not in defaults:
            near = did_you_mean(name, defaults)
            raise UsageError(f"{where}: nothing is called {name!r}.{near} Known: {', '.join(defaults)}")
        if type(value) is not type(defaults[name]):
            raise UsageError(
                f"{where}.{name} is {value!r}. Expected {'true or false' if name == 'verify' else 'a text'}"
            )
    return {**defaults, **settings}


def _unreadable(where: str, path: str, expected: str, error: Exception) -> UsageError:
    why = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
    return UsageError(f"{where}: {path}: {why}. Expected a file with {expected}")
