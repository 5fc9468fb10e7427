"""Node processes, forked from one that has imported everything but runs nothing, so that a restart takes some 50 ms.

Forking a process whose event loop runs is asking for trouble. So the supervisor's very first act is to fork a *nursery*: a small blocking loop that
loads the service's modules (while PostgreSQL is being started elsewhere) and forks a node each time it is told to. The listening sockets come from the supervisor and stay open in
the nursery: while a node is dead, new connections queue instead of being refused.

Nursery and supervisor talk in packets over a socket pair; each new node comes back as its pid and its end of a socket pair of its own, whose closing
means that the node is dead.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping

from ...errors import EnvironmentFailed

__all__ = ["NODES", "Nursery", "open_nursery"]

NODES = ("A", "B")


class Nursery:
    """The supervisor's end. The calls block for the few milliseconds of a fork."""

    def __init__(self, pid: int, wire: socket.socket) -> None:
        self.pid = pid
        self.ports: dict[str, int] = {}
        """Where the nodes listen."""
        self._wire = wire

    def listen(self, host: str, ports: Mapping[str, int]) -> None:
        """Bind a socket for each node, 0 for any port. Once, before the first fork. Raises ``EnvironmentFailed``."""
        with contextlib.ExitStack() as bound:
            sockets = {name: bound.enter_context(_listening(host, port)) for name, port in ports.items()}
            self.ports = {name: int(s.getsockname()[1]) for name, s in sockets.items()}
            # The nursery may still be loading modules; the packet waits for it.
            socket.send_fds(self._wire, [json.dumps(list(sockets)).encode()], [s.fileno() for s in sockets.values()])

    def fork(self, name: str) -> tuple[int, socket.socket]:
        """A new process for node ``name``: its pid, and the link to it."""
        self._wire.send(name.encode())
        packet, descriptors, _, _ = socket.recv_fds(self._wire, 64, 1)
        if not packet:
            raise RuntimeError("the nursery of the nodes is gone")
        return int(packet), socket.socket(fileno=descriptors[0])

    def close(self) -> None:
        """The nursery ends when its wire closes."""
        self._wire.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def open_nursery() -> Nursery:
    """Fork the nursery. Must be called before anything starts an event loop or a thread."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _run(theirs)
    theirs.close()
    return Nursery(pid, ours)


def _listening(host: str, port: int) -> socket.socket:
    s = socket.socket()
    try:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((host, port))
        s.listen(1024)
    except OSError as error:
        s.close()
        raise EnvironmentFailed(
            f"a node of the reference provider cannot listen on {host}:{port}: {error.strerror or error}"
        ) from None
    return s


def _run(wire: socket.socket) -> None:
    """The nursery's life; never returns."""
    # The control pipe belongs to the supervisor alone: it must close when that one dies, and nobody else may write to it.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from .api import Door, build_app  # heavy, and therefore here
    from .node import run_node

    door = Door()
    app = build_app(door)
    app.openapi()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # dead nodes are reaped by the kernel
    names, descriptors, _, _ = socket.recv_fds(wire, 64, len(NODES))
    if not names:
        os._exit(0)
    listening = {name: socket.socket(fileno=fd) for name, fd in zip(json.loads(names), descriptors, strict=True)}
    while name := wire.recv(64).decode():
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            wire.close()
            ours.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                run_node(name, listening[name], theirs, app, door)
            except BaseException as error:
                print(f"node {name} failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        socket.send_fds(wire, [str(pid).encode()], [ours.fileno()])
        ours.close()
        theirs.close()
    os._exit(0)
