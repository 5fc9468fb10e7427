"""Fuzzing target: mutated requests to the embedded engine's server of Toxiproxy's interface."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import subprocess
import sys
import tempfile
from typing import Any
from urllib.parse import urlsplit

from .fuzz import Finding, main, resident_bytes
from .mutate import changed, in_pieces, mutated

PATIENCE_S = 30.0
TYPES = ["latency", "down", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data", "cut"]
ATTRIBUTES: dict[str, Any] = {
    "latency": 5,
    "jitter": 1,
    "rate": 10,
    "delay": 5,
    "timeout": 5,
    "average_size": 10,
    "size_variation": 3,
    "bytes": 100,
}
TOKENS = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"\\",
        b"\\u0000",
        b"\\ud800",
        b"\x00",
        b"\xff",
        b"null",
        b"true",
        b"-1",
        b"1e999",
    ),
    *(
        b"NaN",
        b"[" * 2000,
        b'{"a":' * 500,
        b"\r\n",
        b"\r\n\r\n",
        b"Content-Length: 3\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"/",
        b"%00",
    ),
    *(b"..", b"?x=1", b"PATCH", b"DELETE", b"9" * 400, b"9" * 5000, "ä".encode()),
]


class ToxicsApi:
    def start(self, rng: random.Random) -> None:
        self._rng = rng
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop
        self._server = subprocess.Popen(
            [sys.executable, "-m", "ackord", "toxics", "serve", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._server.stdout is not None
        address = self._server.stdout.readline().rsplit(" ", 1)[-1].strip()
        self._port = urlsplit(address).port or 0
        self._rounds = 0

    def step(self) -> int:
        self._rounds += 1
        for _ in range(10):
            raw = self._next()
            if self._rng.random() < 0.3:
                raw = mutated(self._rng, raw, TOKENS, 2)
            self._send(raw)
        if self._rounds % 20 == 0:
            self._tidy()
        return 10

    def _next(self) -> bytes:
        rng = self._rng
        proxy, toxic = f"p{rng.randrange(4)}", f"t{rng.randrange(3)}"
        path = rng.choice(
            ["/version", "/proxies", "/proxies", "/populate", "/reset", f"/proxies/{proxy}", f"/proxies/{proxy}/toxics"]
            + [f"/proxies/{proxy}/toxics/{toxic}"] * 2
        )
        upstream = rng.choice(["127.0.0.1:9", "127.0.0.1:9", ":9", "localhost:http", "a..b:80", "portless"])
        given: Any = {"name": proxy, "listen": "127.0.0.1:0", "upstream": upstream, "enabled": rng.random() < 0.7}
        if rng.random() < 0.3:
            given["toxics"] = [{"type": rng.choice(TYPES), "name": toxic, "attributes": {}}]
        if path == "/populate":
            given = [given, {**given, "name": "p3"}]
        elif "toxics" in path:
            names = rng.sample(sorted(ATTRIBUTES), 2)
            given = {
                "name": toxic,
                "type": rng.choice(TYPES),
                "stream": rng.choice(["upstream", "downstream"]),
                "toxicity": 0.5,
                "attributes": {name: ATTRIBUTES[name] for name in names},
            }
        if rng.random() < 0.5:
            given = changed(rng, given)
        body = json.dumps(given).encode("utf-8", "surrogatepass")
        if rng.random() < 0.3:
            body = mutated(rng, body, TOKENS, 3)
        method = rng.choice(["GET", "POST", "POST", "POST", "PATCH", "DELETE", "PUT"])
        return _request(method, path, body)

    def _send(self, raw: bytes, *, whole: bool = False) -> bytes:
        """``whole``: a request that is answered without the end of our side, which some servers take for giving up."""
        answer = b""
        try:
            with socket.create_connection(("127.0.0.1", self._port), PATIENCE_S) as client:
                for piece in in_pieces(self._rng, raw):
                    client.sendall(piece)
                if not whole:
                    client.shutdown(socket.SHUT_WR)
                while piece := client.recv(1 << 16):
                    answer += piece
        except TimeoutError:
            raise Finding("a connection was neither answered nor closed", raw) from None
        except ConnectionRefusedError:
            raise Finding(f"the server is gone. {self._words()}", raw) from None
        except OSError:
            pass  # it hung up on us
        status = answer[9:12]
        # Toxiproxy itself answers 500, in its own words, where it cannot listen.
        if status.isdigit() and int(status) >= 500 and b'"status":' + status not in answer:
            raise Finding(f"answered with {answer[:300]!r}", raw)
        return answer

    def _tidy(self) -> None:
        """A plain request is answered; the proxies are taken away, so that what stays is what leaks."""
        answer = self._send(_request("GET", "/proxies"), whole=True)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Finding(f"a plain request is not answered any more: {answer[:300]!r}")
        for name in json.loads(answer.partition(b"\r\n\r\n")[2]):
            if name.isascii() and name.isalnum():
                self._send(_request("DELETE", f"/proxies/{name}"), whole=True)

    def memory_bytes(self) -> int:
        return resident_bytes(self._server.pid)

    def _words(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").splitlines()
        return "\n".join(line for line in lines if line != "Invalid HTTP request received.")[-2000:]

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._server.wait(PATIENCE_S)
        ended = self._server.poll() is not None
        if not ended:
            self._server.kill()
            self._server.wait()
        words = self._words()
        self._log.close()
        if self._server.stdout is not None:
            self._server.stdout.close()
        if not ended or "Traceback" in words:
            raise Finding(f"it did not end in order. {words}")


def _request(method: str, path: str, body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


if __name__ == "__main__":
    sys.exit(main(["--target", "toxics-api", *sys.argv[1:]]))
