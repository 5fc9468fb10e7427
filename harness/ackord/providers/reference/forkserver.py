"""Fork node processes from a process that has imported everything but runs nothing; a restart takes some 50 ms.

A process whose event loop runs must not be forked. So the supervisor's process first forks the fork server: a small
blocking loop that loads the service's modules (while PostgreSQL starts elsewhere) and forks a node on request. The
listening sockets come from the supervisor and stay open in the fork server: while a node is dead, new connections queue
instead of being refused.

Fork server and supervisor exchange packets over a socket pair. Each new node comes back as its pid and one end of a
socket pair of its own, whose closing means that the node is dead.
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
from ...host.parent_death import end_with_parent
from ..supervisor.node_names import NODES
from .node_link import received

__all__ = ["ForkServer", "start_forkserver"]


class ForkServer:
    """Hold the supervisor's end. The calls block for the few milliseconds of a fork."""

    def __init__(self, pid: int, wire: socket.socket) -> None:
        self.pid = pid
        self.ports: dict[str, int] = {}
        """Where the nodes listen."""
        self._wire = wire
        self._listening: dict[str, socket.socket] = {}

    def listen(self, host: str, ports: Mapping[str, int], *, contracts: bool = False) -> None:
        """Bind a socket for each node; 0 takes any port. Call it once, before the first fork.

        Raises ``EnvironmentFailed``.

        ``contracts``: nodes will serve contracts, so the modules for that are loaded now and not in each node.
        """
        for name, port in ports.items():
            self._listening[name] = _listening(host, port)
        self.ports = {name: int(s.getsockname()[1]) for name, s in self._listening.items()}
        # The forkserver may still be loading modules; the packet waits for it.
        descriptors = [s.fileno() for s in self._listening.values()]
        socket.send_fds(self._wire, [json.dumps({"names": list(ports), "contracts": contracts}).encode()], descriptors)

    def stop_listening(self, name: str) -> None:
        """Refuse connections to a dead node; the node that is forked next listens again."""
        with contextlib.suppress(OSError):  # where a listening socket cannot be shut down, connections wait instead
            self._listening[name].shutdown(socket.SHUT_RDWR)

    def fork(self, name: str) -> tuple[int, socket.socket]:
        """Start a new process for node ``name``; return its pid and the link to it."""
        self._wire.send(name.encode())
        packet, descriptors, _, _ = socket.recv_fds(self._wire, 64, 1)
        if not packet:
            raise RuntimeError("the nodes' forkserver is gone")
        return int(packet), socket.socket(fileno=descriptors[0])

    def close(self) -> None:
        """End the fork server by closing its socket."""
        self._wire.close()
        for s in self._listening.values():
            s.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def start_forkserver() -> ForkServer:
    """Fork the fork server. Must be called before anything starts an event loop or a thread."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _run(theirs)
    theirs.close()
    return ForkServer(pid, ours)


def _listening(host: str, port: int) -> socket.socket:
    with socket.socket() as chosen, contextlib.ExitStack() as unless_it_listens:
        s = unless_it_listens.enter_context(socket.socket())
        try:
            for one in (chosen, s):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port == 0:
                chosen.bind((host, 0))
                port = chosen.getsockname()[1]
            # By number, because a port that the system chose would be given away while a dead node's socket does not
            # listen.
            s.bind((host, port))
            s.listen(1024)
        except OSError as error:
            raise EnvironmentFailed(
                f"a node of the reference provider cannot listen on {host}:{port}: {error.strerror or error}"
            ) from None
        unless_it_listens.pop_all()
        return s


def _run(wire: socket.socket) -> None:
    """Run the fork server; never return."""
    # The control pipe belongs to the supervisor alone: it must close when that one dies, and nobody else may write to
    # it.
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from .http_frontend import HttpFrontend  # heavy, and therefore here
    from .node import run_node

    http_frontend = HttpFrontend()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # dead nodes are reaped by the kernel
    packet, descriptors, _, _ = socket.recv_fds(wire, 64, len(NODES))
    if not packet:
        os._exit(0)
    told = json.loads(packet)
    listening = {name: socket.socket(fileno=fd) for name, fd in zip(told["names"], descriptors, strict=True)}
    if told["contracts"]:
        http_frontend.prepare_for_contracts()
    while name := received(wire).decode():
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            wire.close()
            ours.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # A node that is paused cannot notice that its link closed: where the kernel offers it, the forkserver's
            # death kills it.
            end_with_parent(signal.SIGKILL)
            try:
                run_node(name, listening[name], theirs, http_frontend)
            except BaseException as error:
                print(f"node {name} failed: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
            os._exit(1)
        socket.send_fds(wire, [str(pid).encode()], [ours.fileno()])
        ours.close()
        theirs.close()
    os._exit(0)
