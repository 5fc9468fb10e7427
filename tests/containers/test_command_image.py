"""The image of the command, as a CI job uses it: a checkout, a provider beside it under a name, and no PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..live.paying_provider import contract_file
from ..live.test_secrets import PROFILE
from .conftest import until

IMAGE = os.environ.get("ACKORD_COMMAND_IMAGE", "ackord-ci/ackord")
TESTS = Path(__file__).parents[1]


def docker(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=check, timeout=120)


@pytest.fixture(scope="module")
def network(images: None) -> Iterator[str]:
    """A private network with a provider called ``provider``."""
    name = f"ackord-sidecar-{uuid.uuid4().hex[:12]}"
    docker("network", "create", "--internal", name)
    try:
        docker(
            "run", "--detach", "--rm", "--name", name, "--network", name, "--network-alias", "provider",
            "--volume", f"{TESTS}:/suite/tests:ro", "--env", "PYTHONPATH=/suite", "--entrypoint", "python", IMAGE,
            "-m", "tests.live.sidecar_provider",
        )  # fmt: skip
        until(lambda: "listening" in docker("logs", name).stdout, "the provider listens")
        yield name
    finally:
        docker("rm", "--force", name, check=False)
        docker("network", "rm", name, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    contract_file(tmp_path)
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    (tmp_path / "ackord.toml").write_text(
        'contracts = ["paying.yaml"]\ntarget = "http://provider:8080"\nallow-hosts = ["provider"]\n'
        'profiles = ["tiny.yaml"]\nseed = 1\nout = "evidence"\n'
    )
    return tmp_path


def certify(network: str, checkout: Path, *words: str) -> tuple[int, str]:
    user = f"{os.getuid()}:{os.getgid()}"
    done = docker(
        "run", "--rm", "--network", network, "--user", user, "--volume", f"{checkout}:/work", IMAGE, "certify", *words,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_provider_beside_the_job_is_judged_by_its_name(network: str, checkout: Path) -> None:
    code, said = certify(network, checkout)
    assert code == 0, said
    assert "HELD" in said
    assert (checkout / "evidence" / "junit.xml").is_file()
    assert "--allow-host provider" in (checkout / "evidence" / "result.json").read_text(), "the command repeats it"


def test_it_is_refused_where_nobody_allowed_it(network: str, checkout: Path) -> None:
    code, said = certify(network, checkout, "--isolated", "paying.yaml", "--target", "http://provider:8080")
    assert code == 2, said
    assert "mend: --allow-host provider, if this is a service beside this job" in said
    code, said = certify(network, checkout, "--target", "http://nobody:8080", "--allow-host", "nobody")
    assert code == 4, said
    assert "the host nobody has no address here" in said
