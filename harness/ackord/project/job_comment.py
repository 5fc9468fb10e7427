"""Puts the comment of a run onto the pull or merge request that a CI job is about, in place of the one before.

The comment is found again by its first line, which nobody sees. What is sent is the file that the reports wrote, so it
holds no secret; the job's own token is all that it needs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import httpx

from ..errors import EnvironmentFailed, FileError, UsageError
from ..masking import hide
from ..report.pr_comment import FILE_NAME, LIMIT_CHARACTERS

__all__ = ["NoPullRequest", "comment_on_job", "read_comment"]

_MARKER = re.compile(r"<!-- ackord: [A-Za-z0-9._-]+ -->\Z")
_PAGE = 100
_MOST_PAGES = 30
_PATIENCE_S = 30.0


class NoPullRequest(Exception):
    """The job is about no pull request, or may not write there: nothing is wrong, and nothing was said."""


class Comment(NamedTuple):
    id: int
    body: str


class CommentThread(Protocol):
    """The comments of one pull request."""

    def own(self) -> Iterator[Comment]:
        """Return the comments that this job's account wrote, the oldest first."""
        ...

    def create(self, body: str) -> None: ...

    def replace(self, comment: Comment, body: str) -> None: ...


def read_comment(folder: Path) -> str:
    """Return the comment that a run left in ``folder``. Raises ``FileError``."""
    path = folder / FILE_NAME
    try:
        body = path.read_text(encoding="utf-8")
    except OSError as error:
        mend = "name the folder of a run, or make the comment again with ackord report DIR --format pr-comment"
        raise FileError(path, None, f"it cannot be read: {error.strerror}", mend=mend) from None
    except UnicodeDecodeError:
        raise FileError(path, None, "this is not UTF-8 text", mend="make it again with ackord report") from None
    if not _MARKER.match(body.partition("\n")[0]):
        raise FileError(path, 1, "this is no comment of Ackord's", expected="a first line such as <!-- ackord: x -->")
    return body[:LIMIT_CHARACTERS]


def comment_on_job(body: str, environment: Mapping[str, str]) -> str:
    """Write ``body``, or replace the comment with the same first line. Returns what was done.

    ``environment``: the job's, as GitHub Actions or GitLab CI sets it. Raises ``NoPullRequest``, ``UsageError`` outside
    of both or without a token, ``EnvironmentFailed`` if the server refuses.
    """
    with httpx.Client(timeout=_PATIENCE_S, follow_redirects=False) as client:
        thread = _thread(client, environment)
        marker = body.partition("\n")[0]
        before = next((c for c in thread.own() if c.body.lstrip().startswith(marker)), None)
        if before is None:
            thread.create(body)
            return "the comment was written"
        if before.body.replace("\r\n", "\n").rstrip() == body.rstrip():
            return "the comment stands there already"
        thread.replace(before, body)
        return "the comment was replaced"


def _thread(client: httpx.Client, environment: Mapping[str, str]) -> CommentThread:
    if environment.get("GITHUB_ACTIONS") == "true":
        return _github_thread(client, environment)
    if environment.get("GITLAB_CI") == "true":
        return _gitlab_thread(client, environment)
    raise UsageError(
        "this is no job of GitHub Actions (GITHUB_ACTIONS) or GitLab CI (GITLAB_CI): there is nothing to comment on.\n"
        f"  mend: call it in a job; elsewhere post {FILE_NAME} yourself"
    )


def _github_thread(client: httpx.Client, environment: Mapping[str, str]) -> CommentThread:
    try:
        event = json.loads(Path(environment.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
        number = int(event["pull_request"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        raise NoPullRequest("this job is about no pull request") from None
    token = _required(environment, "GITHUB_TOKEN", "env: {GITHUB_TOKEN: ${{ github.token }}}")
    api = environment.get("GITHUB_API_URL", "")
    issues = f"{api}/repos/{environment.get('GITHUB_REPOSITORY', '')}/issues"
    client.headers.update({"authorization": f"Bearer {token}", "accept": "application/vnd.github+json"})
    return _GithubThread(_Api(client), api, issues, number)


def _gitlab_thread(client: httpx.Client, environment: Mapping[str, str]) -> CommentThread:
    number = environment.get("CI_MERGE_REQUEST_IID", "")
    if not number:
        raise NoPullRequest("this job is about no merge request")
    token = _required(environment, "ACKORD_GITLAB_TOKEN", "a token of the project that may write notes, scope api")
    client.headers["private-token"] = token
    api = environment.get("CI_API_V4_URL", "")
    project = f"{api}/projects/{environment.get('CI_PROJECT_ID', '')}"
    return _GitlabThread(_Api(client), api, f"{project}/merge_requests/{number}/notes")


def _required(environment: Mapping[str, str], name: str, how: str) -> str:
    token = environment.get(name, "")
    if not token:
        raise UsageError(f"{name} is not set, and without it no comment can be written.\n  mend: {how}")
    hide(token)
    return token


class _Api:
    """Requests whose refusals are told."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def __call__(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, url, **more)
        except httpx.HTTPError as error:
            raise EnvironmentFailed(f"{method} {url} got no answer: {error or type(error).__name__}") from None
        if answer.status_code == 403:
            raise NoPullRequest(
                "this job may not write comments: one of a fork may not, and on GitHub others need pull-requests: write"
            )
        if answer.is_error:
            raise EnvironmentFailed(f"{method} {url} was answered {answer.status_code}: {answer.text[:200]}")
        return answer

    def pages(self, url: str) -> Iterator[dict[str, Any]]:
        for page in range(1, _MOST_PAGES + 1):
            found = self("GET", url, params={"per_page": _PAGE, "page": page}).json()
            yield from found
            if len(found) < _PAGE:
                return


class _GithubThread:
    def __init__(self, api: _Api, root: str, issues: str, number: int) -> None:
        self._api, self._root, self._issues, self._number = api, root, issues, number

    def own(self) -> Iterator[Comment]:
        login = self._login()
        for found in self._api.pages(f"{self._issues}/{self._number}/comments"):
            author = found.get("user") or {}
            # The token of a job cannot ask who it is; what it writes is a bot's, and no reader is one.
            if author.get("login") == login if login else author.get("type") == "Bot":
                yield Comment(found["id"], found.get("body") or "")

    def _login(self) -> str:
        try:
            return str(self._api("GET", f"{self._root}/user").json()["login"])
        except (EnvironmentFailed, NoPullRequest, KeyError):
            return ""

    def create(self, body: str) -> None:
        self._api("POST", f"{self._issues}/{self._number}/comments", json={"body": body})

    def replace(self, comment: Comment, body: str) -> None:
        self._api("PATCH", f"{self._issues}/comments/{comment.id}", json={"body": body})


class _GitlabThread:
    def __init__(self, api: _Api, root: str, notes: str) -> None:
        self._api, self._root, self._notes = api, root, notes

    def own(self) -> Iterator[Comment]:
        me = self._api("GET", f"{self._root}/user").json().get("id")
        for found in self._api.pages(self._notes):
            if not found.get("system") and (found.get("author") or {}).get("id") == me:
                yield Comment(found["id"], found.get("body") or "")

    def create(self, body: str) -> None:
        self._api("POST", self._notes, json={"body": body})

    def replace(self, comment: Comment, body: str) -> None:
        self._api("PUT", f"{self._notes}/{comment.id}", json={"body": body})
