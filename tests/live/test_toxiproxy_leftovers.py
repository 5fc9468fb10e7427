"""Nothing of a run stays on a Toxiproxy, or as one, however the run ends; what is not ours stays as it was."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ackord.chaos.links.kinds import LatencyToxic
from ackord.chaos.toxiproxy import server_process
from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine, delete_proxies, find_server
from ackord.errors import EnvironmentFailed, UsageError
from ackord.host.run_dir import RunDir, sweep

from .peers import PATIENCE_S, eventually
from .toxiproxy_server import toxiproxy_server

_RUN = """
import json, os, signal, sys
from ackord.chaos.chaos_process import ChaosProcess
from ackord.chaos.links.kinds import LatencyToxic
from ackord.chaos.toxiproxy.embedded_engine import EmbeddedEngine
from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine
from ackord.host.run_dir import RunDir

def ended(number, frame):
    raise SystemExit(143)

signal.signal(signal.SIGTERM, ended)
how, what, program = sys.argv[1:]
with RunDir.create() as run:
    if what == "embedded":
        engine = EmbeddedEngine(ChaosProcess.start(run))
    elif what == "started":
        engine = ToxiproxyEngine.start(run, program)
    else:
        engine = ToxiproxyEngine.connect(what, run)
    address = engine.open_link("replication", "127.0.0.1", 9)
    engine.set_toxics("replication", [LatencyToxic(latency_ms=50)])
    ports = [address[1]]
    if what == "started":
        ports.append(int(engine.url.rpartition(":")[2]))
    print(json.dumps({"ports": ports, "run": str(run.path)}), flush=True)
    if how == "normal":
        engine.stop()
    elif how == "exception":
        raise RuntimeError("in the middle of the run")
    else:
        signal.pause()
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of this test alone are swept."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.fixture(scope="module")
def foreign() -> Iterator[str]:
    """The address of a Toxiproxy that is not ours, with a proxy of somebody else."""
    program = toxiproxy_server()
    with RunDir.create() as run:
        owner = ToxiproxyEngine.start(run, program)
        _api("POST", owner.url, "/proxies", {"name": "theirs", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"})
        _api("POST", owner.url, "/proxies/theirs/toxics", {"type": "latency", "attributes": {"latency": 7}})
        yield owner.url
        owner.stop()


def _api(method: str, url: str, path: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url + path, data, {"User-Agent": "test"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=PATIENCE_S) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize("how", ["normal", "exception", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("what", ["embedded", "started", "foreign"])
def test_nothing_stays(what: str, how: str, request: pytest.FixtureRequest) -> None:
    program = toxiproxy_server() if what == "started" else ""
    url = request.getfixturevalue("foreign") if what == "foreign" else ""
    theirs = _api("GET", url, "/proxies/theirs") if url else None
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, how, url or what, program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, process.communicate()[1]
    told = json.loads(said)
    if how.startswith("SIG"):
        assert all(_is_open(port) for port in told["ports"])
        process.send_signal(getattr(signal, how))
    process.communicate(timeout=PATIENCE_S)

    if url and how == "SIGKILL":
        assert len(_api("GET", url, "/proxies")) == 2, "nobody was there to take it away"
    if how == "SIGKILL":
        assert sweep() == [Path(told["run"])]  # what the next start does
    eventually(lambda: not any(_is_open(port) for port in told["ports"]))
    assert not Path(told["run"]).exists()
    if url:
        assert _api("GET", url, "/proxies") == {"theirs": theirs}


def test_a_server_of_ours_does_not_outlive_a_killed_run_even_if_nobody_sweeps() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _RUN, "wait", "started", toxiproxy_server()], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    ports = json.loads(process.stdout.readline())["ports"]
    process.kill()
    process.communicate()
    eventually(lambda: not any(_is_open(port) for port in ports))


def test_names_tell_whose_a_proxy_is(foreign: str) -> None:
    with RunDir.create() as run:
        engine = ToxiproxyEngine.connect(foreign, run)
        engine.open_link("wire", "127.0.0.1", 9)
        engine.set_toxics("wire", [LatencyToxic(latency_ms=3)])
        ours = f"ackord-{run.path.name}-wire"
        assert set(_api("GET", foreign, "/proxies")) == {"theirs", ours}
        delete_proxies(foreign, f"ackord-{run.path.name}-")
        assert set(_api("GET", foreign, "/proxies")) == {"theirs"}
        engine.stop()  # somebody else was faster: no matter
        engine.stop()


def test_a_server_that_went_away_does_not_keep_a_run_from_ending() -> None:
    with RunDir.create() as owners:
        owner = ToxiproxyEngine.start(owners, toxiproxy_server())
        with RunDir.create() as run:
            engine = ToxiproxyEngine.connect(owner.url, run)
            engine.open_link("wire", "127.0.0.1", 9)
            owner.stop()
            with pytest.raises(EnvironmentFailed, match="cannot be reached: nobody listens there"):
                engine.set_toxics("wire", [LatencyToxic()])
            engine.stop()
        assert not run.path.exists()


class _Fake(BaseHTTPRequestHandler):
    """Answers every request as the test says."""

    status, text = 200, b""

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.text)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.mark.parametrize(
    ("status", "text", "says"),
    [
        (200, b"<html>hello</html>", "expected a JSON object"),
        (200, b"[]", "expected a JSON object"),
        (200, b'{"version": "2.11.9"}', r"is of version 2\.11\.9\. Expected 2\.12 or newer"),
        (200, b'{"version": "1.2.3"}', r"is of version 1\.2\.3\. Expected 2\.12 or newer"),
        (200, b'{"name": "something else"}', "is not a Toxiproxy"),
        (404, b"not here", "is not a Toxiproxy: it knows no /version"),
        (502, b"bad gateway", "answered 502: bad gateway"),
        (302, b"", "answered 302"),
    ],
)
def test_what_is_no_toxiproxy_or_too_old_is_said_so(status: int, text: bytes, says: str) -> None:
    handler = type("Handler", (_Fake,), {"status": status, "text": text})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with RunDir.create() as run, pytest.raises(EnvironmentFailed, match=says):
            ToxiproxyEngine.connect(f"http://127.0.0.1:{server.server_port}", run)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("version", ["2.12.0", "3.0.1", "v2.13.0", "2.12.0+ackord"])
def test_newer_ones_are_taken(version: str) -> None:
    handler = type("Handler", (_Fake,), {"text": json.dumps({"version": version}).encode()})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with RunDir.create() as run:
            engine = ToxiproxyEngine.connect(f"http://127.0.0.1:{server.server_port}", run)
            assert engine.description == f"Toxiproxy {version}"
    finally:
        server.shutdown()
        server.server_close()


def test_nobody_there_or_no_http_or_no_server_program(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gone = taken.getsockname()[1]
    with RunDir.create() as run:
        with pytest.raises(EnvironmentFailed, match=re.compile("nobody listens there.*mend: start", re.DOTALL)):
            ToxiproxyEngine.connect(f"http://127.0.0.1:{gone}", run)
        for odd in ("127.0.0.1:8474", "https://127.0.0.1:8474", "http://", "http://h:99999", "http://h/path"):
            with pytest.raises(UsageError, match=r"Expected such as http://127\.0\.0\.1:8474"):
                ToxiproxyEngine.connect(odd, run)
        with pytest.raises(
            EnvironmentFailed, match=re.compile("no-such-server is not there.*mend: install", re.DOTALL)
        ):
            ToxiproxyEngine.start(run, "no-such-server")
        script = tmp_path / "ends-at-once"
        script.write_text("#!/bin/sh\nexit 3\n")
        script.chmod(0o755)
        with pytest.raises(EnvironmentFailed, match="ended at once with exit code 3"):
            ToxiproxyEngine.start(run, str(script))


def test_a_port_that_another_server_has_is_not_taken_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Toxiproxy goes on without its interface when its port is taken; whoever has it would be driven instead."""
    program = toxiproxy_server()
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = iter([other.getsockname()[1], server_process.free_port("127.0.0.1")])
        monkeypatch.setattr(server_process, "free_port", lambda host: next(ports))

        async def start() -> int:
            ours = server_process.ToxiproxyProcess()
            try:
                port: int = (await ours.start(program, "127.0.0.1"))["port"]
                return port
            finally:
                await ours.stop()

        assert asyncio.run(start()) != other.getsockname()[1]


def test_the_server_is_found_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    program = toxiproxy_server()
    monkeypatch.setenv("PATH", os.path.dirname(program))  # noqa: PTH120 - as a shell would
    assert find_server() == program


def test_the_environment_s_http_proxy_is_not_asked(foreign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with RunDir.create() as run:
        engine = ToxiproxyEngine.connect(foreign, run)
        engine.open_link("wire", "127.0.0.1", 9)
        engine.stop()
    assert set(_api("GET", foreign, "/proxies")) == {"theirs"}
