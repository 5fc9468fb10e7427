"""Three guarantees as Schemathesis checks: what it sends to a provider anyway is judged as the contract says.

::

    export SCHEMATHESIS_HOOKS=ackord.schemathesis_checks ACKORD_CONTRACT=mine.yaml
    schemathesis run openapi.json --url http://127.0.0.1:8080

Importing this registers them, and a hook that notes when a request leaves; nothing else of Ackord is imported before
the first answer. A case that Schemathesis did not send itself (``case.call``) is not judged: nobody knows when it
began.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import schemathesis

if TYPE_CHECKING:
    from .core.history import Exchange
    from .workload.online_checker import OnlineChecker

    Case = schemathesis.Case[Any]

__all__ = [
    "CONTRACT_VARIABLE",
    "ackord_acknowledged_order_not_failed",
    "ackord_acknowledged_order_visible",
    "ackord_resubmission_same_order",
    "use_contract",
]

CONTRACT_VARIABLE = "ACKORD_CONTRACT"
"""The environment variable that names the contract: a name or a YAML file."""


class _Session:
    """The exchanges seen so far, under one contract."""

    def __init__(self) -> None:
        self.contract = ""
        self._watcher: OnlineChecker | None = None
        self._began_ns: dict[str, int] = {}
        self._last = threading.local()
        self._lock = threading.Lock()

    def sent(self, case: Case) -> None:
        self._began_ns[case.id] = _now_ns()

    def seen(self, case: Case, response: schemathesis.Response) -> Exchange | None:
        """Return the exchange, recorded once however many checks ask for it."""
        if getattr(self._last, "response", None) is not response:
            ended_ns = _now_ns()
            began_ns = self._began_ns.pop(case.id, None)
            self._last.response = response
            self._last.exchange = None if began_ns is None else self._note(response, began_ns, ended_ns)
        exchange: Exchange | None = self._last.exchange
        return exchange

    def _note(self, response: schemathesis.Response, began_ns: int, ended_ns: int) -> Exchange | None:
        from .contract.base.http_messages import HttpRequest, HttpResponse

        request = response.request
        body = request.body or b""
        wire = HttpRequest(
            str(request.method),
            request.path_url,
            tuple((name, _text(value)) for name, value in request.headers.items()),
            body if isinstance(body, bytes) else str(body).encode(),
        )
        headers = {name: ", ".join(values) for name, values in response.headers.items()}
        answer = HttpResponse(response.status_code, headers, response.content or b"")
        return self.watcher().saw(wire, answer, began_ns, ended_ns)

    def watcher(self) -> OnlineChecker:
        with self._lock:
            if self._watcher is None:
                from .contract.loading.loader import load_contract
                from .errors import UsageError
                from .workload.online_checker import OnlineChecker

                name = self.contract or os.environ.get(CONTRACT_VARIABLE, "")
                if not name:
                    raise UsageError(
                        f"Ackord's checks need the provider's contract.\n  mend: set {CONTRACT_VARIABLE}, or call "
                        "use_contract(path)"
                    )
                self._watcher = OnlineChecker(load_contract(name))
            return self._watcher


_session = _Session()


def use_contract(name_or_path: str) -> None:
    """Judge by this contract from now on, and discard earlier exchanges."""
    global _session
    _session = _Session()
    _session.contract = name_or_path


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    _session.sent(case)


@schemathesis.check
def ackord_acknowledged_order_visible(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """An order that was acknowledged is not reported as not found."""
    _judge("acknowledged-order-visible", case, response)


@schemathesis.check
def ackord_acknowledged_order_not_failed(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Case
) -> None:
    """An order that was acknowledged is not reported as failed while it goes on."""
    _judge("acknowledged-order-not-failed", case, response)


@schemathesis.check
def ackord_resubmission_same_order(ctx: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> None:
    """An acknowledged order that is submitted again is the same order."""
    _judge("resubmission-same-order", case, response)


def _judge(guarantee: str, case: Case, response: schemathesis.Response) -> None:
    exchange = _session.seen(case, response)
    if exchange is not None and (broken := _session.watcher().broken(guarantee, exchange)):
        raise AssertionError(broken)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _now_ns() -> int:
    from .core.clock import RealClock

    return RealClock().now_ns()
