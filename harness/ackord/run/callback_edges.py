"""Connects a run with the edge that passes callbacks on to a merchant under drill."""

from __future__ import annotations

import re

from ..contract.spec.model import Contract
from ..core.seed import Seed
from .context import RunContext
from .environments.base import EDGE
from .environments.callback_edge import CallbackEdge, CallbackEdgeHost
from .environments.callback_forger import CallbackForger

__all__ = ["address_of_callbacks", "open_callback_edge"]

_NAMED_IN_REQUEST = re.compile(r"\$\{callback_url\}([^\"?]*)")


def open_callback_edge(run: RunContext, to: str) -> CallbackEdge:
    """Return the edge of a run; ``to`` is the merchant's own address."""
    loaded, environment = run.plan.contract, run.environment
    paths = {callback.name: callback.path for callback in loaded.contract.callbacks}
    host = CallbackEdgeHost(
        run.callbacks.read,
        run.callbacks.note,
        run.recorder.add,
        lambda: environment.chaos.drain(EDGE),
        loaded.codec.callbacks.without_account,
        run.reached_by if run.holds_for_callbacks else None,
    )
    return CallbackEdge(
        to,
        host,
        CallbackForger(loaded, run.clock.unix_s),
        run.clock,
        Seed(run.plan.seed).derive("callbacks"),
        below=lambda name: "${" in paths[name],
        called_at=environment.callback_url or "",
    )


def address_of_callbacks(contract: Contract, url: str) -> str:
    """Return what a merchant tells the provider as its callback address, where our listener is at ``url``.

    The rest of the path is what the contract's submit puts behind the address, or else the first callback's own, if
    that is the same for all orders.
    """
    named = _NAMED_IN_REQUEST.search(contract.submit.request.model_dump_json())
    path = contract.callbacks[0].path if contract.callbacks else ""
    return url + (named.group(1) if named else "" if "${" in path else path)
