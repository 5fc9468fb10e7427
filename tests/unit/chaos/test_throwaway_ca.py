"""A run's own authority: its certificates stand up to strict verification, and its files are for its owner alone."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from ackord.chaos.throwaway_ca import ThrowawayCa
from ackord.core.clock import RealClock

NOW_S = RealClock.unix_s()


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    """Shake hands in memory. Raises ``ssl.SSLError``."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "api.example.com"])
def test_a_strict_client_that_trusts_it_accepts_the_gateway_under_each_of_its_names(tmp_path: Path, name: str) -> None:
    ca = ThrowawayCa(tmp_path, NOW_S)
    leaf = ca.leaf("127.0.0.1", "localhost", "api.example.com")
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(leaf.cert, leaf.key)
    client = ssl.create_default_context(cafile=str(ca.ca_file))
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    handshake(client, server, name)
    with pytest.raises(ssl.SSLCertVerificationError, match="not valid for"):
        handshake(client, server, "api.example.org")


def test_every_file_is_for_its_owner_and_the_authority_s_key_is_in_none(tmp_path: Path) -> None:
    ThrowawayCa(tmp_path, NOW_S).leaf("localhost")
    files = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert files == dict.fromkeys(["bundle.pem", "ca.pem", "gateway.key", "gateway.pem", "truststore.p12"], 0o600)
    holding = [path.name for path in tmp_path.iterdir() if b"PRIVATE KEY" in path.read_bytes()]
    assert holding == ["gateway.key"]


def test_what_replaces_the_system_s_authorities_holds_them_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    other = ThrowawayCa(tmp_path / "other", NOW_S)
    monkeypatch.setenv("SSL_CERT_FILE", str(other.ca_file))
    ca = ThrowawayCa(tmp_path, NOW_S)
    trusted = x509.load_pem_x509_certificates(ca.bundle_file.read_bytes())
    assert len(trusted) == 2
    assert len(pkcs12.load_pkcs12(ca.java_store.read_bytes(), b"ackord").additional_certs) == 2
    assert len(x509.load_pem_x509_certificates(ca.ca_file.read_bytes())) == 1


def test_the_variables_name_files_that_are_there(tmp_path: Path) -> None:
    variables = ThrowawayCa(tmp_path, NOW_S).environment(["-Dx=1"])
    java = variables.pop("JAVA_TOOL_OPTIONS")
    assert all(Path(path).is_file() for path in variables.values())
    assert f"trustStore={tmp_path / 'truststore.p12'} " in java
    assert java.endswith(" -Dx=1")


def test_a_certificate_needs_a_host(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one host at least"):
        ThrowawayCa(tmp_path, NOW_S).leaf()
