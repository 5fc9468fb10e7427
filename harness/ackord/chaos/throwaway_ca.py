"""Makes a certificate authority for one run, with which HTTPS clients meet the gateway, and says how they are told.

The authority's key never leaves memory. What is written, into a folder of the run and for its owner's eyes only:
``ca.pem`` (the authority alone), ``bundle.pem`` (with the system's authorities, since some variables replace those),
``truststore.p12`` (the same for Java), and a certificate with its key for the gateway.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import ssl
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["LeafFiles", "ThrowawayCa"]

_LASTS = datetime.timedelta(days=7)
_CLOCKS_APART = datetime.timedelta(hours=1)
_STORE_PASSWORD = "ackord"  # Java demands one; the store holds nothing secret
_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
"""Variables that replace the authorities a client trusts: OpenSSL and Go, requests, curl, boto3."""


class LeafFiles(NamedTuple):
    """A certificate and its private key, PEM files."""

    cert: Path
    key: Path


class ThrowawayCa:
    """The authority of one run."""

    def __init__(self, folder: Path, unix_s: int) -> None:
        """Write its files into ``folder``, which exists. ``unix_s``: the time now; it is valid for a week."""
        self._folder = folder
        now = datetime.datetime.fromtimestamp(unix_s, datetime.UTC)
        self._from, self._until = now - _CLOCKS_APART, now + _LASTS
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ackord throw-away authority of one run")])
        self._certificate = self._own()
        pem = self._certificate.public_bytes(serialization.Encoding.PEM)
        system = _system_authorities()
        self.ca_file = self._write("ca.pem", pem)
        self.bundle_file = self._write("bundle.pem", b"".join([*(c + b"\n" for c in system), pem]))
        self.java_store = self._write("truststore.p12", self._java_store(system))

    def leaf(self, *hosts: str) -> LeafFiles:
        """Write a certificate for these host names and addresses, and its key. Raises ``ValueError`` without any."""
        if not hosts:
            raise ValueError("a certificate is for one host at least")
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])]), key)
            .add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        certificate = builder.sign(self._key, hashes.SHA256())
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return LeafFiles(
            self._write("gateway.pem", certificate.public_bytes(serialization.Encoding.PEM)),
            self._write("gateway.key", pem),
        )

    def environment(self, java_options: Sequence[str] = ()) -> dict[str, str]:
        """Return the variables by which clients of most languages trust it. ``java_options``: further ones for Java."""
        java = [
            f"-Djavax.net.ssl.trustStore={self.java_store}",
            "-Djavax.net.ssl.trustStoreType=PKCS12",
            f"-Djavax.net.ssl.trustStorePassword={_STORE_PASSWORD}",
        ]
        return {
            **dict.fromkeys(_BUNDLE_VARIABLES, str(self.bundle_file)),
            "NODE_EXTRA_CA_CERTS": str(self.ca_file),
            "ACKORD_CA_FILE": str(self.ca_file),
            "JAVA_TOOL_OPTIONS": " ".join([*java, *java_options]),
        }

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._from)
            .not_valid_after(self._until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )

    def _own(self) -> x509.Certificate:
        builder = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(digital_signature=False), critical=True)
        )
        return builder.sign(self._key, hashes.SHA256())

    def _java_store(self, system: Sequence[bytes]) -> bytes:
        certificates = [self._certificate]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some old authorities break rules that came after them
            for pem in system:
                with contextlib.suppress(ValueError):
                    certificates.append(x509.load_pem_x509_certificate(pem))
        entries = [pkcs12.PKCS12Certificate(c, f"ackord-{n}".encode()) for n, c in enumerate(certificates)]
        encryption = serialization.BestAvailableEncryption(_STORE_PASSWORD.encode())
        return pkcs12.serialize_java_truststore(entries, encryption)

    def _write(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        return path


def _usage(*, digital_signature: bool) -> x509.KeyUsage:
    """What a key is for: signatures of handshakes, or else of certificates."""
    signs = not digital_signature
    return x509.KeyUsage(
        digital_signature=digital_signature, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=signs, crl_sign=signs, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _system_authorities() -> list[bytes]:
    """The authorities that the system trusts, in PEM; empty where it has no file of them."""
    where = ssl.get_default_verify_paths().cafile
    if where is None:
        return []
    end = b"-----END CERTIFICATE-----"
    begin = b"-----BEGIN CERTIFICATE-----"
    with contextlib.suppress(OSError):
        return [begin + part.partition(begin)[2] + end for part in Path(where).read_bytes().split(end) if begin in part]
    return []
