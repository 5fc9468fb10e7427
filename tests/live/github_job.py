"""Plays a composite action as a runner of GitHub does: its ``run`` steps by bash, with the environment and the files that
GitHub gives. Steps that use other actions are noted with what they are given.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["GithubJob", "offline_pip"]

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def offline_pip() -> dict[str, str]:
    """Return variables by which pip builds and installs a package without an index: all else is this environment's."""
    import hatchling

    site = str(Path(hatchling.__file__).parents[1])
    return {
        "PYTHONPATH": site, "PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "false",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }  # fmt: skip


@dataclass
class GithubJob:
    """A job with one composite action. ``environment`` is added to that of every step."""

    action: Path
    workspace: Path
    temp: Path
    inputs: Mapping[str, str]
    event_name: str = "push"
    environment: Mapping[str, str] = field(default_factory=dict)
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """Other actions that would have run, with their inputs."""
    log: str = ""
    failed: bool = False

    def __post_init__(self) -> None:
        self.definition = yaml.safe_load((self.action / "action.yml").read_text())
        defaults = {name: str(value.get("default", "")) for name, value in self.definition["inputs"].items()}
        assert set(self.inputs) <= set(defaults)
        self.inputs = {**defaults, **self.inputs}
        self.temp.mkdir(exist_ok=True)

    def run(self, *only: str) -> GithubJob:
        """Play the steps, or only those with these ids."""
        for number, step in enumerate(self.definition["runs"]["steps"]):
            name = step.get("id", f"step-{number}")
            if only and name not in only:
                continue
            if not (self._holds(step["if"]) if "if" in step else not self.failed):
                continue
            if "uses" in step:
                self.used[step["uses"].partition("@")[0]] = {k: self._filled(v) for k, v in step["with"].items()}
            else:
                self._bash(name, step)
        return self

    def output(self, name: str) -> str:
        return self._filled(self.definition["outputs"][name]["value"])

    @property
    def summary(self) -> str:
        path = self.temp / "summary.md"
        return path.read_text() if path.exists() else ""

    def _bash(self, name: str, step: Mapping[str, Any]) -> None:
        assert step["shell"] == "bash"
        script, outputs = self.temp / f"{name}.sh", self.temp / f"{name}.outputs"
        script.write_text(self._filled(step["run"]))
        assert "${{" not in step["run"], "what users say comes by the environment, where it is no code"
        outputs.write_text("")
        given = {key: self._filled(value) for key, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace / self._filled(step.get("working-directory", ".")),
            env={
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(self.temp), "CI": "true",
                "GITHUB_ACTIONS": "true", "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_TEMP": str(self.temp),
                "GITHUB_WORKSPACE": str(self.workspace), "GITHUB_OUTPUT": str(outputs),
                "GITHUB_STEP_SUMMARY": str(self.temp / "summary.md"), **self.environment, **given,
            },
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        self.log += f"== {name}: {done.returncode}\n{done.stdout}{done.stderr}"
        pairs = [line.partition("=") for line in outputs.read_text().splitlines()]
        outcome = "failure" if done.returncode else "success"
        self.steps[name] = {"outcome": outcome, "code": done.returncode, "outputs": {k: v for k, _, v in pairs}}
        self.failed = self.failed or done.returncode != 0

    def _filled(self, text: Any) -> str:
        return _EXPRESSION.sub(lambda match: self._value(match[1]), str(text))

    def _holds(self, condition: str) -> bool:
        (expression,) = _EXPRESSION.findall(condition)
        return all(self._term(term.strip()) for term in expression.split("&&"))

    def _term(self, term: str) -> bool:
        if term == "!cancelled()":
            return True
        left, sign, right = re.split(r"\s+(==|!=)\s+", term)
        return (self._value(left) == right.strip("'")) is (sign == "==")

    def _value(self, name: str) -> str:
        known = {
            "github.token": "ghs_canary-token", "github.action_path": str(self.action),
            "github.event_name": self.event_name,
        }  # fmt: skip
        if name in known:
            return known[name]
        room, _, rest = name.partition(".")
        if room == "inputs":
            return self._filled(self.inputs[rest])
        assert room == "steps", name
        step, kind, *output = rest.split(".")
        found = self.steps.get(step, {"outcome": "skipped", "outputs": {}})
        return str(found["outputs"].get(output[0], "") if kind == "outputs" else found["outcome"])
