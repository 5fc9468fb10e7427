"""Read a compose file, and say as a topology how its services are started, disturbed and ended."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import yaml

from ...contract.loading.file_text import read_bytes
from ...contract.loading.yaml_document import YamlDocument, parse_yaml, validate_document
from ...contract.spec.compose import ComposeLinkSpec, ComposeSection, ComposeSpec, ServicePort, service_port
from ...contract.spec.hooks import Action
from ...contract.spec.topology import LinkSpec, NodeSpec, PostgresqlLag, ReplicaLag, TopologySpec
from ...errors import EnvironmentFailed, FileError, did_you_mean
from ...host.free_port import free_port

__all__ = ["ComposeSystem", "is_compose_file"]

_SECTION = "x-ackord"
_ASK_TIMEOUT_S = 20
_VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::?-(?P<default>[^}]*))?\}|(?P<plain>[A-Za-z_]\w*))")
_EXAMPLE = "x-ackord: {nodes: {a: 'SERVICE:8080'}}, with a service and the port inside its container"


def is_compose_file(target: str) -> bool:
    """Whether a target names a compose file."""
    return "://" not in target and Path(target).suffix in (".yaml", ".yml")


@dataclass(frozen=True)
class ComposeSystem:
    """The services of a compose file, each port that Ackord needs published at one of 127.0.0.1."""

    path: Path
    spec: ComposeSpec
    services: Mapping[str, Mapping[str, Any]]
    ports: Mapping[ServicePort, int]
    """Where each port is published; the same port for a service that uses the machine's own network."""

    @classmethod
    def read(cls, path: Path, *, nodes: Iterable[str], hosts: Iterable[str]) -> ComposeSystem:
        """Read a file for a contract with these ``nodes`` and ``hosts``. Raises ``FileError``."""
        raw = read_bytes(path, "YAML")
        document = parse_yaml(path, raw, section=_SECTION)
        services = _services(path, raw)
        spec = validate_document(document, ComposeSection).x_ackord if _SECTION in document.data else ComposeSpec()
        spec = spec.model_copy(update={"links": {name: _filled(link, path) for name, link in spec.links.items()}})
        if not spec.nodes:
            spec = spec.model_copy(update={"nodes": _nodes_by_name(document, services, list(nodes), list(hosts))})
        if absent := [name for name in hosts if name not in spec.hosts]:
            raise document.error(
                (_SECTION, "hosts"),
                f'no service is the contract\'s host "{absent[0]}"',
                expected=f"x-ackord: {{hosts: {{{absent[0]}: 'SERVICE:8080'}}}}",
            )
        wanted: dict[ServicePort, int] = {}
        for place, used in [*spec.service_ports(), *_measured(spec)]:
            if used.service not in services:
                raise document.error(
                    (_SECTION, *place),
                    f'there is no service "{used.service}".{did_you_mean(used.service, services)}',
                    expected=f"one of {', '.join(services)}",
                )
            if used not in wanted:
                own_network = services[used.service].get("network_mode") == "host"
                wanted[used] = used.port if own_network else free_port()
        return cls(path.resolve(), spec, services, wanted)

    def urls(self, part: Mapping[str, str]) -> dict[str, str]:
        """Return the addresses of the spec's ``nodes`` or ``hosts``."""
        return {name: f"http://127.0.0.1:{self.ports[service_port(text)]}" for name, text in part.items()}

    def topology(self) -> TopologySpec:
        """Return how its services are started, disturbed and ended. Raises ``EnvironmentFailed`` without Compose."""
        compose, waits = _compose()
        nodes = {name: service_port(text).service for name, text in self.spec.nodes.items()}

        def action(*words: str) -> Action:
            return Action(command=[*compose, *words])

        return TopologySpec(
            start=action("up", "--detach", *(["--wait"] if waits else [])),
            stop=action("down", "--volumes", "--remove-orphans", "--timeout", "3"),
            nodes={
                name: NodeSpec(
                    kill=action("kill", service),
                    start=action("start", service),
                    pause=action("pause", service),
                    resume=action("unpause", service),
                )
                for name, service in nodes.items()
            },
            links={name: self._link(link) for name, link in self.spec.links.items()},
            failover=self.spec.failover,
            timeout=self.spec.timeout,
        )

    def variables(self, project: str, override: Path) -> dict[str, str]:
        """Return what tells Compose the project and its files, for every command; writes the file ``override``."""
        override.write_text(self.override())
        return {
            "COMPOSE_PROJECT_NAME": project,
            "COMPOSE_FILE": f"{self.path}:{override}",
            "COMPOSE_PATH_SEPARATOR": ":",
        }

    def override(self) -> str:
        """Return a second compose file, which publishes the ports."""
        published: dict[str, dict[str, list[str]]] = {}
        for used, port in self.ports.items():
            if self.services[used.service].get("network_mode") != "host":
                service = published.setdefault(used.service, {"ports": []})
                service["ports"].append(f"127.0.0.1:{port}:{used.port}")
        return json.dumps({**self._version(), "services": published})

    def _version(self) -> dict[str, str]:
        """Return the format's version where the file says one: Compose 1 wants the same in all files."""
        said = yaml.safe_load(self.path.read_bytes()).get("version")
        return {} if said is None else {"version": str(said)}

    def _link(self, link: ComposeLinkSpec) -> LinkSpec:
        lag = link.lag
        if lag is not None and lag.postgresql is not None:
            ends = lag.postgresql
            lag = ReplicaLag(
                postgresql=PostgresqlLag(primary=self._published(ends.primary), replica=self._published(ends.replica))
            )
        return LinkSpec(to=f"127.0.0.1:{self.ports[service_port(link.to)]}", carries=link.carries, lag=lag)

    def _published(self, dsn: str) -> str:
        parts = urlsplit(dsn)
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{self.ports[_server(dsn)]}"))


def bridge_address() -> str:
    """Return this machine's address on Docker's default bridge, where containers of every network reach it.

    Raises ``EnvironmentFailed``.
    """
    config = _said(["docker", "network", "inspect", "bridge", "--format", "{{json .IPAM.Config}}"])
    for network in json.loads(config or "null") or []:
        subnet = ip_network(network["Subnet"], strict=False)
        if subnet.version == 4:
            # Docker 20.10 names no gateway until its second start: it took the subnet's first address.
            return str(network.get("Gateway") or subnet[1])
    raise EnvironmentFailed(
        "a link between containers needs Docker's default bridge, and `docker network inspect bridge` names no "
        "network.\n  mend: start Docker's engine with its default bridge"
    )


@cache
def _compose() -> tuple[tuple[str, ...], bool]:
    """Return the command of Compose, and whether it can wait until services are up. Raises ``EnvironmentFailed``."""
    if shutil.which("docker") and _said(["docker", "compose", "version"]):
        return ("docker", "compose"), True
    if shutil.which("docker-compose") and (said := _said(["docker-compose", "version", "--short"])):
        return ("docker-compose",), not said.startswith("1.")
    raise EnvironmentFailed(
        "a compose file needs `docker compose`, which is not here.\n"
        "  mend: install Docker's Compose (on Debian: docker-compose)"
    )


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_ASK_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _services(path: Path, raw: bytes) -> Mapping[str, Mapping[str, Any]]:
    """Return the services as Compose reads them. Raises ``FileError``."""
    try:
        data = yaml.safe_load(raw)
    except yaml.YAMLError as error:
        raise FileError(path, None, f"this is not YAML: {str(error).splitlines()[0]}") from None
    found = data.get("services") if isinstance(data, dict) else None
    if not isinstance(found, dict) or not found:
        raise FileError(
            path, None, "this is no compose file: it has no services", expected="services, each with its image"
        )
    for name, volume in (data.get("volumes") or {}).items():
        if isinstance(volume, dict) and "name" in volume and not volume.get("external"):
            raise FileError(
                path,
                None,
                f"the volume {name} has a name of its own, so a run would write into it and remove it",
                mend="leave its name out: each run then has a volume of its own",
            )
    return {str(name): service or {} for name, service in found.items()}


def _nodes_by_name(
    document: YamlDocument, services: Mapping[str, Mapping[str, Any]], nodes: list[str], hosts: list[str]
) -> dict[str, str]:
    """Return the nodes of a file that does not say them: services called as the contract's nodes, or else the only one
    that publishes a port. Raises ``FileError``.
    """
    ports = {name: _published_ports(service) for name, service in services.items()}
    if nodes and all(len(ports.get(name, ())) == 1 for name in nodes):
        return {name: f"{name}:{ports[name][0]}" for name in nodes}
    public = [name for name, inside in ports.items() if inside]
    if len(nodes) < 2 and len(public) == 1 and len(ports[public[0]]) == 1 and not hosts:
        return {next(iter(nodes), "a"): f"{public[0]}:{ports[public[0]][0]}"}
    told = f"{', '.join(public)} publish ports" if public else "no service publishes a port"
    raise document.error((), f"which service is the provider is not said: {told}", expected=_EXAMPLE)


def _published_ports(service: Mapping[str, Any]) -> list[int]:
    found: list[int] = []
    for port in service.get("ports") or ():
        inside = port.get("target") if isinstance(port, dict) else str(port).partition("/")[0].rpartition(":")[2]
        if str(inside).isdigit():
            found.append(int(str(inside)))
    return found


def _measured(spec: ComposeSpec) -> list[tuple[tuple[str, ...], ServicePort]]:
    """Return the servers whose positions are compared, with their places."""
    found: list[tuple[tuple[str, ...], ServicePort]] = []
    for name, link in spec.links.items():
        if link.lag is not None and link.lag.postgresql is not None:
            ends = link.lag.postgresql
            place = ("links", name, "lag", "postgresql")
            found += [((*place, "primary"), _server(ends.primary)), ((*place, "replica"), _server(ends.replica))]
    return found


def _filled(link: ComposeLinkSpec, path: Path) -> ComposeLinkSpec:
    """Return a link whose servers' variables are filled in as Compose does it: from the environment, or else from the
    file ``.env`` beside the compose file.
    """
    if link.lag is None or link.lag.postgresql is None:
        return link
    beside = path.parent / ".env"
    lines = beside.read_text(errors="replace").splitlines() if beside.is_file() else []
    written = {
        name.strip(): value.strip().strip("'\"") for name, is_one, value in (x.partition("=") for x in lines) if is_one
    }
    values = {**written, **os.environ}

    def value(found: re.Match[str]) -> str:
        name = found["name"] or found["plain"]
        return "$" if found["dollar"] else values.get(name) or found["default"] or ""

    ends = link.lag.postgresql
    lag = PostgresqlLag(primary=_VARIABLE.sub(value, ends.primary), replica=_VARIABLE.sub(value, ends.replica))
    return link.model_copy(update={"lag": ReplicaLag(postgresql=lag)})


def _server(dsn: str) -> ServicePort:
    parts = urlsplit(dsn)
    return ServicePort(parts.hostname or "", parts.port or 5432)
