"""Implements the link engine over a real Toxiproxy server.

The server accepts misspelt attributes silently, so each answer is compared with what was sent. Every proxy made here
has the prefix ``ackord-<run>-``, and its removal is recorded in the run folder (``RunDir.register_cleanup``), so that
the next run removes what a killed one left. Proxies of others are never touched.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ...errors import EnvironmentFailed, UnknownNameError, UsageError
from ...host.child_process import ChildProcess
from ...host.run_dir import RunDir
from ..links.kinds import BandwidthToxic, DownToxic
from ..links.kinds.base import STREAMS, Toxic, refuse_same_names
from ..links.link_engine import LOOPBACK, LinkStats
from .toxiproxy_client import ToxiproxyClient

__all__ = ["ToxiproxyEngine", "delete_proxies", "find_server"]

_PROGRAM = "toxiproxy-server"

Json = dict[str, Any]


class ToxiproxyEngine:
    """Links as proxies on a Toxiproxy server (see ``LinkEngine``)."""

    def __init__(
        self, url: str, run: RunDir, *, listen_host: str = "127.0.0.1", process: ChildProcess | None = None
    ) -> None:
        """Use ``connect`` or ``start``. ``listen_host``: where the server listens for the links' clients."""
        self._api = ToxiproxyClient(url)
        self._run = run
        self._prefix = f"ackord-{run.path.name}-"
        self._listen_host = listen_host
        self._client_host = self._api.host if listen_host in ("0.0.0.0", "::", "") else listen_host
        self._process = process
        self._lock = threading.RLock()
        self._toxics: dict[str, list[Toxic]] = {}
        self._cut: set[str] = set()
        self._down: set[str] = set()
        self._adopted: dict[str, str] = {}
        """Link -> the foreign proxy that it uses."""
        self._cleanup: Path | None = None
        self.url = self._api.url
        """The URL of the server's interface."""
        self.description = f"Toxiproxy {self._api.version()}"

    @classmethod
    def connect(cls, url: str, run: RunDir, *, listen_host: str = "127.0.0.1") -> ToxiproxyEngine:
        """Use a running server. Raises ``EnvironmentFailed`` if there is none, or it is too old; ``UsageError`` for an
        invalid address.
        """
        return cls(url, run, listen_host=listen_host)

    @classmethod
    def start(cls, run: RunDir, program: str = "") -> ToxiproxyEngine:
        """Start a server on a free port that ends with the run. ``program``: by default ``toxiproxy-server`` on the
        path.
        """
        found = find_server(program)
        process = ChildProcess.start("ackord.chaos.toxiproxy.server_process", run=run, name="toxiproxy")
        try:
            answer = process.call("start", timeout_s=60, program=found, host="127.0.0.1")
            run.record(answer["pid"])
            return cls(f"http://127.0.0.1:{answer['port']}", run, process=process)
        except BaseException:
            process.stop()
            raise

    def open_link(self, name: str, host: str, port: int, *, listen: tuple[str, int] = LOOPBACK) -> tuple[str, int]:
        """Opens it on ``listen``'s port, of the server's own address."""
        with self._lock:
            if name in self._toxics:
                raise UsageError(f"a link called {name!r} is open already")
            if self._cleanup is None and self._process is None:
                self._cleanup = self._run.register_cleanup(
                    f"{__name__}:delete_proxies", url=self._api.url, prefix=self._prefix
                )
            made = self._api.ask(
                "post",
                "/proxies",
                {
                    "name": self._prefix + name,
                    "listen": _join(self._listen_host, listen[1]),
                    "upstream": _join(host, port),
                    "enabled": True,
                },
            )
            self._toxics[name] = []
            return self._client_host, int(str(made["listen"]).rpartition(":")[2])

    def adopt(self, name: str, proxy: str) -> None:
        """Use a foreign proxy, which its owner will remove, as the link ``name``. It must have no toxics."""
        if self._api.ask("get", f"{_path_of(proxy)}").get("toxics"):
            raise EnvironmentFailed(f"the proxy {proxy} on the Toxiproxy at {self._api.url} has toxics already")
        self._adopted[name] = proxy
        self._toxics[name] = []

    def set_toxics(self, name: str, toxics: Sequence[Toxic]) -> None:
        """See ``LinkEngine``. The server cannot change several at once: removed ones go one by one, then new ones come
        in their order.
        """
        with self._lock:
            refuse_same_names(name, toxics)
            for toxic in toxics:
                _check_whole(toxic)
            now = self._known(name)
            wanted = [toxic for toxic in toxics if not isinstance(toxic, DownToxic)]
            same = 0
            while same < min(len(now), len(wanted)) and _alike(now[same], wanted[same]):
                same += 1
            while len(now) > same:
                self._api.ask("delete", self._toxic_path(name, now[-1].name))
                now.pop()
            for index in range(same):
                if now[index] != wanted[index]:
                    self._put(name, wanted[index], update=True)
                    now[index] = wanted[index]
            for toxic in wanted[same:]:
                self._put(name, toxic)
                now.append(toxic)
            down = len(wanted) < len(toxics)
            if down != (name in self._down):
                self._api.ask("post", self._path(name), {"enabled": not down})
                (self._down.add if down else self._down.discard)(name)

    def set_cut(self, name: str, cut: bool) -> None:
        """Set a ``bandwidth`` of 0 KB/s in both directions.

        It stops the bytes and keeps them: connections stay open, senders wait, and afterwards everything continues
        where it stopped, so a standby catches up on the same connection. The toxic ``timeout`` would drop bytes and end
        every connection when it is removed; disabling the proxy ends them at once. In either case the standby would
        notice, and return only at its next attempt. A ``latency`` of a month holds bytes too, but to take it back while
        it holds some can block Toxiproxy 2.12 until its interface answers 503. Later versions may take a bandwidth of 0
        for "no limit" (Shopify/toxiproxy, pull request 764): such a cut leaves no evidence, so it proves nothing.
        """
        with self._lock:
            self._known(name)
            if cut == (name in self._cut):
                return
            for stream in STREAMS:
                toxic = BandwidthToxic(name=f"cut_{stream}", stream=stream, rate_kb_per_s=0)
                if cut:
                    self._put(name, toxic)
                else:
                    self._api.ask("delete", self._toxic_path(name, toxic.name))
            (self._cut.add if cut else self._cut.discard)(name)

    def stats(self, name: str) -> LinkStats | None:
        """Return ``None``: the server counts only if its metrics were enabled, and then not by connection."""
        self._known(name)
        return None

    def close_link(self, name: str) -> None:
        with self._lock:
            self._known(name)
            self._delete(name)

    def stop(self) -> None:
        """Remove our proxies, and the server if we started it. If that fails, the clean-up after the run does it."""
        with self._lock:
            if self._process is not None:
                self._process.stop()
                self._toxics.clear()
                return
            with contextlib.suppress(EnvironmentFailed):
                for name in list(self._toxics):
                    self._delete(name)
                if self._cleanup is not None:
                    self._run.cleanup_done(self._cleanup)
                    self._cleanup = None

    def _delete(self, name: str) -> None:
        if name in self._adopted:
            self.set_cut(name, False)
            self.set_toxics(name, [])
            del self._adopted[name]
        else:
            self._api.ask("delete", self._path(name), missing_ok=True)
        del self._toxics[name]
        self._cut.discard(name)
        self._down.discard(name)

    def _put(self, name: str, toxic: Toxic, *, update: bool = False) -> None:
        sent = _as_sent(toxic)
        taken = self._api.ask("post", self._toxic_path(name, toxic.name if update else ""), sent)
        if (
            taken.get("attributes") != sent["attributes"]
            or abs(float(taken.get("toxicity", -1)) - toxic.toxicity) > 1e-6
        ):
            raise EnvironmentFailed(
                f"Toxiproxy at {self._api.url} took the toxic {toxic.name} otherwise than it was sent.\n"
                f"  sent: {sent}\n  taken: {taken}"
            )

    def _known(self, name: str) -> list[Toxic]:
        try:
            return self._toxics[name]
        except KeyError:
            raise UnknownNameError("link", name, self._toxics) from None

    def _path(self, name: str) -> str:
        return _path_of(self._adopted.get(name, self._prefix + name))

    def _toxic_path(self, name: str, toxic: str) -> str:
        return f"{self._path(name)}/toxics" + (f"/{quote(toxic, safe='')}" if toxic else "")


def delete_proxies(url: str, prefix: str) -> None:
    """Remove every proxy whose name begins with ``prefix``. Raises ``EnvironmentFailed`` if the server
    does not answer.
    """
    api = ToxiproxyClient(url)
    for name in api.ask("get", "/proxies"):
        if name.startswith(prefix):
            api.ask("delete", _path_of(name), missing_ok=True)


def find_server(program: str = "") -> str:
    """Return the path of the server's program. Raises ``EnvironmentFailed`` if it does not exist."""
    found = shutil.which(program or _PROGRAM)
    if found is None:
        raise EnvironmentFailed(
            f"{program or _PROGRAM} is not there, or cannot be run.\n"
            "  mend: install Toxiproxy 2.12 or newer and put toxiproxy-server on the path, give the address of "
            "one that runs, "
            "or leave it out to use the embedded engine"
        )
    return found


def _path_of(proxy: str) -> str:
    return f"/proxies/{quote(proxy, safe='')}"


def _as_sent(toxic: Toxic) -> Json:
    sent = toxic.as_json()
    sent["attributes"] = {name: int(value) for name, value in sent["attributes"].items()}
    return sent


def _check_whole(toxic: Toxic) -> None:
    for name, value in toxic.as_json()["attributes"].items():
        if value != int(value):
            raise UsageError(
                f"{toxic.name}: {name} is {value!r}. Toxiproxy takes whole numbers only; the embedded engine takes "
                "fractions too"
            )


def _alike(old: Toxic, new: Toxic) -> bool:
    """Return whether one toxic can be changed into the other in place."""
    return (type(old), old.name, old.stream) == (type(new), new.name, new.stream)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
