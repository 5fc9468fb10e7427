"""Serves the part of GitHub's and GitLab's interface that comments need, with pages of 100, on loopback."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .loopback_server import LoopbackServer, ServedRequest

__all__ = ["CodeHost"]


@dataclass
class CodeHost(LoopbackServer):
    """Pull request 7 of ``acme/pay`` (project 42 on GitLab).

    ``refuses``: methods that are answered 403, as for the token of a fork. ``knows_who``: whether the token may ask who
    it belongs to, which a job's own token on GitHub may not.
    """

    comments: list[dict[str, Any]] = field(default_factory=list)
    refuses: tuple[str, ...] = ()
    knows_who: bool = False
    tokens: set[str] = field(default_factory=set)

    def say(self, body: str, *, who: int = 1, kind: str = "User") -> None:
        number = len(self.comments) + 1
        user = {"login": f"user-{who}", "type": kind, "id": who}
        self.comments.append({"id": number, "body": body, "user": user, "author": user, "system": False})

    def environment(self, system: str) -> dict[str, str]:
        if system == "gitlab":
            return {
                "GITLAB_CI": "true", "CI_API_V4_URL": f"{self.url}/api/v4", "CI_PROJECT_ID": "42",
                "CI_MERGE_REQUEST_IID": "7", "ACKORD_GITLAB_TOKEN": "glpat-canary-token",
            }  # fmt: skip
        return {
            "GITHUB_ACTIONS": "true", "GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": "acme/pay",
            "GITHUB_TOKEN": "ghs_canary-token",
        }  # fmt: skip

    async def respond(self, request: ServedRequest, writer: asyncio.StreamWriter) -> bytes | None:
        self.tokens.add(request.headers.get("authorization") or request.headers.get("private-token", ""))
        status, body = self._answer(request)
        data = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
        return head.encode() + data

    def _answer(self, request: ServedRequest) -> tuple[int, Any]:
        parts = urlsplit(request.path)
        path = parts.path.removeprefix("/api/v4")
        if path == "/user":
            return (200, {"login": "user-9", "id": 9}) if self.knows_who else (403, {"message": "not accessible"})
        if request.method in self.refuses:
            return 403, {"message": "Resource not accessible by integration"}
        if path in ("/repos/acme/pay/issues/7/comments", "/projects/42/merge_requests/7/notes"):
            if request.method == "POST":
                mine = {"who": 9, "kind": "User" if self.knows_who else "Bot"}
                self.say(json.loads(request.body)["body"], **mine)  # type: ignore[arg-type]
                return 201, self.comments[-1]
            asked = parse_qs(parts.query)
            begin = 100 * (int(asked["page"][0]) - 1)
            return 200, self.comments[begin : begin + 100]
        match = re.fullmatch(r"/repos/acme/pay/issues/comments/(\d+)|/projects/42/merge_requests/7/notes/(\d+)", path)
        if match and request.method in ("PATCH", "PUT"):
            comment = self.comments[int(match[1] or match[2]) - 1]
            comment["body"] = json.loads(request.body)["body"]
            return 200, comment
        return 404, {"message": "Not Found"}
