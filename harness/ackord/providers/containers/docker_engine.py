"""Drive Docker's engine through its SDK; leave no container and no network of a run behind.

No other module imports ``docker``.

Everything made here carries the run's name and its owner in labels. A run removes what carries its name, in any state.
If the owner of a run was killed, the next run removes what is left. The owner is a process, identified by its number
and the tick in which it started.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...errors import EnvironmentFailed
from ...host.process_identity import ProcessIdentity, identify
from .docker_settings import DockerSettings

__all__ = ["OWNER_LABEL", "RUN_LABEL", "DockerEngine", "remove_run"]

RUN_LABEL = "ackord.run"
OWNER_LABEL = "ackord.owner"
"""``HOST PID TICKS``, see ``host.process.ProcessIdentity``. Whether a process of another host lives is not known."""

_CALL_TIMEOUT_S = 120
"""A busy machine's engine may take half a minute to remove a container."""
_ROLES_AT_ONCE = 6
_CONFLICT = 409


class DockerEngine:
    """Make and remove the containers and the network of one run."""

    def __init__(self, run: str, settings: DockerSettings) -> None:
        """Raises ``EnvironmentFailed`` when there is no SDK, no engine, or no permission."""
        self.run = run
        self.settings = settings
        self._client = _connect()
        self._docker_errors = _errors()
        self._closed = threading.Event()
        me = identify(os.getpid())
        self._labels = {
            RUN_LABEL: run,
            OWNER_LABEL: f"{socket.gethostname()} {me.pid} {me.started_ticks}" if me is not None else "",
        }
        self.description = f"Docker {self._client.version()['Version']}"

    @property
    def network(self) -> str:
        return f"{self.settings.name}-{self.run}"

    def check_images(self) -> None:
        """Raise ``EnvironmentFailed`` for an image that does not exist here: no image is fetched unasked."""
        for image in dict.fromkeys(
            (self.settings.provider_image, self.settings.postgres_image, self.settings.toxiproxy_image)
        ):
            with self._said("the containers cannot be made", image):
                self._client.inspect_image(image)

    # -- making ------------------------------------------------------------------------------------

    def make_network(self) -> None:
        """Make a bridge network for this run alone, in which containers know each other by their roles."""
        with self._said("the network could not be made"):
            made = self._client.create_network(self.network, driver="bridge", labels=self._labels)["Id"]
            # An address can be asked for only where the subnet was: so the one that the engine found free is asked for.
            found = self._client.inspect_network(made)["IPAM"]
            self._client.remove_network(made)
            self._client.create_network(self.network, driver="bridge", labels=self._labels, ipam=found)

    def make(
        self,
        role: str,
        image: str,
        *,
        ports: Mapping[int, int] | None = None,
        command: list[str] | None = None,
        entrypoint: list[str] | None = None,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        memory_folder: str = "/tmp",
        attached: bool = False,
    ) -> str:
        """Create a container, not yet started, and return its id.

        ``ports`` maps each port inside to a port of 127.0.0.1; 0 takes any free port. ``memory_folder`` is a folder in
        memory that every user may write to; the rest is read-only. The standard input of an ``attached`` container
        closes with the connection of ``attach``.
        """
        if self._closed.is_set():
            raise EnvironmentFailed("stopped while the containers were being started")
        api, limits = self._client, self.settings
        host = api.create_host_config(
            port_bindings={inside: ("127.0.0.1", outside or None) for inside, outside in (ports or {}).items()},
            network_mode=self.network,
            # A dead role's name is asked for in the world outside, where perhaps nobody answers.
            dns_opt=["timeout:1", "attempts:1"],
            # A container that was killed leaves nobody who refuses a connection: after 3 s instead of 2 minutes it is
            # given up.
            sysctls={"net.ipv4.tcp_syn_retries": "1"},
            tmpfs={memory_folder: f"mode=1777,size={limits.memory_mb}m"},
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=f"{limits.memory_mb}m",
            pids_limit=limits.processes or None,
            nano_cpus=round(limits.cpus * 1e9) or None,
        )
        endpoint = api.create_endpoint_config(aliases=[role])
        with self._said(f"the container of {role} could not be made", image):
            made = api.create_container(
                image,
                command,
                name=f"{self.network}-{role}",
                entrypoint=entrypoint,
                environment=dict(environment or {}),
                user=user,
                labels={**self._labels, "ackord.role": role},
                ports=list(ports or {}),
                host_config=host,
                networking_config=api.create_networking_config({self.network: endpoint}),
                stdin_open=attached,
                detach=not attached,
            )
        return str(made["Id"])

    def start(self, container: str) -> None:
        with self._said("a container could not be started"):
            self._client.start(container)

    def attach(self, container: str) -> socket.socket:
        """Return a connection to the standard streams of a container that is not started; see ``attached_process``."""
        with self._said("a container could not be attached to"):
            attached = self._client.attach_socket(container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        ours = socket.socket(fileno=os.dup(attached.fileno()))
        attached.close()
        ours.setblocking(False)
        return ours

    # -- looking -----------------------------------------------------------------------------------

    def ended(self, container: str) -> int | None:
        """Return the container's exit code, or ``None`` while it runs."""
        with self._said("a container could not be looked at"):
            state = self._client.inspect_container(container)["State"]
        return None if state["Running"] else int(state["ExitCode"])

    def port(self, container: str, inside: int) -> int:
        """Return the port of 127.0.0.1 that leads to ``inside``.

        Raises ``EnvironmentFailed`` if the container does not run.
        """
        with self._said("a container could not be looked at"):
            seen = self._client.inspect_container(container)
        published = seen["NetworkSettings"]["Ports"].get(f"{inside}/tcp")
        if not published:
            raise EnvironmentFailed(f"the container {seen['Name']} ended while starting.{self.last_words(container)}")
        return int(published[0]["HostPort"])

    def evidence(self, container: str) -> dict[str, Any]:
        """Return what the engine says: ``state``, ``pid`` (0 when it does not run) and whether it is ``connected``."""
        with self._said("a container could not be looked at"):
            seen = self._client.inspect_container(container)
        connected = self.network in seen["NetworkSettings"]["Networks"]
        return {"state": seen["State"]["Status"], "pid": seen["State"]["Pid"], "connected": connected}

    def address(self, container: str) -> str:
        """Return the container's address in the run's network."""
        with self._said("a container could not be looked at"):
            seen = self._client.inspect_container(container)
        return str(seen["NetworkSettings"]["Networks"][self.network]["IPAddress"])

    def last_words(self, container: str) -> str:
        """Return the last lines of the container's output, for an error's text."""
        with contextlib.suppress(Exception):
            said = self._client.logs(container, tail=8).decode(errors="replace").strip()
            if said:
                return " Its last words:\n  " + "\n  ".join(said.splitlines())
        return ""

    # -- doing things to them ----------------------------------------------------------------------

    def pause(self, container: str) -> None:
        """Freeze all processes of the container."""
        with self._said("a container could not be paused"):
            self._client.pause(container)

    def resume(self, container: str) -> None:
        with self._said("a container could not be let go on"):
            self._client.unpause(container)

    def kill(self, container: str) -> None:
        """Kill all processes of the container as ``kill -9`` does; return when they are gone."""
        with self._said("a container could not be killed"):
            self._client.kill(container)
            self._client.wait(container, timeout=_CALL_TIMEOUT_S)

    def disconnect(self, container: str) -> None:
        """Take the container off the network: what it sends goes nowhere, and its published ports are closed."""
        with self._said("a container could not be disconnected"):
            self._client.disconnect_container_from_network(container, self.network)

    def connect(self, container: str, role: str, address: str) -> None:
        with self._said("a container could not be connected"):
            self._client.connect_container_to_network(container, self.network, ipv4_address=address, aliases=[role])

    # -- cleaning ----------------------------------------------------------------------------------

    def remove(self, container: str) -> None:
        """Remove the container with its volumes, whatever its state. One that is gone already is no error."""
        with contextlib.suppress(self._docker_errors.NotFound):
            try:
                self._client.remove_container(container, v=True, force=True)
            except self._docker_errors.APIError as error:
                if error.status_code != _CONFLICT:
                    raise
                # Somebody else is removing it this very moment; the network can go only after it.
                self._client.wait(container, timeout=_CALL_TIMEOUT_S, condition="removed")

    def close(self) -> None:
        """Refuse to make anything from now on."""
        self._closed.set()

    def remove_all(self) -> None:
        """Remove everything of this run. Safe to call twice."""
        self._remove_where(lambda labels: labels.get(RUN_LABEL) == self.run)

    def sweep(self) -> list[str]:
        """Remove what is left of runs whose owner is gone; return the names of these runs."""
        left: set[str] = set()

        def orphaned(labels: Mapping[str, str]) -> bool:
            if _owner_is_gone(labels.get(OWNER_LABEL, "")):
                left.add(labels[RUN_LABEL])
                return True
            return False

        # What cannot be removed now must not keep this run from starting; the next one tries again.
        with contextlib.suppress(self._docker_errors.APIError):
            self._remove_where(orphaned)
        return sorted(left)

    def left_of(self, run: str) -> list[str]:
        """Return the names of a run's containers and networks, in any state."""
        filters = {"label": f"{RUN_LABEL}={run}"}
        containers = [c["Names"][0].lstrip("/") for c in self._client.containers(all=True, filters=filters)]
        return sorted(containers + [n["Name"] for n in self._client.networks(filters=filters)])

    def _remove_where(self, wanted: Callable[[Mapping[str, str]], bool]) -> None:
        filters = {"label": RUN_LABEL}
        containers = [c["Id"] for c in self._client.containers(all=True, filters=filters) if wanted(c["Labels"])]
        if containers:
            with ThreadPoolExecutor(_ROLES_AT_ONCE) as pool:
                list(pool.map(self.remove, containers))
        for network in self._client.networks(filters=filters):
            if wanted(network["Labels"] or {}):
                with contextlib.suppress(self._docker_errors.NotFound):
                    self._client.remove_network(network["Id"])

    @contextlib.contextmanager
    def _said(self, what: str, image: str = "") -> Iterator[None]:
        """An error of the engine in our words."""
        try:
            yield
        except self._docker_errors.ImageNotFound:
            raise EnvironmentFailed(
                f"{what}: there is no image {image} here. Mend: {_obtain(image, self.settings)}"
            ) from None
        except self._docker_errors.APIError as error:
            raise EnvironmentFailed(f"{what}: {error.explanation or error}") from None
        except OSError as error:
            raise EnvironmentFailed(f"{what}: the engine does not answer ({error})") from None


def _owner_is_gone(label: str) -> bool:
    host, _, process = label.partition(" ")
    pid, _, ticks = process.partition(" ")
    if host != socket.gethostname() or not (pid + ticks).isdigit():
        return False
    who = ProcessIdentity(int(pid), int(ticks))
    return identify(who.pid) != who


def _obtain(image: str, settings: DockerSettings) -> str:
    if image == settings.provider_image:
        return f"docker build -t {image} . (in the project's folder), or name another with ACKORD_DOCKER_PROVIDER_IMAGE"
    role = "POSTGRES" if image == settings.postgres_image else "TOXIPROXY"
    return f"docker pull {image}, or name another with ACKORD_DOCKER_{role}_IMAGE"


def remove_run(run: str) -> None:
    """Remove what a killed run left; called through ``RunDir.register_cleanup``."""
    DockerEngine(run, DockerSettings()).remove_all()


def _errors() -> Any:
    import docker.errors

    return docker.errors


def _connect() -> Any:
    try:
        import docker
    except ImportError:
        raise EnvironmentFailed("the Docker SDK for Python is not installed. Mend: pip install 'docker>=7.1'") from None
    place = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    try:
        return docker.from_env(timeout=_CALL_TIMEOUT_S).api
    except docker.errors.DockerException as error:
        if "PermissionError" in str(error) or "Permission denied" in str(error):
            raise EnvironmentFailed(
                f"this user may not use the Docker engine at {place}. Mend: run as root, or join the group docker "
                f"and log in again"
            ) from None
        raise EnvironmentFailed(
            f"no Docker engine answers at {place}. Mend: install one (on Debian: apt-get install docker.io) and "
            f"start it (systemctl start docker), "
            "or set DOCKER_HOST"
        ) from None
