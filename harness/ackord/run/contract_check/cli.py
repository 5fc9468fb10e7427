"""Run ``ackord contract check`` against its target, and print its steps."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from urllib.parse import urlsplit

from ...chaos.toxiproxy import addresses
from ...contract.base.http_messages import HttpRequest, HttpResponse
from ...contract.codec.codec import Interpretation, RequestRenderError
from ...contract.loading.loader import LoadedContract
from ...core.clock import RealClock
from ...core.operation import Observation
from ...errors import dotted
from ...report.format import printable
from ..environments import open_environment
from ..environments.base import Environment, Observer
from ..environments.managed import MANAGED
from ..environments.private_host import is_allowed
from ..options.plan import RunPlan
from .money_step import money_step
from .probe_client import CheckStep, Culprit, ProbeClient
from .steps import ContractCheck

__all__ = ["check_exit_code", "described", "is_near_url", "open_probe_client", "run_contract_check"]

_COLUMNS = 120


def is_near_url(url: str, allowed: Collection[str] = ()) -> bool:
    """Return whether an address is of this machine, or of a host beside it that is ``allowed`` by name."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or addresses.is_loopback(host) or is_allowed(host, allowed)


def run_contract_check(plan: RunPlan) -> list[CheckStep]:
    """Start what ``plan`` asks for and check its contract against it.

    Raises ``UsageError`` for a target that is refused or a request that cannot be sent, ``EnvironmentFailed`` without
    an answer.
    """
    with open_environment(plan) as environment, open_probe_client(plan, environment) as talk:
        try:
            return asyncio.run(_checked(plan, environment, talk))
        except RequestRenderError as why:
            raise plan.contract.error(why) from None


async def _checked(plan: RunPlan, environment: Environment, talk: ProbeClient) -> list[CheckStep]:
    clock = RealClock()
    began_s = clock.unix_s()
    check = ContractCheck(plan.contract, talk, clock)
    steps = await check.run()
    if check.submitted is not None:
        money = await money_step(plan, environment, check.submitted, began_s)
        steps += [money] if money is not None else []
    return steps


@contextmanager
def open_probe_client(plan: RunPlan, environment: Environment) -> Iterator[ProbeClient]:
    """Return what sends a few requests past the gateway, and takes the callbacks that they bring."""
    loaded = plan.contract
    results: dict[str, Future[Interpretation]] = {}

    def result_of(order_no: str) -> Future[Interpretation]:
        return results.setdefault(order_no, Future())

    def on_call(request: HttpRequest) -> HttpResponse:
        called = loaded.codec.callbacks.read(request, {})
        if called is None:
            return HttpResponse(404, {}, b"")
        for event in (called, *called.further):
            if not event.ends_query or event.reading.observation is Observation.UNREADABLE:
                continue
            result = result_of(event.order_no)
            if not result.done():
                result.set_result(event.reading)
        return called.reply

    contract = loaded.contract
    hosts = {} if plan.target in MANAGED else {name: environment.url_of_host(name) for name in contract.hosts}
    declared = contract.nodes if plan.target in (contract.base_url, *contract.nodes.values()) else {}
    with environment.observed_by(Observer(on_call=on_call)):
        yield ProbeClient(
            loaded, {"": environment.direct_url, **hosts}, RealClock(), ca=plan.options.ca,
            certificate=environment.certificate, callback_url=environment.callback_url, called_back=result_of,
            nodes={name: environment.connect_url(url) for name, url in declared.items() if url != plan.target},
            pace=environment.pace, host_header=environment.host_header,
        )  # fmt: skip


def check_exit_code(steps: list[CheckStep]) -> int:
    """Return the exit code: 0 fine, 2 the contract is wrong, 1 the provider broke its promise.

    A contract that is wrong cannot accuse the provider, so 2 comes before 1.
    """
    faults = {finding.fault for step in steps for finding in step.findings}
    return 2 if Culprit.CONTRACT in faults else 1 if Culprit.PROVIDER in faults else 0


def described(loaded: LoadedContract, steps: list[CheckStep]) -> Iterator[str]:
    """The steps for people: a line for one that went well, and for one that did not whatever is needed to mend it."""
    for step in steps:
        yield f"  {'WRONG' if step.findings else 'ok   '} {step.name}"
        if not step.findings:
            continue
        yield from _wrapped("sent", step.sent)
        yield from _wrapped("expected", step.expected)
        yield from _wrapped("came", step.came)
        for fault, blame in step.findings:
            line = loaded.document.position(blame.path).line
            yield from _wrapped(f"the {fault}", f"{loaded.path}:{line}: {dotted(blame.path)}: {blame.problem}")
            if blame.mend:
                yield from _wrapped("mend", blame.mend)


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        printable(text),
        _COLUMNS,
        initial_indent=f"        {label:<14}",
        subsequent_indent=" " * 22,
        break_on_hyphens=False,
    )
