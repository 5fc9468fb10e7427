"""Clients that insist on HTTPS, or whose provider's host is fixed, reach the gateway; the proxy leads nowhere else."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ackord.chaos.chaos_process import ProxyPort
from ackord.core.clock import RealClock
from ackord.errors import UsageError
from ackord.host.run_dir import RunDir
from ackord.run.environments.merchant_access import MerchantAccess, open_access
from ackord.run.options.run_options import RunOptions

from ..waiting import until
from .edges import Edge, Process
from .peers import Provider

HOST = "api.example.com"
PYTHON = "import requests, sys; r = requests.get(sys.argv[1]); print(r.status_code, r.text)"
NODE = "fetch(process.argv[1]).then(async r => console.log(r.status, await r.text()))"
JAVA = """
import java.net.*; import java.io.*;
public class Ask { public static void main(String[] a) throws Exception {
  var c = (HttpURLConnection) new URI(a[0]).toURL().openConnection();
  System.out.println(c.getResponseCode() + " " + new String(c.getInputStream().readAllBytes())); } }
"""


@contextmanager
def access(process: Process, edge: Edge, **options: object) -> Iterator[MerchantAccess]:
    with RunDir.create() as run:
        given = RunOptions(**options)  # type: ignore[arg-type]
        yield open_access(process.chaos, ProxyPort(edge.name, edge.port), run, given, RealClock.unix_s())


def client(language: str, url: str, folder: Path) -> list[str]:
    if language == "python":
        return [sys.executable, "-c", PYTHON, url]
    if language == "curl":
        return ["curl", "-sS", "-w", "%{http_code}", url]
    if language == "node":
        return ["node", "-e", NODE, url]
    (folder / "Ask.java").write_text(JAVA)
    return ["java", "-XX:TieredStopAtLevel=1", str(folder / "Ask.java"), url]


def answer(language: str, url: str, variables: dict[str, str], folder: Path) -> str:
    program = client(language, url, folder)
    if language != "python" and shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}
    done = subprocess.run(program, env=env, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("language", ["python", "curl", "node", pytest.param("java", marks=pytest.mark.full)])
def test_a_client_that_insists_on_https_trusts_the_gateway(
    process: Process, provider: Provider, language: str, tmp_path: Path
) -> None:
    edge = Edge(process, A=provider)
    with access(process, edge, tls=True) as way:
        assert way.url.startswith("https://127.0.0.1:")
        assert way.proxy_url == ""
        said = answer(language, f"{way.url}/a", dict(way.variables), tmp_path)
        assert '{"path": "/a"}' in said, said
        untold = answer("python", f"{way.url}/a", {}, tmp_path)
        assert "CERTIFICATE_VERIFY_FAILED" in untold, "only who was told trusts it"


@pytest.mark.parametrize("language", ["python", "curl", pytest.param("java", marks=pytest.mark.full)])
def test_a_client_with_a_fixed_host_is_led_to_the_gateway(
    process: Process, provider: Provider, language: str, tmp_path: Path
) -> None:
    edge = Edge(process, A=provider)
    with access(process, edge, proxy_host=HOST) as way:
        said = answer(language, f"https://{HOST}/b", dict(way.variables), tmp_path)
        assert '{"path": "/b"}' in said, said
        assert f"Host: {HOST}".encode().lower() in provider.seen[-1].raw.lower()
        assert [e["request"]["target"] for e in edge.exchanges()] == ["/b"]


def test_a_fault_meets_it_there_too(process: Process, provider: Provider, tmp_path: Path) -> None:
    edge = Edge(process, A=provider)
    edge.fault("lost-answer", mode="reset")
    with access(process, edge, proxy_host=HOST) as way:
        assert "Remote end closed" in answer("python", f"https://{HOST}/b", dict(way.variables), tmp_path)
        assert provider.paths == ["/b"]


@pytest.mark.parametrize(
    ("sent", "status", "why"),
    [
        (b"CONNECT elsewhere.example:443 HTTP/1.1\r\n\r\n", 403, "leads to api.example.com:443 alone"),
        (b"CONNECT api.example.com:444 HTTP/1.1\r\n\r\n", 403, "leads to api.example.com:443 alone"),
        (b"GET http://api.example.com/ HTTP/1.1\r\n\r\n", 405, "takes CONNECT alone"),
        (b"CONNECT x HTTP/1.1\r\nA: " + 9000 * b"a", 431, "too long"),
        (b"CONNECT a/b:443 HTTP/1.1\r\n\r\n", 400, "is no host"),
        (b"CONNECT api.example.com:443 HTTP/1.1\r\n\r\nhello", 400, "before the tunnel was open"),
    ],
    ids=["host", "port", "get", "long", "nonsense", "early"],
)
def test_anything_else_is_refused_with_a_reason_and_told(
    process: Process, provider: Provider, sent: bytes, status: int, why: str
) -> None:
    edge = Edge(process, A=provider)
    with access(process, edge, proxy_host=HOST) as way:
        port = int(way.proxy_url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as tcp:
            tcp.sendall(sent)
            said = tcp.makefile("rb").read().decode()
        assert said.startswith(f"HTTP/1.1 {status} ")
        assert why in said

        def told() -> bool:
            mine = [e for e in list(process.events) if e["event"] == "proxy-refused" and e["edge"] == edge.name]
            return any(why in e["problem"] for e in mine)

        until(told, "the run is told")
        assert provider.seen == []


def test_a_client_that_does_not_trust_it_gets_no_further(process: Process, provider: Provider) -> None:
    edge = Edge(process, A=provider)
    with access(process, edge, proxy_host=HOST) as way:
        port = int(way.proxy_url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as tcp:
            tcp.sendall(f"CONNECT {HOST}:443 HTTP/1.1\r\n\r\n".encode())
            assert tcp.recv(100).startswith(b"HTTP/1.1 200 ")
            with pytest.raises(ssl.SSLCertVerificationError):
                ssl.create_default_context().wrap_socket(tcp, server_hostname=HOST)
        assert provider.seen == []


def test_a_host_that_is_none_is_refused_before_anything_is_opened(process: Process, provider: Provider) -> None:
    with pytest.raises(UsageError, match="is no host"), access(process, Edge(process, A=provider), proxy_host="a b"):
        pass


def test_the_files_are_gone_with_the_run(process: Process, provider: Provider) -> None:
    with access(process, Edge(process, A=provider), tls=True) as way:
        file = Path(way.variables["ACKORD_CA_FILE"])
        assert file.is_file()
        assert file.parent.stat().st_mode & 0o777 == 0o700
    assert not file.exists()
