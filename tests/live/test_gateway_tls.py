"""TLS of the gateway on real sockets: to the provider, towards the merchant, and what is said when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from ackord.errors import EnvironmentFailed

from .edges import Process
from .peers import Answer, Merchant, Provider

Json = dict[str, Any]
NAME = "provider.example"
TWENTY_MB = 20 * 1000 * 1000


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusted(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)


def server_context(cert: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    cert.configure_cert(context)
    return context


class TlsProvider(Provider):
    """The provider of the other tests, behind TLS."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self._context = context

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 17, ssl=self._context)
        self.port = self._server.sockets[0].getsockname()[1]


class TlsMerchant(Merchant):
    def __init__(self, port: int, context: ssl.SSLContext, name: str = "localhost") -> None:
        super().__init__(port)
        self.socket = context.wrap_socket(self.socket, server_hostname=name)


class TlsEdge:
    def __init__(self, process: Process, port: int, **settings: Any) -> None:
        self.process = process
        self.name = f"tls-{port}"
        self.port = process.chaos.open_edge(self.name, {"A": ("127.0.0.1", port)}, **settings).port

    def ask(self, method: str = "GET", path: str = "/a", body: bytes = b"", **ackord: str | int) -> Answer:
        with Merchant(self.port) as merchant:
            return merchant.ask(method, path, body, **ackord)

    def exchanges(self) -> list[Json]:
        assert self.process.chaos.drain(self.name)
        return [e for e in self.process.events if e["event"] == "exchange" and e["edge"] == self.name]


@contextmanager
def tls_edge(process: Process, context: ssl.SSLContext, **settings: Any) -> Iterator[tuple[TlsEdge, TlsProvider]]:
    with TlsProvider(context) as provider:
        edge = TlsEdge(process, provider.port, **settings)
        yield edge, provider
        process.chaos.close_edge(edge.name)


def refusal(edge: TlsEdge) -> str:
    """What the merchant is told, which must be what the record says."""
    answer = edge.ask(op=1)
    assert answer.status == 502
    assert b'"code":"ACKORD_UPSTREAM_TLS"' in answer.body
    (record,) = edge.exchanges()
    assert (record["end"], record["complete_ns"], record["status"]) == ("refused", None, None)
    detail: str = record["detail"]
    assert detail.encode() in answer.body.replace(b'\\"', b'"')
    assert "Mend: " in detail
    return detail


# -- to the provider ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["127.0.0.1", NAME])
def test_a_provider_behind_tls(process: Process, ca: trustme.CA, trusted: str, name: str) -> None:
    """By its address, or by a name of its own that is no address of this machine."""
    tls = {"ca": trusted} if name == "127.0.0.1" else {"ca": trusted, "server_name": name}
    with tls_edge(process, server_context(ca.issue_cert(name)), upstream_tls=tls) as (edge, provider):
        assert edge.ask("POST", "/pay", b"x" * 100_000, op=1).body == b'{"path": "/pay"}'
        with Merchant(edge.port) as merchant:
            for turn in range(3):
                assert merchant.ask("GET", f"/{turn}", op=2 + turn).status == 200
        assert {seen.connection for seen in provider.seen} == {1}, "a connection is used again"
        assert [e["end"] for e in edge.exchanges()] == ["complete"] * 4


def test_large_bodies_pass_through_tls_in_both_directions(process: Process, ca: trustme.CA, trusted: str) -> None:
    with tls_edge(process, server_context(ca.issue_cert("127.0.0.1")), upstream_tls={"ca": trusted}) as (
        edge,
        provider,
    ):
        assert len(edge.ask("GET", f"/bytes/{TWENTY_MB}", op=1).body) == TWENTY_MB
        with Merchant(edge.port) as merchant:
            merchant.send(b"POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % TWENTY_MB)
            sender = threading.Thread(target=merchant.send, args=(b"x" * TWENTY_MB,))
            sender.start()
            assert merchant.answer().status == 200
            sender.join()
        assert provider.seen[1].body_bytes == TWENTY_MB


def test_an_unknown_authority_is_refused(process: Process, ca: trustme.CA, trusted: str, tmp_path: Path) -> None:
    stranger = server_context(trustme.CA().issue_cert("127.0.0.1"))
    with tls_edge(process, stranger, upstream_tls={}) as (edge, provider):
        text = refusal(edge)
        assert "an authority that is unknown to the system's authorities" in text
        assert "upstream_tls.ca" in text
        assert provider.seen == []
    with tls_edge(process, stranger, upstream_tls={"ca": trusted}) as (edge, _):
        assert f"unknown to the authorities in {trusted}" in refusal(edge)


def test_a_wrong_name_is_refused(process: Process, ca: trustme.CA, trusted: str) -> None:
    context = server_context(ca.issue_cert("elsewhere.example"))
    with tls_edge(process, context, upstream_tls={"ca": trusted}) as (edge, provider):
        text = refusal(edge)
        assert "its certificate is not for '127.0.0.1'" in text
        assert "upstream_tls.server_name" in text
        assert provider.seen == []
    with tls_edge(process, context, upstream_tls={"ca": trusted, "server_name": NAME}) as (edge, _):
        assert f"its certificate is not for '{NAME}'" in refusal(edge)


def test_an_expired_certificate_is_refused(process: Process, ca: trustme.CA, trusted: str) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    cert = ca.issue_cert("127.0.0.1", not_before=past, not_after=past + datetime.timedelta(days=1))
    with tls_edge(process, server_context(cert), upstream_tls={"ca": trusted}) as (edge, _):
        assert "its certificate has expired" in refusal(edge)


def test_verification_can_be_switched_off_only_by_name(process: Process) -> None:
    context = server_context(trustme.CA().issue_cert("elsewhere.example"))
    with tls_edge(process, context, upstream_tls={"verify": False}) as (edge, _):
        assert edge.ask().status == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_older_than_1_2_is_refused(process: Process, ca: trustme.CA, trusted: str) -> None:
    context = server_context(ca.issue_cert("127.0.0.1"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with tls_edge(process, context, upstream_tls={"ca": trusted}) as (edge, _):
        assert "TLS 1.2 or newer" in refusal(edge)


def test_a_provider_without_tls_is_told_from_one_that_is_not_there(process: Process, trusted: str) -> None:
    def refuse() -> None:
        with listener.accept()[0] as plain:
            plain.recv(1 << 16)
            plain.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=refuse)
        thread.start()
        edge = TlsEdge(process, port, upstream_tls={"ca": trusted})
        assert "it does not speak TLS" in refusal(edge)
        thread.join()
        process.chaos.close_edge(edge.name)
    edge = TlsEdge(process, port, upstream_tls={"ca": trusted})
    assert b"ACKORD_UPSTREAM_UNREACHABLE" in edge.ask().body
    process.chaos.close_edge(edge.name)


def test_a_provider_that_asks_for_a_certificate_gets_ours(
    process: Process, ca: trustme.CA, trusted: str, tmp_path: Path
) -> None:
    context = server_context(ca.issue_cert("127.0.0.1"))
    ca.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    mine = str(tmp_path / "mine.pem")
    ca.issue_cert("merchant.example").private_key_and_cert_chain_pem.write_to_path(mine)
    with tls_edge(process, context, upstream_tls={"ca": trusted, "cert": mine}) as (edge, _):
        assert edge.ask().status == 200


@pytest.mark.parametrize("properly", [True, False])
def test_an_answer_that_ends_with_the_connection_is_whole_only_if_tls_was_closed(
    process: Process, ca: trustme.CA, trusted: str, properly: bool
) -> None:
    """RFC 9112, 9.8: anyone on the way could have ended the TCP connection; a closure alert can only come from the
    provider.
    """
    context = server_context(ca.issue_cert("127.0.0.1"))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener.accept()[0] as raw:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing, server_side=True)

            def until_done(act: Any) -> Any:
                while True:
                    try:
                        return act()
                    except ssl.SSLWantReadError:
                        raw.sendall(outgoing.read())
                        incoming.write(raw.recv(1 << 16))
                    finally:
                        raw.sendall(outgoing.read())

            until_done(tls.do_handshake)
            until_done(lambda: tls.read(1 << 16))
            tls.write(b"HTTP/1.1 200 OK\r\n\r\nall of it")
            if properly:
                with contextlib.suppress(ssl.SSLWantReadError):
                    tls.unwrap()
            raw.sendall(outgoing.read())

    thread = threading.Thread(target=serve)
    thread.start()
    with listener:
        edge = TlsEdge(process, listener.getsockname()[1], upstream_tls={"ca": trusted})
        with Merchant(edge.port) as merchant:
            merchant.request("GET", "/", op=1)
            if properly:
                assert merchant.answer().body == b"all of it"
            else:
                with pytest.raises(ConnectionError):
                    merchant.answer()
        assert [e["end"] for e in edge.exchanges()] == ["complete" if properly else "reset"]
        process.chaos.close_edge(edge.name)
    thread.join()


# -- towards the merchant ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """``merchant_tls`` with certificate and key in files of their own."""
    folder, cert = tmp_path_factory.mktemp("shown"), ca.issue_cert("localhost")
    cert.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    cert.private_key_pem.write_to_path(str(folder / "key.pem"))
    return {"cert": str(folder / "cert.pem"), "key": str(folder / "key.pem")}


@pytest.fixture
def trusting(ca: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ca.configure_trust(context)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def test_a_merchant_behind_tls(process: Process, shown: Json, trusting: ssl.SSLContext) -> None:
    with Provider() as provider:
        edge = TlsEdge(process, provider.port, merchant_tls=shown, record_body_bytes=100)
        with TlsMerchant(edge.port, trusting) as merchant:
            assert merchant.socket.selected_alpn_protocol() == "http/1.1"
            assert merchant.socket.version() in ("TLSv1.2", "TLSv1.3")
            assert merchant.ask("POST", "/pay", b"x", op=1).status == 200
            merchant.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % i for i in range(20)))
            assert [merchant.answer().body for _ in range(20)] == [b'{"path": "/%d"}' % i for i in range(20)]
            merchant.request("GET", f"/bytes/{TWENTY_MB}", op=2)
            assert len(merchant.answer().body) == TWENTY_MB
        with TlsMerchant(edge.port, trusting) as merchant:
            merchant.send(b"GET /close HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert merchant.rest().endswith(b'{"path": "/close"}'), "ended with a closure alert"
        with TlsMerchant(edge.port, trusting) as merchant:
            merchant.send(b"GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n")
            assert merchant.answer().status == 400
        assert len(edge.exchanges()) == 23
        process.chaos.close_edge(edge.name)


def test_faults_reach_a_merchant_behind_tls(process: Process, shown: Json, trusting: ssl.SSLContext) -> None:
    with Provider() as provider:
        edge = TlsEdge(process, provider.port, merchant_tls=shown)
        process.chaos.set_rules(edge.name, 1, [{"fault": "lost-answer"}])
        with TlsMerchant(edge.port, trusting) as merchant:
            merchant.request("POST", "/pay", b"x", op=1, key="submit/1/1")
            with pytest.raises(ConnectionResetError):  # below TLS, since ``ssl`` tells a reset and an end alike
                merchant.socket.settimeout(None)
                while os.read(merchant.socket.fileno(), 1 << 16):
                    pass
        (record,) = edge.exchanges()
        assert (record["end"], record["status"]) == ("complete", 200)
        process.chaos.close_edge(edge.name)


def test_a_plain_request_or_a_stranger_s_handshake_harms_nothing(
    process: Process, shown: Json, trusting: ssl.SSLContext
) -> None:
    with Provider() as provider:
        edge = TlsEdge(process, provider.port, merchant_tls=shown)
        with Merchant(edge.port) as merchant, pytest.raises(ConnectionError):
            merchant.ask("GET", "/")
        with pytest.raises(ssl.SSLCertVerificationError):
            TlsMerchant(edge.port, ssl.create_default_context())
        with TlsMerchant(edge.port, trusting) as merchant:
            assert merchant.ask("GET", "/").status == 200
        assert provider.paths == ["/"]
        process.chaos.close_edge(edge.name)


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"upstream_tls": {"ca": "{missing}"}}, "upstream_tls.ca: .*missing.pem: No such file or directory"),
        (
            {"upstream_tls": {"ca": "{broken}"}},
            "upstream_tls.ca: .*broken.pem: .*Expected a file with certificates in PEM",
        ),
        ({"upstream_tls": {"cert": "{missing}"}}, "upstream_tls.cert or .key: .*missing.pem"),
        ({"upstream_tls": {"key": "{missing}"}}, "key is given without cert"),
        ({"upstream_tls": {"verfy": False}}, "nothing is called 'verfy'. Did you mean \"verify\""),
        ({"upstream_tls": {"verify": "no"}}, "upstream_tls.verify is 'no'. Expected true or false"),
        ({"merchant_tls": {}}, "merchant_tls: no cert"),
        ({"merchant_tls": {"cert": "{broken}"}}, "merchant_tls.cert or .key: .*broken.pem"),
        ({"idle_timeout_ms": 0}, "idle_timeout_ms is 0"),
        ({"max_connections": 0}, "max_connections is 0"),
    ],
)
def test_settings_that_make_no_sense(process: Process, tmp_path: Path, settings: Json, words: str) -> None:
    (tmp_path / "broken.pem").write_text("this is no certificate")

    def fill(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: fill(each) for key, each in value.items()}
        return str(tmp_path / f"{value[1:-1]}.pem") if isinstance(value, str) and value.startswith("{") else value

    for _ in range(2):  # a refused edge's name is free again
        with pytest.raises(EnvironmentFailed, match=words):
            process.chaos.open_edge("nonsense", {"A": ("127.0.0.1", 1)}, **fill(settings))
