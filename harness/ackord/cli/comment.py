"""Defines ``ackord comment``, which puts a run's comment onto the pull request that a job is about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]


def comment(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The evidence folder of a run, or the folder of several contracts.")
    ],
) -> None:
    """Write the comment of a run onto the pull request (GitHub Actions, by GITHUB_TOKEN) or merge request (GitLab CI,
    by ACKORD_GITLAB_TOKEN) that this job is about, in place of the comment of the run before. Where there is none, or a
    fork's job may not write, that is said, and the exit code is 0.
    """
    from ..project.job_comment import NoPullRequest, comment_on_job, read_comment

    try:
        print(comment_on_job(read_comment(folder), os.environ))
    except NoPullRequest as why:
        print(f"no comment: {why}")


def register(app: typer.Typer) -> None:
    app.command()(comment)
