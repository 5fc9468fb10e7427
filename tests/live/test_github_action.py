"""The composite action, played as a runner of GitHub does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from .code_host import CodeHost
from .github_job import GithubJob, offline_pip
from .paying_provider import PayingProvider, contract_file
from .test_secrets import PROFILE

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "action.yml").read_text() if (ROOT / "action.yml").exists() else ""

pytestmark = pytest.mark.skipif(not TEXT, reason="the action is in a checkout only")

KNOWN_INPUTS = {
    "actions/cache": ({"path", "key"}, {"restore-keys", "upload-chunk-size", "enableCrossOsArchive", "fail-on-cache-miss", "lookup-only"}),
    "actions/upload-artifact": ({"path"}, {"name", "if-no-files-found", "retention-days", "compression-level", "overwrite", "include-hidden-files"}),
    "actions/checkout": (set(), {"fetch-depth", "persist-credentials", "ref"}),
    "actions/setup-python": (set(), {"python-version", "cache"}),
    "github/codeql-action/upload-sarif": (set(), {"sarif_file", "category", "ref", "sha", "token", "checkout_path", "wait-for-processing"}),
}  # fmt: skip
"""What each action that is used must be given, and what else it takes."""


def steps_of(data: dict[str, Any]) -> list[dict[str, Any]]:
    if "runs" in data:
        return list(data["runs"]["steps"])
    return [step for job in data["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("path", ["action.yml", "harness/ackord/project/templates/github.yml"])
def test_actions_are_pinned_and_given_what_they_take(path: str) -> None:
    text = (ROOT / path).read_text()
    used = [step for step in steps_of(yaml.safe_load(text)) if "uses" in step]
    assert used
    for step in used:
        name, _, commit = step["uses"].partition("@")
        assert re.fullmatch("[0-9a-f]{40}", commit), step["uses"]
        assert re.search(rf"{re.escape(step['uses'])} # v\d+\.\d+\.\d+$", text, re.MULTILINE), (
            "its version stands beside"
        )
        must, may = KNOWN_INPUTS[name]
        given = set(step.get("with", {}))
        assert must <= given <= must | may


def test_every_input_has_a_use_and_a_description() -> None:
    definition = yaml.safe_load(TEXT)
    for name, value in definition["inputs"].items():
        assert value["description"], name
        assert f"inputs.{name} " in TEXT.replace("}}", " }}"), name


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "tiny.yaml").write_text(PROFILE)
    contract_file(folder)
    return folder


def job(workspace: Path, *, event: str = "push", environment: dict[str, str] | None = None, **inputs: str) -> GithubJob:
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    return GithubJob(ROOT, workspace, workspace.parent / "temp", given, event, environment or {})


def stub(workspace: Path) -> Path:
    """Put a program in place of ackord that notes its arguments; return the note."""
    programs = workspace.parent / "temp" / "ackord" / "bin"
    programs.mkdir(parents=True)
    note = workspace.parent / "arguments"
    (programs / "ackord").write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" >{note}\nexit "${{CODE:-0}}"\n')
    (programs / "ackord").chmod(0o755)
    return note


def test_every_option_reaches_the_command_as_one_word(workspace: Path) -> None:
    note = stub(workspace)
    done = job(
        workspace, contracts="a.yaml b.yaml", target="http://provider:80", allow_hosts="provider bank", remote="true",
        profiles="none latency", require="all none", budget="deep", time_limit="5m", seed="7", flaw="x y",
        allow_hooks="true", production="$(touch hacked)", openapi="o p.json", ca='"', callback_port="8", config="c; false", options="--fail-fast --shard 1/2",
        out="out",
    ).run("certify")  # fmt: skip
    assert done.output("exit-code") == "0", done.log
    assert note.read_text().splitlines() == [
        "certify", "--out", "out", "--config", "c; false", "--target", "http://provider:80", "--allow-host", "provider",
        "--allow-host", "bank", "--remote", "--profile", "none", "--profile", "latency", "--require", "all",
        "--require", "none", "--budget", "deep", "--time-limit", "5m", "--seed", "7", "--flaw", "x y", "--allow-hooks",
        "--production", "$(touch hacked)", "--openapi", "o p.json", "--ca", '"', "--callback-port", "8", "--fail-fast",
        "--shard", "1/2", "--",
        "a.yaml", "b.yaml",
    ]  # fmt: skip
    assert not list(workspace.glob("hacked"))


def test_without_inputs_the_project_s_own_settings_count(workspace: Path) -> None:
    note = stub(workspace)
    job(workspace).run("certify")
    assert note.read_text().splitlines() == ["certify", "--out", "ackord-out", "--"]


def test_the_exit_code_is_the_step_s_and_an_output(workspace: Path) -> None:
    stub(workspace)
    done = job(workspace, environment={"CODE": "3"}).run("certify")
    assert (done.steps["certify"]["code"], done.output("exit-code"), done.failed) == (3, "3", True)
    wrong = job(workspace, remote="yes").run("certify")
    assert (wrong.steps["certify"]["code"], wrong.output("exit-code")) == (2, "")
    assert "::error::--remote: true or false, not yes" in wrong.log


@pytest.mark.parametrize(
    ("folders", "certified", "gated", "ends"),
    [([""], "1", "0", 0), (["a", "b"], "1", "0", 0), (["a", "b"], "0", "1", 1), ([], "4", "0", 4)],
)
def test_with_a_policy_the_gate_decides_where_there_is_evidence(
    workspace: Path, folders: list[str], certified: str, gated: str, ends: int
) -> None:
    note = stub(workspace)
    program = note.parent / "temp/ackord/bin/ackord"
    program.write_text(f'#!/bin/bash\necho "$@" >>{note}\n[ "$1" = gate ] && exit {gated}\nexit {certified}\n')
    for folder in folders:
        (workspace / "ackord-out" / folder).mkdir(parents=True)
        (workspace / "ackord-out" / folder / "result.json").touch()
    done = job(workspace, policy="gate.yaml").run("certify")
    assert (done.steps["certify"]["code"], done.output("exit-code")) == (ends, str(ends)), done.log
    asked = [line.split()[1] for line in note.read_text().splitlines() if line.startswith("gate ")]
    assert asked == [f"ackord-out/{folder}".rstrip("/") for folder in folders]


def test_a_python_that_is_too_old_is_told(workspace: Path) -> None:
    old = workspace.parent / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = job(workspace, python=str(old)).run("prepare")
    assert done.failed and "::error::Ackord needs Python 3.11 or newer" in done.log


@pytest.fixture
def host() -> Iterator[CodeHost]:
    with CodeHost() as host:
        yield host


def test_a_pull_request_from_the_checkout_to_the_comment(workspace: Path, host: CodeHost) -> None:
    """The action installs itself, judges a provider that is right and one that is wrong, and its comment is replaced."""
    event = workspace.parent / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    environment = {**offline_pip(), **host.environment("github"), "GITHUB_EVENT_PATH": str(event)}
    del environment["GITHUB_TOKEN"]  # it is an input's default

    def played(provider: PayingProvider, temp: str, *only: str) -> GithubJob:
        (workspace / "ackord.toml").write_text(
            f'contracts = ["paying.yaml"]\ntarget = "{provider.url}"\nprofiles = ["tiny.yaml"]\nseed = 1\n'
        )
        made = job(workspace, event="pull_request", environment=environment, sarif="true")
        return made.run(*only)

    with PayingProvider() as provider:
        done = played(provider, "temp")
    assert not done.failed, done.log
    assert done.output("exit-code") == "0"
    assert set(done.used) == {"actions/cache", "github/codeql-action/upload-sarif", "actions/upload-artifact"}
    evidence = workspace / done.output("evidence")
    assert evidence == workspace / done.used["actions/upload-artifact"]["path"] == workspace / "ackord-out"
    assert list((workspace / done.used["github/codeql-action/upload-sarif"]["sarif_file"]).rglob("*.sarif"))
    assert done.used["actions/cache"]["key"].startswith("ackord-Linux-X64-3.")
    assert "HELD" in done.summary and "HELD" in host.comments[0]["body"]

    with PayingProvider(pays_altered=True) as provider:
        done = played(provider, "temp", "certify", "comment", "step-5", "step-6")
    assert (done.failed, done.output("exit-code")) == (True, "1"), done.log
    assert "actions/upload-artifact" in done.used, "what broke is uploaded too"
    assert "::error file=paying.yaml,line=" in done.log
    assert len(host.comments) == 1 and "VIOLATED" in host.comments[0]["body"]
    assert "canary" not in done.log
