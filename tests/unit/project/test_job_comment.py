"""Against a server that answers as GitHub and GitLab do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.errors import EnvironmentFailed, FileError, UsageError
from ackord.project.job_comment import NoPullRequest, comment_on_job, read_comment
from ackord.report.pr_comment import LIMIT_CHARACTERS
from tests.live.code_host import CodeHost

BODY = "<!-- ackord: paying -->\n### Ackord: paying\n\n**HELD**\n"


@pytest.fixture
def host() -> Iterator[CodeHost]:
    with CodeHost() as host:
        yield host


@pytest.fixture
def event(tmp_path: Path) -> Path:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"pull_request": {"number": 7}}))
    return path


def put(host: CodeHost, event: Path, body: str = BODY, system: str = "github") -> str:
    return comment_on_job(body, {**host.environment(system), "GITHUB_EVENT_PATH": str(event)})


@pytest.mark.parametrize(("system", "knows_who"), [("github", False), ("github", True), ("gitlab", True)])
def test_the_comment_of_the_run_before_is_replaced(host: CodeHost, event: Path, system: str, knows_who: bool) -> None:
    host.knows_who = knows_who
    for n in range(150):
        host.say(f"comment {n}")
    host.say(BODY + "said by somebody who copied the first line")
    assert put(host, event, system=system) == "the comment was written"
    assert put(host, event, system=system) == "the comment stands there already"
    assert put(host, event, BODY.replace("HELD", "VIOLATED"), system) == "the comment was replaced"
    assert put(host, event, BODY.replace("paying", "other"), system) == "the comment was written"
    assert [c["body"][:40] for c in host.comments[150:]] == [BODY[:40], BODY[:40], BODY.replace("paying", "other")[:40]]
    assert "VIOLATED" in host.comments[151]["body"]


def test_a_job_of_no_pull_request_says_so(host: CodeHost, tmp_path: Path) -> None:
    (tmp_path / "push.json").write_text("{}")
    for event in (tmp_path / "push.json", tmp_path / "none.json"):
        with pytest.raises(NoPullRequest, match="about no pull request"):
            put(host, event)
    with pytest.raises(NoPullRequest, match="about no merge request"):
        comment_on_job(BODY, {**host.environment("gitlab"), "CI_MERGE_REQUEST_IID": ""})


def test_a_job_of_a_fork_may_not_write_and_nothing_is_wrong(host: CodeHost, event: Path) -> None:
    host.refuses = ("POST",)
    with pytest.raises(NoPullRequest, match="pull-requests: write"):
        put(host, event)


def test_no_token_no_job_and_no_server_are_told(host: CodeHost, event: Path) -> None:
    with pytest.raises(UsageError, match="GITHUB_TOKEN is not set"):
        comment_on_job(BODY, {**host.environment("github"), "GITHUB_TOKEN": "", "GITHUB_EVENT_PATH": str(event)})
    with pytest.raises(UsageError, match="this is no job"):
        comment_on_job(BODY, {})
    wrong = {**host.environment("github"), "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "acme/none"}
    with pytest.raises(EnvironmentFailed, match="was answered 404"):
        comment_on_job(BODY, wrong)
    with pytest.raises(EnvironmentFailed, match="got no answer"):
        comment_on_job(BODY, {**wrong, "GITHUB_API_URL": "http://127.0.0.1:1"})


def test_the_token_is_in_no_error(host: CodeHost, event: Path) -> None:
    wrong = {**host.environment("github"), "GITHUB_EVENT_PATH": str(event), "GITHUB_REPOSITORY": "ghs_canary-token"}
    with pytest.raises(EnvironmentFailed) as error:
        comment_on_job(BODY, wrong)
    assert "canary" not in str(error.value)
    assert host.tokens == {"Bearer ghs_canary-token"}


def test_what_a_run_left_is_read_and_bounded(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="it cannot be read"):
        read_comment(tmp_path)
    path = tmp_path / "ackord-pr-comment.md"
    path.write_text("hello\n")
    with pytest.raises(FileError, match="this is no comment of Ackord's"):
        read_comment(tmp_path)
    path.write_text(BODY + "x" * LIMIT_CHARACTERS)
    assert len(read_comment(tmp_path)) == LIMIT_CHARACTERS
