"""Nothing of a run stays behind, however it ends; and mistakes get one clear error."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from ackord.errors import EnvironmentFailed
from ackord.host.child_process import ChildProcess
from ackord.host.run_dir import RunDir
from ackord.providers.containers.docker_engine import OWNER_LABEL, RUN_LABEL, DockerEngine, remove_run
from ackord.providers.containers.docker_settings import DockerSettings

from .conftest import Containers, until


@pytest.fixture
def api(images: None) -> Any:
    return docker.from_env().api


@pytest.fixture
def run() -> Iterator[RunDir]:
    with RunDir.create() as run:
        yield run


def containers_of(api: Any, run: str, **more: str) -> list[str]:
    filters = {"label": f"{RUN_LABEL}={run}", **more}
    return sorted(c["Labels"]["ackord.role"] for c in api.containers(all=True, filters=filters))


def networks_of(api: Any, run: str) -> list[str]:
    return [n["Name"] for n in api.networks(filters={"label": f"{RUN_LABEL}={run}"})]


def test_a_killed_run_is_removed_by_the_next(api: Any, run: RunDir) -> None:
    containers = Containers(run)
    name = containers.start()["run"]
    assert containers_of(api, name) == ["a", "b", "link", "primary", "standby"]
    containers.call("pause", node="A")
    os.kill(containers.child.pid, signal.SIGKILL)

    def removed_by_another() -> bool:
        """A test beside this one that starts containers is the next run, too."""
        return not containers_of(api, name)

    def alone() -> bool:
        return containers_of(api, name, status="exited") == ["b"]

    until(lambda: alone() or removed_by_another(), "node B ends when nobody talks to it any more")
    containers.http.close()
    containers.child.stop()
    DockerEngine("next", DockerSettings.read()).sweep()
    assert (containers_of(api, name), networks_of(api, name)) == ([], [])


def test_a_run_that_is_told_to_go_while_it_starts_leaves_nothing(api: Any, run: RunDir) -> None:
    child = ChildProcess.start("ackord.providers.containers", run=run, name="containers")
    started = child.post("start", seed=1, run_dir=str(run.path))
    until(lambda: "primary" in containers_of(api, run.path.name), "the first containers are there", 120)
    os.kill(child.pid, signal.SIGTERM)
    with pytest.raises(EnvironmentFailed):
        started.result(60)
    child.stop(timeout_s=60)
    assert (containers_of(api, run.path.name), networks_of(api, run.path.name)) == ([], [])


def test_a_run_that_is_killed_while_it_starts_leaves_nothing_but_a_debt(api: Any, run: RunDir) -> None:
    """Which whoever cleans up after the run pays, be it a run without containers."""
    child = ChildProcess.start("ackord.providers.containers", run=run, name="containers")
    child.post("start", seed=1, run_dir=str(run.path))
    until(lambda: "primary" in containers_of(api, run.path.name), "the first containers are there", 120)
    os.kill(child.pid, signal.SIGKILL)
    child.stop()
    assert networks_of(api, run.path.name)
    run.remove()
    assert (containers_of(api, run.path.name), networks_of(api, run.path.name)) == ([], [])


def test_a_start_that_fails_leaves_nothing_and_says_which_container_it_was(api: Any, run: RunDir) -> None:
    child = ChildProcess.start("ackord.providers.containers", run=run, name="containers")
    wrong = {"postgres_image": DockerSettings.read().toxiproxy_image + "-none"}
    try:
        with pytest.raises(
            EnvironmentFailed, match=r"there is no image .*-none here. Mend: docker pull .*POSTGRES_IMAGE"
        ):
            child.call("start", timeout_s=60, seed=1, run_dir=str(run.path), settings=wrong)
    finally:
        child.stop(timeout_s=60)
    child = ChildProcess.start("ackord.providers.containers", run=run, name="containers")
    wrong = {"postgres_image": DockerSettings.read().toxiproxy_image, "memory_mb": 8}  # too little for a server
    try:
        with pytest.raises(EnvironmentFailed, match=r"the container of (primary|standby) ended|could not be"):
            child.call("start", timeout_s=240, seed=1, run_dir=str(run.path), settings=wrong)
        assert (containers_of(api, run.path.name), networks_of(api, run.path.name)) == ([], [])
    finally:
        child.stop(timeout_s=60)


def test_a_sweep_spares_runs_that_live_and_those_of_other_hosts(api: Any) -> None:
    """Four runs: ours, which lives; one of a process that ended; one whose number another process has now; one of
    another host.
    """
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    host = socket.gethostname()
    labels = {
        "ended": f"{host} {dead.pid} 1",
        "reused": f"{host} {os.getpid()} 1",
        "elsewhere": f"another-{host} {dead.pid} 1",
    }
    ours = DockerEngine(f"ours-{os.getpid()}", DockerSettings.read())
    ours.make_network()
    names = {key: f"{key}-{os.getpid()}" for key in labels}
    for key, label in labels.items():
        api.create_network(f"ackord-{names[key]}", labels={RUN_LABEL: names[key], OWNER_LABEL: label})
    try:
        swept = ours.sweep()
        assert {names["ended"], names["reused"]} <= set(swept)
        left = [name for name in (ours.run, *names.values()) if networks_of(api, name)]
        assert left == [ours.run, names["elsewhere"]]
    finally:
        for name in (ours.run, *names.values()):
            remove_run(name)
    assert not [name for name in (ours.run, *names.values()) if networks_of(api, name)]


def test_an_engine_that_is_not_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(
        EnvironmentFailed, match=r"no Docker engine answers at unix:///nowhere/docker.sock. Mend: install one"
    ):
        DockerEngine("probe", DockerSettings())
