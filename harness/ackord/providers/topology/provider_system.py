"""Start a provider as its contract's topology says, and carry out what faults request of its nodes and databases."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ...contract.spec.hooks import Action
from ...contract.spec.topology import NodeSpec, TopologySpec
from ...core.clock import MS, Clock
from ...errors import EnvironmentFailed, UsageError
from ...host.run_dir import RunDir
from ..hook_actions import perform_action
from .lag_sampler import LagSampler
from .node_program import NodeProgram

__all__ = ["ProviderSystem", "accepts", "answers_soon", "stop_system"]

Json = dict[str, Any]
Address = tuple[str, int]
_LOOK_EVERY_S = 0.01
_CONNECT_WITHIN_S = 1.0
_SILENT_FOR_S = 0.3
"""A node that answers nothing for so long, while its connections are accepted, stands still."""
_ANSWER_WITHIN_S = 3.0


class ProviderSystem:
    """A provider of several parts. ``control`` takes the same requests as the reference provider's supervisor."""

    def __init__(
        self,
        spec: TopologySpec,
        addresses: Mapping[str, Address],
        links: Mapping[str, Address],
        folder: Path,
        run: RunDir,
        clock: Clock,
        emit: Callable[[Json], None],
        *,
        variables: Mapping[str, str] | None = None,
        ready: Callable[[Address], bool] | None = None,
    ) -> None:
        """``addresses``: where each node listens; ``links``: where each link does, for the provider to connect to;
        ``variables``: of the commands' environment, besides; ``ready``: whether a node serves (default: it accepts).
        """
        self._spec = spec
        self._addresses = addresses
        self._folder = folder
        self._run = run
        self._clock = clock
        self._timeout_s = spec.timeout.ns / 1e9
        self._variables = {**(variables or {}), **_variables(links)}
        self._ready = ready or accepts
        self._programs = {
            name: NodeProgram(name, node.run, folder, run) for name, node in spec.nodes.items() if node.run is not None
        }
        self._emit = emit
        self._sampler: LagSampler | None = None
        """Of the servers that run now: a failover leaves its connections behind."""
        self._cleanup: Path | None = None

    def start(self) -> None:
        """Start everything and wait until every node accepts connections. Raises ``EnvironmentFailed``."""
        if self._spec.starts_provider:
            for name, address in self._addresses.items():
                if accepts(address):
                    raise EnvironmentFailed(
                        f"node {name}: somebody listens at {_text(address)} already, and the contract's topology "
                        "starts the provider there.\n  mend: stop what runs there, or take start and run out"
                    )
        self._start_parts()

    def control(self, do: str, /, **arguments: Any) -> Json:
        """Carry out a request of a fault, and return what shows that it had its effect.

        Raises ``EnvironmentFailed`` if it had none, ``UsageError`` for a request that the topology has no means for.
        """
        if do == "sample":
            if self._sampler is not None:
                self._sampler.sample(float(arguments["every_ms"]))
            return {}
        if do == "failover" and self._spec.failover is not None:
            began_ns = self._clock.now_ns()
            self._perform("topology.failover", self._spec.failover)
            return {"took_ms": round((self._clock.now_ns() - began_ns) / MS, 1)}
        requests = {
            "crash": self._crash,
            "kill": self._kill,
            "revive": self._revive,
            "pause": self._pause,
            "resume": self._resume,
        }
        if do not in requests:
            raise UsageError(f"the contract's topology does not say how to {do}")
        return requests[do](str(arguments["node"]))

    def restart(self) -> None:
        """Stop everything and start it anew. Raises ``EnvironmentFailed``."""
        self._stop_parts()
        self._start_parts()

    def stop(self) -> None:
        """Stop everything that was started. Safe to call twice. Raises ``EnvironmentFailed`` if ``stop`` fails."""
        self._stop_parts()

    def death(self) -> str:
        """Say which node ended although nobody ended it; empty: none did."""
        return next((said for program in self._programs.values() if (said := program.death())), "")

    def _start_parts(self) -> None:
        if self._spec.start is not None:
            assert self._spec.stop is not None
            self._cleanup = self._run.register_cleanup(
                f"{__name__}:stop_system",
                stop=self._spec.stop.model_dump(mode="json"),
                timeout_s=self._timeout_s,
                folder=str(self._folder),
                variables=self._variables,
            )
            self._perform("topology.start", self._spec.start)
        for program in self._programs.values():
            program.start(self._variables)
        for name in self._addresses:
            self._wait_for(name)
        self._sampler = LagSampler(self._spec.links, self._folder, self._variables, self._clock, self._emit)
        self._sampler.open()

    def _stop_parts(self) -> None:
        if self._sampler is not None:
            self._sampler.close()
            self._sampler = None
        for program in self._programs.values():
            program.stop()
        if self._cleanup is not None and self._spec.stop is not None:
            self._perform("topology.stop", self._spec.stop)
            self._run.cleanup_done(self._cleanup)
            self._cleanup = None

    def _crash(self, node: str) -> Json:
        began_ns = self._clock.now_ns()
        shown = self._kill(node)
        self._revive(node)
        return {**shown, "down_ms": round((self._clock.now_ns() - began_ns) / MS, 1)}

    def _kill(self, node: str) -> Json:
        if node in self._programs:
            self._programs[node].kill()
        else:
            self._perform(f"topology.nodes.{node}.kill", self._command(node, "kill"))
        if not asyncio.run(_until(lambda: not accepts(self._addresses[node]), self._timeout_s)):
            raise EnvironmentFailed(f"node {node} was killed and still accepts connections: something else serves it")
        return {"node": node, "refuses": _text(self._addresses[node])}

    def _revive(self, node: str) -> Json:
        if node in self._programs:
            self._programs[node].start(self._variables)
        else:
            self._perform(f"topology.nodes.{node}.start", self._command(node, "start"))
        self._wait_for(node)
        return {"node": node}

    def _pause(self, node: str) -> Json:
        if node in self._programs:
            self._programs[node].signal(signal.SIGSTOP)
        else:
            self._perform(f"topology.nodes.{node}.pause", self._command(node, "pause"))
        if _answers(self._addresses[node]):
            self._resume(node)
            raise EnvironmentFailed(f"node {node} was paused and still answers: something else serves it")
        return {"node": node, "silent_ms": _SILENT_FOR_S * 1000}

    def _resume(self, node: str) -> Json:
        if node in self._programs:
            self._programs[node].signal(signal.SIGCONT)
        else:
            self._perform(f"topology.nodes.{node}.resume", self._command(node, "resume"))
        return {"node": node}

    def _command(self, node: str, do: str) -> Action:
        action = getattr(self._spec.nodes.get(node, NodeSpec.model_construct()), do, None)
        if not isinstance(action, Action):
            raise UsageError(
                f"the contract's topology does not say how to {do} node {node}.\n"
                f"  mend: topology.nodes.{node}.{do}, or run; or name another node in the profile"
            )
        return action

    def _perform(self, what: str, action: Action) -> None:
        asyncio.run(
            perform_action(what, action, timeout_s=self._timeout_s, folder=self._folder, variables=self._variables)
        )

    def _wait_for(self, node: str) -> None:
        """Wait until a node serves. Raises ``EnvironmentFailed``."""
        address, program = self._addresses[node], self._programs.get(node)
        accepted = asyncio.run(
            _until(lambda: self._ready(address) or bool(program and program.death()), self._timeout_s)
        )
        if program is not None and (died := program.death()):
            raise EnvironmentFailed(f"{died}\n  mend: try topology.nodes.{node}.run by hand")
        if not accepted:
            said = "" if program is None else program.last_words()
            raise EnvironmentFailed(
                f"node {node} does not accept connections at {_text(address)} after {self._spec.timeout}.{said}"
            )


def stop_system(stop: Json, timeout_s: float, folder: str, variables: dict[str, str]) -> None:
    """Stop a system for a run that could not do so itself; ``stop`` is the contract's action, as plain data.

    Raises ``EnvironmentFailed``.
    """
    action = Action.model_validate(stop)
    asyncio.run(perform_action("topology.stop", action, timeout_s=timeout_s, folder=Path(folder), variables=variables))


def _variables(links: Mapping[str, Address]) -> dict[str, str]:
    """Return what commands are told of the links, as variables of their environment."""
    told: dict[str, str] = {}
    for name, (host, port) in links.items():
        variable = f"ACKORD_LINK_{name.upper().replace('-', '_')}"
        told |= {variable: f"{host}:{port}", f"{variable}_HOST": host, f"{variable}_PORT": str(port)}
    return told


def _text(address: Address) -> str:
    return f"{address[0]}:{address[1]}"


def accepts(address: Address) -> bool:
    """Return whether a connection is accepted."""
    try:
        socket.create_connection(address, timeout=_CONNECT_WITHIN_S).close()
    except OSError:
        return False
    return True


def answers_soon(address: Address) -> bool:
    """Return whether a request is answered: what accepts a connection in front of a container may be nobody else."""
    return _answers(address, _ANSWER_WITHIN_S)


def _answers(address: Address, within_s: float = _SILENT_FOR_S) -> bool:
    """Whether anything at all is answered to a request; a server that speaks TLS answers that it cannot read it."""
    try:
        with socket.create_connection(address, timeout=within_s) as connection:
            connection.settimeout(within_s)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return bool(connection.recv(1))
    except OSError:
        return False


async def _until(holds: Callable[[], bool], timeout_s: float) -> bool:
    """Look again and again, at most ``timeout_s`` long; return whether it holds."""
    for _ in range(max(1, int(timeout_s / _LOOK_EVERY_S))):
        if holds():
            return True
        await asyncio.sleep(_LOOK_EVERY_S)
    return holds()
