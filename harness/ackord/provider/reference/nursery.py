"""Node processes, forked from one that has imported everything but runs nothing, so that a restart takes some 50 ms.

Forking a process whose event loop runs is asking for trouble. So the supervisor's very first act is to fork a *nursery*: a small blocking loop that
loads the service's modules (while PostgreSQL is being started elsewhere) and forks a node each time it is told to. The listening sockets are bound before, and stay open in the nursery:
while a node is dead, new connections queue instead of being refused.

Nursery and supervisor talk in packets over a socket pair; each new node comes back as its pid and its end of a socket pair of its own, whose closing
means that the node is dead.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys

__all__ = ["Nursery", "open_nursery"]

NODES = ("A", "B")


class Nursery:
    """The supervisor's end. The calls block for the few milliseconds of a fork."""

    def __init__(self, pid: int, wire: socket.socket, ports: dict[str, int]) -> None:
        self.pid = pid
        self.ports = ports
        self._wire = wire

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


def open_nursery(nodes: int) -> Nursery:
    """Bind the sockets and fork the nursery. Must be called before anything starts an event loop or a thread."""
    listening = {name: _listen() for name in NODES[:nodes]}
    ports = {name: int(s.getsockname()[1]) for name, s in listening.items()}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _run(theirs, listening)
    theirs.close()
    for s in listening.values():
        s.close()
    return Nursery(pid, ours, ports)


def _listen() -> socket.socket:
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(1024)
    return s


def _run(wire: socket.socket, listening: dict[str, socket.socket]) -> None:
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
