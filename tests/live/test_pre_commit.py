"""The hooks of pre-commit, run by pre-commit on a scratch repository, without an index."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .github_job import offline_pip
from .paying_provider import CONTRACT
from .test_secrets import PROFILE

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"

pytestmark = [
    pytest.mark.full,  # it makes an environment and builds the package
    pytest.mark.skipif(not HOOKS.exists(), reason="the hooks are in a checkout only"),
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]

PACKAGE = ("pyproject.toml", "README.md", "LICENSE", "harness", "contracts", "chaos_profiles", ".pre-commit-hooks.yaml")


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repository(folder: Path) -> str:
    """Make a repository of all that is in ``folder``; return its commit."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "All")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    package = tmp_path / "ackord"
    package.mkdir()
    for name in PACKAGE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, package / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, package / name)
    commit = repository(package)
    scratch = tmp_path / "scratch"
    (scratch / "contracts").mkdir(parents=True)
    (scratch / "chaos_profiles").mkdir()
    (scratch / "contracts" / "mine.yaml").write_text(CONTRACT)
    (scratch / "chaos_profiles" / "tiny.yaml").write_text(PROFILE)
    (scratch / "contracts" / "notes.txt").write_text("no contract\n")
    (scratch / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {package}\n    rev: {commit}\n    hooks: [{{id: ackord-contract}}, {{id: ackord-profile}}]\n"
    )
    repository(scratch)
    return scratch


def pre_commit(scratch: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--all-files"],
        cwd=scratch,
        env={
            **os.environ,
            **offline_pip(),
            "PRE_COMMIT_HOME": str(scratch.parent / "cache"),
            "HOME": str(scratch.parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_contracts_and_profiles_are_checked_before_a_commit(scratch: Path) -> None:
    code, said = pre_commit(scratch)
    assert code == 0, said
    assert said.count("Passed") == 2

    (scratch / "contracts" / "mine.yaml").write_text(CONTRACT.replace("promises:", "promisses:"))
    (scratch / "chaos_profiles" / "tiny.yaml").write_text(PROFILE.replace("workload:", "worklaod:"))
    code, said = pre_commit(scratch)
    assert code == 1
    line = CONTRACT.splitlines().index(next(x for x in CONTRACT.splitlines() if x.startswith("promises:"))) + 1
    assert f'contracts/mine.yaml:{line}: "promisses": there is no such field. Did you mean "promises"?' in said
    assert 'chaos_profiles/tiny.yaml:5: "worklaod": there is no such field. Did you mean "workload"?' in said
