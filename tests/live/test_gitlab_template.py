"""The GitLab component, and the job that ``ackord init`` writes: their scripts played by the shells that runners use."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ackord.project.scaffold import CiSystem, new_files

from .code_host import CodeHost
from .paying_provider import PayingProvider, contract_file
from .test_secrets import PROFILE

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "templates" / "ackord.yml"

pytestmark = pytest.mark.skipif(not TEMPLATE.exists(), reason="the template is in a checkout only")


def component(**inputs: str) -> tuple[str, dict[str, Any]]:
    """The name and the job that GitLab makes of the component with these inputs."""
    head, body = TEMPLATE.read_text().split("\n---\n")
    declared = yaml.safe_load(head)["spec"]["inputs"]
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert set(given) <= set(declared)

    def value(match: re.Match[str]) -> str:
        found = given.get(match[1], declared[match[1]]["default"])
        return str(found).lower() if isinstance(found, bool) else str(found)

    used = set(re.findall(r"\$\[\[ inputs\.([a-z-]+) \]\]", body))
    assert used == set(declared), "each input has a use"
    ((name, job),) = yaml.safe_load(re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", value, body)).items()
    return name, job


def played(job: dict[str, Any], checkout: Path, *, shell: str = "sh", **environment: str) -> tuple[int, str]:
    """Run the job's script as a runner does: joined, in one shell that ends at the first error."""
    variables = {key: str(value).replace("$CI_PROJECT_DIR", str(checkout)) for key, value in job["variables"].items()}
    done = subprocess.run(
        [shell, "-e", "-c", "\n".join(job["script"])],
        cwd=checkout,
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(checkout), "CI": "true",
             "CI_PROJECT_DIR": str(checkout), **variables, **environment},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "tiny.yaml").write_text(PROFILE)
    contract_file(tmp_path)
    return tmp_path


def stub(folder: Path) -> Path:
    programs = folder / "programs"
    programs.mkdir()
    (programs / "ackord").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{folder}/arguments\nexit "${{CODE:-0}}"\n')
    (programs / "ackord").chmod(0o755)
    return folder / "arguments"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_every_option_reaches_the_command_as_one_word(checkout: Path, shell: str) -> None:
    note = stub(checkout)
    _, job = component(
        package="", contracts="a.yaml b.yaml", target="http://provider:80", allow_hosts="provider bank",
        profiles="none latency", require="all", budget="deep", time_limit="5m", seed="7", options="--remote --flaw x",
        out="o",
    )  # fmt: skip
    code, said = played(job, checkout, shell=shell, PATH=f"{checkout}/programs:{os.environ['PATH']}", CODE="3")
    assert code == 3, said
    assert note.read_text().splitlines() == [
        "certify", "--out", "o", "--target", "http://provider:80", "--allow-host", "provider", "--allow-host", "bank",
        "--profile", "none", "--profile", "latency", "--require", "all", "--budget", "deep", "--time-limit", "5m",
        "--seed", "7", "--remote", "--flaw", "x", "--", "a.yaml", "b.yaml",
    ]  # fmt: skip


def test_a_merge_request_from_the_checkout_to_the_note(checkout: Path) -> None:
    """A provider that is wrong fails the job, the note is written, and the reports are where the job says."""
    name, job = component(package="", contracts="paying.yaml", profiles="tiny.yaml", seed="1", comment="true")
    assert (name, job["stage"]) == ("ackord", "test")
    stub(checkout).with_name("programs").joinpath("ackord").write_text(
        f'#!/bin/sh\nexec {sys.executable} -m ackord "$@"\n'
    )
    with CodeHost(knows_who=True) as host, PayingProvider(pays_altered=True) as provider:
        job["variables"]["ACKORD_TARGET"] = provider.url
        path = f"{checkout}/programs:{os.environ['PATH']}"
        code, said = played(job, checkout, PATH=path, **host.environment("gitlab"))
    assert code == 1, said
    assert "VIOLATED" in host.comments[0]["body"]
    reports = job["artifacts"]["reports"]
    assert [path.name for path in checkout.glob(reports["junit"])] == ["junit.xml"]
    (quality,) = checkout.glob(reports["codequality"])
    assert json.loads(quality.read_text())[0]["location"]["path"] == "paying.yaml"
    assert job["artifacts"]["when"] == "always" and job["artifacts"]["paths"] == ["ackord-out"]


def test_the_package_is_installed_where_the_image_has_none(checkout: Path) -> None:
    _, job = component(package="ackord==1")
    stub(checkout)
    fake = checkout / "programs" / "python3"
    fake.write_text(
        '#!/bin/sh\n[ "$2" = venv ] || exit 9\nmkdir -p "$3/bin"\n'
        f'cp {checkout}/programs/ackord "$3/bin/ackord"\n'
        f'printf \'#!/bin/sh\\necho "$@" >{checkout}/pip\\n\' >"$3/bin/python"; chmod +x "$3/bin/python"\n'
    )
    fake.chmod(0o755)
    job["script"] = [line.replace("/tmp/ackord-venv", str(checkout / "venv")) for line in job["script"]]
    code, said = played(job, checkout, PATH=f"{checkout}/programs:{os.environ['PATH']}")
    assert code == 0, said
    assert (checkout / "pip").read_text() == "-m pip install --quiet ackord==1\n"
    assert (checkout / "arguments").read_text() == "certify\n--out\nackord-out\n--\n"


def test_the_job_that_init_writes_runs(checkout: Path) -> None:
    files = new_files(checkout, ["paying.yaml"], target="", system=CiSystem.GITLAB)
    job = yaml.safe_load(files[1].text)["ackord"]
    stub(checkout)
    venv = f"mkdir -p venv/bin; printf '#!/bin/sh\\n' >venv/bin/pip; chmod +x venv/bin/pip; cp {checkout}/programs/ackord venv/bin"
    script = [line.replace("/tmp/ackord", "venv").replace("python3 -m venv venv", venv) for line in job["script"]]
    code, said = played({**job, "script": script}, checkout, CODE="1")
    assert code == 1, said
    assert (checkout / "arguments").read_text() == "certify\n"
