"""The ready pieces hold to the schemas of those who read them, as the package check-jsonschema brings them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from ackord.project.scaffold import CiSystem, new_files

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not (ROOT / "action.yml").exists(), reason="they are in a checkout only")


def checked(kind: str, path: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{kind}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("system", [CiSystem.GITHUB, CiSystem.GITLAB])
def test_what_init_writes(tmp_path: Path, system: CiSystem) -> None:
    workflow = new_files(tmp_path, ["a.yaml"], target="", system=system)[1]
    path = tmp_path / "workflow.yml"
    path.write_text(workflow.text)
    kind = "github-workflows" if system is CiSystem.GITHUB else "gitlab-ci"
    code, said = checked(kind, path)
    assert code == 0, said
    path.write_text(workflow.text.replace("runs-on:", "runs_on:").replace("  script:", "  scripts:"))
    assert checked(kind, path)[0] == 1, "a mistake is found"


def test_the_action() -> None:
    code, said = checked("github-actions", ROOT / "action.yml")
    assert code == 0, said


def test_the_gitlab_component(tmp_path: Path) -> None:
    """The head and the body apart, and the body with the inputs' defaults."""
    head, body = (ROOT / "templates/ackord.yml").read_text().split("\n---\n")
    path = tmp_path / "body.yml"
    path.write_text(head + "\n\n" + body.replace("$[[ inputs.comment ]]", "false"))
    code, said = checked("gitlab-ci", path)
    assert code == 0, said


def test_the_hooks_of_pre_commit() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_hooks_of_pre_commit_run(tmp_path: Path) -> None:
    """The commands alone; pre-commit itself runs them in tests/live/test_pre_commit.py."""
    files = {
        "ackord-contract": ROOT / "contracts/stripe-payouts.yaml",
        "ackord-profile": ROOT / "chaos_profiles/none.yaml",
    }
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()):
        words = hook["entry"].split()
        assert words[0] == "ackord" and re.match(hook["files"], str(files[hook["id"]].relative_to(ROOT)))
        (tmp_path / "wrong.yaml").write_text("provider: x\n")
        for path, code in ((files[hook["id"]], 0), (tmp_path / "wrong.yaml", 2)):
            done = subprocess.run([sys.executable, "-m", *words, str(path)], capture_output=True, check=False)
            assert done.returncode == code, done.stderr
