"""The server of Toxiproxy's interface as a process: descriptors, connections, names that nobody resolves, what it
logs, and how it ends; beside the real one where that does the same.
"""

from __future__ import annotations

import contextlib
import json
import re
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ackord.chaos.toxiproxy.toxiproxy_engine import ToxiproxyEngine
from ackord.host.run_dir import RunDir

from ..waiting import PATIENCE_S, until
from .toxiproxy_server import ServedToxics, real_toxics, served_toxics

GET, POST, DELETE = "GET", "POST", "DELETE"
Begin = Callable[..., AbstractContextManager[ServedToxics]]


@pytest.fixture(params=[real_toxics, served_toxics], ids=["real", "ours"])
def begin(request: pytest.FixtureRequest) -> Begin:
    chosen: Begin = request.param
    return chosen


@pytest.fixture
def either(begin: Begin, tmp_path: Path) -> Iterator[ServedToxics]:
    with begin(tmp_path) as server:
        yield server


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[ServedToxics]:
    with served_toxics(tmp_path) as server:
        yield server


@pytest.fixture
def upstream() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        listener.settimeout(PATIENCE_S)
        yield listener


def ask(server: ServedToxics, method: str, path: str, body: Any = None) -> tuple[HTTPResponse, str]:
    parts = urlsplit(server.url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=PATIENCE_S)
    with contextlib.closing(connection):
        connection.request(method, path, None if body is None else json.dumps(body))
        answer = connection.getresponse()
        return answer, answer.read().decode()


def make(server: ServedToxics, name: str, upstream: str | socket.socket, **more: Any) -> tuple[str, int]:
    """The address of a new proxy."""
    where = upstream if isinstance(upstream, str) else f"127.0.0.1:{upstream.getsockname()[1]}"
    wanted = {"name": name, "listen": "127.0.0.1:0", "upstream": where, **more}
    answer, text = ask(server, POST, "/proxies", wanted)
    assert answer.status == 201, text
    return "127.0.0.1", int(json.loads(text)["listen"].rpartition(":")[2])


def through(address: tuple[str, int], upstream: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Both ends of a connection through a proxy."""
    client = socket.create_connection(address, PATIENCE_S)
    accepted, _ = upstream.accept()
    accepted.settimeout(PATIENCE_S)
    return client, accepted


@pytest.fixture
def few_files() -> Iterator[None]:
    """What is started meanwhile may have 128 files open, until it raises its limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_low_limit_of_open_files_is_raised(
    few_files: None, begin: Begin, upstream: socket.socket, tmp_path: Path
) -> None:
    """Each connection takes two, and without any left the interface is dead too."""
    with begin(tmp_path) as server, contextlib.ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        address = make(server, "many", upstream)
        for _ in range(150):
            client, accepted = map(stack.enter_context, through(address, upstream))
            client.sendall(b"x")
            assert accepted.recv(1) == b"x"
        assert ask(server, GET, "/version")[0].status == 200


def test_connections_leave_files_to_the_interface(ours: ServedToxics, upstream: socket.socket) -> None:
    """Where the limit cannot be raised: what is too much is refused and logged, and the interface answers."""
    resource.prlimit(ours.process.pid, resource.RLIMIT_NOFILE, (256, 256))
    address = make(ours, "many", upstream)
    with contextlib.ExitStack() as stack:
        pairs = [tuple(map(stack.enter_context, through(address, upstream))) for _ in range(70)]
        for _ in range(100):
            stack.enter_context(socket.create_connection(address, PATIENCE_S))
        until(lambda: "dial tcp" in ours.logged(), "one is refused")
        assert ask(ours, GET, "/version")[0].status == 200
        for client, accepted in pairs:
            client.sendall(b"x")
            assert accepted.recv(1) == b"x"
    assert "connect: too many open files" in ours.logged()


def test_a_toxicity_is_drawn_anew_after_each_enabling(either: ServedToxics, upstream: socket.socket) -> None:
    """Not the draw of the first connection again: with a share of a half, twenty alike happen once in 2^19 times."""
    address = make(either, "p", upstream)
    toxic = {"type": "limit_data", "toxicity": 0.5, "attributes": {"bytes": 1}}
    assert ask(either, POST, "/proxies/p/toxics", toxic)[0].status == 200
    hit = []
    for _ in range(20):
        for enabled in (False, True):
            assert ask(either, POST, "/proxies/p", {"enabled": enabled})[0].status == 200
        client, accepted = through(address, upstream)
        with client, accepted:
            accepted.sendall(b"12")
            assert client.recv(1) == b"1"
            hit.append(client.recv(1) == b"")
    assert 0 < sum(hit) < 20


def test_draws_go_on_where_a_proxy_is_made_again(ours: ServedToxics, upstream: socket.socket) -> None:
    toxic = {"type": "limit_data", "toxicity": 0.5, "attributes": {"bytes": 1}}
    hit = []
    for _ in range(20):
        client, accepted = through(make(ours, "p", upstream, toxics=[toxic]), upstream)
        with client, accepted:
            accepted.sendall(b"12")
            assert client.recv(1) == b"1"
            hit.append(client.recv(1) == b"")
        assert ask(ours, DELETE, "/proxies/p")[0].status == 204
    assert 0 < sum(hit) < 20


UNREACHABLE = ["a..b:80", "garbage", "127.0.0.1", "h:no-such-service", "x:99999", "nohost.invalid:80", "a:b:c"]


@pytest.mark.parametrize("where", [*UNREACHABLE, "x" * 300 + ":80", "\u00fc..\u00fc:80"])
def test_a_client_of_an_upstream_that_is_none_is_let_go(either: ServedToxics, where: str) -> None:
    with socket.create_connection(make(either, "p", where), PATIENCE_S) as client:
        client.settimeout(PATIENCE_S)
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""


def test_an_upstream_may_name_a_service(either: ServedToxics) -> None:
    """Nobody is expected at it; it is a port all the same."""
    make(either, "p", "localhost:http")
    assert json.loads(ask(either, GET, "/proxies/p")[1])["upstream"] == "localhost:http"


def test_an_upstream_without_a_host_is_this_machine(either: ServedToxics, upstream: socket.socket) -> None:
    client, accepted = through(make(either, "p", f":{upstream.getsockname()[1]}"), upstream)
    client.close()
    accepted.close()


def test_why_an_upstream_cannot_be_reached_is_logged(ours: ServedToxics) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"127.0.0.1:{taken.getsockname()[1]}"
    for name, where in (("refused", nobody), ("nameless", "a..b:80"), ("portless", "garbage")):
        with socket.create_connection(make(ours, name, where), PATIENCE_S) as client:
            client.settimeout(PATIENCE_S)
            with contextlib.suppress(ConnectionResetError):
                client.recv(1)
    says = [
        f"proxy refused: no connection to its upstream for the client 127.0.0.1:PORT: dial tcp {nobody}: connect: "
        "connection refused",
        "proxy nameless: no connection to its upstream for the client 127.0.0.1:PORT: dial tcp: lookup a..b: no such "
        "host",
        "POST /proxies: upstream of the proxy portless: address garbage: missing port in address. Every connection "
        "will end at once. Expected such as 127.0.0.1:6379",
        "proxy portless: no connection to its upstream for the client 127.0.0.1:PORT: dial tcp: address garbage: "
        "missing port in address",
    ]
    until(lambda: ours.logged().count("\n") >= len(says), "all of it is logged")
    assert re.sub(r"client 127.0.0.1:\d+", "client 127.0.0.1:PORT", ours.logged()).splitlines() == says


def test_a_log_that_nobody_reads_does_not_stop_it(upstream: socket.socket) -> None:
    command = [sys.executable, "-m", "ackord", "toxics", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        server = ServedToxics(line.rsplit(" ", 1)[1].strip(), process, Path())
        for _ in range(300):  # some 400 bytes each, and a pipe holds 65,536
            assert ask(server, POST, "/reset")[0].status == 204
            ask(server, POST, "/populate", [{"name": "p", "upstream": "h:1", "enabled": False, "y" * 300: 1}])
        assert ask(server, GET, "/version")[0].status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert 50_000 < len(errors) <= 66_000


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        (
            "/proxies",
            {"name": "q", "upstream": "h:1", "enabled": False, "upstream_toxics": {}},
            'no field of a proxy is called "upstream_toxics". Did you mean "upstream"? Known: name, listen, upstream, '
            "enabled",
        ),
        (
            "/proxies/p/toxics",
            {"type": "noop", "direction": "upstream"},
            'no field of a toxic is called "direction". Known: attributes, name, type, stream, toxicity',
        ),
        (
            "/proxies",
            {"name": "q", "upstream": "h:1", "enabled": False, "toxics": {"a": 1}},
            "toxics of the proxy q are passed over. Expected a list, got object",
        ),
        ("/proxies/p", {"enbled": False}, 'no field of a proxy is called "enbled". Did you mean "enabled"?'),
    ],
)
def test_what_is_passed_over_is_said_in_the_answer_and_in_the_log(
    ours: ServedToxics, path: str, body: Any, says: str
) -> None:
    """Published clients send such fields: noxious-client ``direction``, toxiproxy-node ``upstream_toxics``."""
    make(ours, "p", "127.0.0.1:1")
    answer, text = ask(ours, POST, path, body)
    assert answer.status in (200, 201), text
    assert (answer.getheader("X-Ackord-Warning") or "").startswith(says)
    assert f"POST {path}: {says}" in ours.logged()
    assert ask(ours, GET, "/proxies")[0].getheader("X-Ackord-Warning") is None


@pytest.mark.parametrize("how", ["POST /proxies", "POST /populate", "--config"])
def test_toxics_that_come_with_a_proxy_act(how: str, upstream: socket.socket, tmp_path: Path) -> None:
    """Toxiproxy passes over them in silence: a proxy that was written down and made again would be healthy."""
    toxic = {"type": "limit_data", "attributes": {"bytes": 2}}
    where = f"127.0.0.1:{upstream.getsockname()[1]}"
    wanted = {"name": "p", "listen": "127.0.0.1:0", "upstream": where, "toxics": [toxic]}
    config = tmp_path / "proxies.json"
    config.write_text(json.dumps([wanted]))
    with served_toxics(tmp_path, *(["--config", str(config)] if how == "--config" else [])) as server:
        if how != "--config":
            ask(server, POST, how.split()[1], [wanted] if how.endswith("populate") else wanted)
        shown = json.loads(ask(server, GET, "/proxies/p")[1])
        assert [each["name"] for each in shown["toxics"]] == ["limit_data_downstream"]
        client, accepted = through(("127.0.0.1", int(shown["listen"].rpartition(":")[2])), upstream)
        with client, accepted:
            accepted.sendall(b"1234")
            assert client.recv(2) + client.recv(2) == b"12"


def test_populating_again_keeps_toxics_unless_it_brings_some(ours: ServedToxics) -> None:
    address = make(ours, "p", "127.0.0.1:1", toxics=[{"type": "noop"}])
    same = {"name": "p", "listen": f"127.0.0.1:{address[1]}", "upstream": "127.0.0.1:1"}

    def toxics_after(**more: Any) -> list[str]:
        assert ask(ours, POST, "/populate", [{**same, **more}])[0].status == 201
        return [each["type"] for each in json.loads(ask(ours, GET, "/proxies/p/toxics")[1])]

    assert toxics_after() == ["noop"]
    assert toxics_after(toxics=[]) == ["noop"]
    assert toxics_after(toxics=[{"type": "latency"}]) == ["latency"]


def test_requests_are_numbered(either: ServedToxics) -> None:
    numbers = [ask(either, GET, "/proxies")[0].getheader("X-Toxiproxy-Request-Id") for _ in range(3)]
    assert len(set(numbers)) == 3
    assert all(number is not None and re.fullmatch("[0-9a-v]{20}", number) for number in numbers)
    missing = ask(either, GET, "/proxies/none")[0]
    assert missing.getheader("X-Toxiproxy-Request-Id")
    assert missing.getheader("X-Content-Type-Options") == "nosniff"
    assert ask(either, GET, "/nowhere")[0].getheader("X-Toxiproxy-Request-Id") is None


def test_the_version_is_comparable_and_the_engine_is_told_nevertheless(ours: ServedToxics) -> None:
    answer, text = ask(ours, GET, "/version")
    assert re.fullmatch(r"\d+\.\d+\.\d+", json.loads(text)["version"])
    assert answer.getheader("Server") == "ackord"
    with RunDir.create() as run:
        assert ToxiproxyEngine.connect(ours.url, run).description == "Toxiproxy 2.12.0 (served by Ackord)"


@pytest.mark.parametrize("begin", [real_toxics, served_toxics], ids=["real", "ours"])
def test_both_count_the_same_bytes(begin: Begin, upstream: socket.socket, tmp_path: Path) -> None:
    with begin(tmp_path, "-proxy-metrics" if begin is real_toxics else "--proxy-metrics") as server:
        address = make(server, "counted", upstream)
        ask(server, POST, "/proxies/counted/toxics", {"type": "limit_data", "attributes": {"bytes": 3}})
        client, accepted = through(address, upstream)
        with client, accepted:
            client.sendall(b"hello")
            assert accepted.recv(5) == b"hello"
            accepted.sendall(b"12345")
            assert client.recv(3) + client.recv(3) == b"123"
        labels = f'listener="127.0.0.1:{address[1]}",proxy="counted",upstream="127.0.0.1:{upstream.getsockname()[1]}"'
        wanted = {
            f'toxiproxy_proxy_received_bytes_total{{direction="downstream",{labels}}} 5',
            f'toxiproxy_proxy_received_bytes_total{{direction="upstream",{labels}}} 5',
            f'toxiproxy_proxy_sent_bytes_total{{direction="downstream",{labels}}} 3',
            f'toxiproxy_proxy_sent_bytes_total{{direction="upstream",{labels}}} 5',
            "# TYPE toxiproxy_proxy_received_bytes_total counter",
            "# TYPE toxiproxy_proxy_sent_bytes_total counter",
        }
        until(lambda: wanted <= set(ask(server, GET, "/metrics")[1].splitlines()), "all of it is counted")
        ask(server, DELETE, "/proxies/counted")
        answer, text = ask(server, GET, "/metrics")
        assert wanted <= set(text.splitlines()), "a counter does not go down"
        assert (answer.getheader("Content-Type") or "").startswith("text/plain; version=0.0.4")


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("listen", [":0", "0.0.0.0:0", "[::]:0"])
def test_every_address_is_of_ipv6_too(begin: Begin, listen: str, upstream: socket.socket, tmp_path: Path) -> None:
    with begin(tmp_path, *(["--allow-remote"] if begin is served_toxics else [])) as server:
        _, port = make(server, "p", upstream, listen=listen)
        assert json.loads(ask(server, GET, "/proxies/p")[1])["listen"] == f"[::]:{port}"
        for host in ("127.0.0.1", "::1"):
            client, accepted = through((host, port), upstream)
            client.close()
            accepted.close()


@pytest.mark.parametrize("begin", [real_toxics, served_toxics], ids=["real", "ours"])
def test_sigterm_is_its_ordinary_end(begin: Begin, tmp_path: Path) -> None:
    # The real one listens before it takes the signal: on a busy machine the signal may come first.
    ends = (0, -signal.SIGTERM) if begin is real_toxics else (0,)
    with begin(tmp_path) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) in ends


def test_an_output_without_room_is_one_sentence() -> None:
    command = [sys.executable, "-m", "ackord", "toxics", "serve", "--port", "0"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S)
    assert done.returncode == 4
    assert done.stderr == "ackord: standard output cannot be written: No space left on device\n"


def test_an_output_that_nobody_reads_is_one_sentence() -> None:
    command = [sys.executable, "-m", "ackord", "toxics", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    with process.stderr:
        says = process.stderr.read()
    assert process.wait(PATIENCE_S) == 4
    assert says == "ackord: standard output cannot be written: Broken pipe\n"
