"""Implements a client of Toxiproxy's interface; it is the only file that uses the package toxiproxy-python, for its
transport.

It adds what the package (0.1.1) lacks: time-outs, errors for answers of 300 and more, a version check, and an address
for each client. The package keeps one address for all in class attributes, so its ``APIConsumer`` is subclassed for
each client, and its ``Toxiproxy`` and ``Proxy``, which know only the shared address, are not used.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import requests
from toxiproxy.api import APIConsumer  # type: ignore[import-untyped]
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists  # type: ignore[import-untyped]

from ...errors import EnvironmentFailed, UsageError

__all__ = ["OLDEST", "ToxiproxyClient"]

OLDEST = (2, 12)
"""The oldest supported version, with which this was compared."""
_CONNECT_LIMIT_S = 3.0
_ANSWER_LIMIT_S = 30.0
"""The server itself times out after 25 s."""
_NO_PROXY = {"http": "", "https": ""}
_MEND = (
    "  mend: start toxiproxy-server 2.12 or newer there, name another address, or leave it out to use "
    "the embedded engine"
)

Json = dict[str, Any]


class ToxiproxyClient:
    """One server. Raises ``UsageError`` for an invalid address."""

    def __init__(self, url: str) -> None:
        self.host, port = _address(url)
        self.url = f"http://{self.host}:{port}"
        self._consumer = type("Consumer", (APIConsumer,), {"host": self.host, "port": port})

    def version(self) -> str:
        """Return the version as text, and whether it is Ackord's server. Raises ``EnvironmentFailed`` if nobody
        answers, it is no Toxiproxy, or it is too old.
        """
        response = self._response("get", "/version", limit_s=5.0)
        assert response is not None
        text = str(self._object("get", "/version", response).get("version", ""))
        numbers = re.match(r"v?(\d+)\.(\d+)", text)
        if numbers is None:
            if text == "git":  # what its own build from source says of itself
                return "of unknown version (built from source)"
            raise EnvironmentFailed(f"{self.url} is not a Toxiproxy: its version reads {text[:60]!r}.\n{_MEND}")
        if (int(numbers[1]), int(numbers[2])) < OLDEST:
            raise EnvironmentFailed(
                f"Toxiproxy at {self.url} is of version {text}. Expected {'.'.join(map(str, OLDEST))} or "
                f"newer.\n{_MEND}"
            )
        return f"{text} (served by Ackord)" if response.headers.get("Server") == "ackord" else text

    def ask(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        missing_ok: bool = False,
        limit_s: float = _ANSWER_LIMIT_S,
    ) -> Json:
        """Return the JSON object of the answer, empty if it has none, or with ``missing_ok`` if the object does not
        exist.

        Raises ``EnvironmentFailed`` for everything else.
        """
        response = self._response(method, path, body, missing_ok=missing_ok, limit_s=limit_s)
        return {} if response is None else self._object(method, path, response)

    def _response(
        self, method: str, path: str, body: Json | None = None, *, missing_ok: bool = False, limit_s: float
    ) -> requests.Response | None:
        """Return the answer; ``None`` for an object that may be missing."""
        arguments: Json = {"timeout": (_CONNECT_LIMIT_S, limit_s), "proxies": _NO_PROXY, "allow_redirects": False}
        if body is not None:
            arguments["json"] = body
        what = f"Toxiproxy at {self.url}: {method.upper()} {path}"
        try:
            response: requests.Response = getattr(self._consumer, method)(path, **arguments)
        except NotFound as error:
            if missing_ok:
                return None
            raise self._refused(what, path, error) from None
        except (ProxyExists, InvalidToxic) as error:
            raise self._refused(what, path, error) from None
        except requests.RequestException as error:
            raise EnvironmentFailed(f"Toxiproxy at {self.url} cannot be reached: {_short(error)}.\n{_MEND}") from None
        if response.status_code >= 300:
            raise EnvironmentFailed(f"{what}: answered {response.status_code}: {response.text[:200].strip()}")
        return response

    def _object(self, method: str, path: str, response: requests.Response) -> Json:
        if not response.content:
            return {}
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise EnvironmentFailed(
                f"Toxiproxy at {self.url}: {method.upper()} {path}: expected a JSON object, got "
                f"{response.text[:80]!r}.\n{_MEND}"
            )
        return answer

    def _refused(self, what: str, path: str, error: Exception) -> EnvironmentFailed:
        if path == "/version":
            return EnvironmentFailed(f"{self.url} is not a Toxiproxy: it knows no /version.\n{_MEND}")
        text = error.args[0] if error.args else ""
        return EnvironmentFailed(
            f"{what}: {text.decode(errors='replace').strip() if isinstance(text, bytes) else text}"
        )


def _address(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 8474
    except ValueError:
        host, port = None, 0
    if not host or parts.scheme != "http" or parts.path.strip("/") or parts.query:
        raise UsageError(f"Toxiproxy's address is {url!r}. Expected such as http://127.0.0.1:8474")
    return f"[{host}]" if ":" in host else host, port


def _short(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time" if isinstance(error, requests.ReadTimeout) else "no connection in time"
    return (
        "nobody listens there, or whoever does speaks no HTTP"
        if isinstance(error, requests.ConnectionError)
        else str(error)
    )
