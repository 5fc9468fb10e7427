"""Send a contract check's requests to a provider, one at a time, and record each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from ...client.pacing import Pace, PacedTransport
from ...client.transport import NoResponse, Transport
from ...client.transport_httpx import HttpxTransport
from ...contract.base.http_messages import TimestampNonce
from ...contract.codec.codec import (
    Codec,
    HttpRequest,
    HttpResponse,
    Interpretation,
    Payment,
    RequestContext,
    ResponseContext,
)
from ...contract.loading.diagnosis import Diagnosis
from ...contract.loading.loader import LoadedContract
from ...contract.signing import CertificateFiles
from ...core.clock import SECOND, RealClock
from ...core.operation import Observation, OperationKind
from ...errors import EnvironmentFailed

__all__ = ["CheckFinding", "CheckStep", "Culprit", "ProbeClient", "ProbeOrder"]

_PATIENCE_NS = 15 * SECOND
"""How long an answer is waited for at least: what is tried is whether the contract fits, not how fast anything is."""


class Culprit(StrEnum):
    CONTRACT = "contract"
    PROVIDER = "provider"


class CheckFinding(NamedTuple):
    fault: Culprit
    blame: Diagnosis


@dataclass(slots=True)
class CheckStep:
    """One request and what came of it."""

    name: str
    sent: str
    expected: str
    came: str
    findings: list[CheckFinding] = field(default_factory=list)

    def contract_is_wrong(self, *blames: Diagnosis) -> None:
        self.findings += [CheckFinding(Culprit.CONTRACT, blame) for blame in blames]

    def provider_is_wrong(self, path: tuple[str | int, ...], problem: str, mend: str = "") -> None:
        self.findings.append(CheckFinding(Culprit.PROVIDER, Diagnosis(path, problem, mend)))


@dataclass(slots=True)
class ProbeOrder:
    """An order that is tried."""

    payment: Payment
    provider_id: str | None = None

    def response_context(self) -> ResponseContext:
        return ResponseContext(self.payment.order_no, self.provider_id, self.payment.account)


class ProbeClient:
    """With one provider. ``addresses`` are the provider's, by host; its own address is the empty name."""

    def __init__(
        self,
        loaded: LoadedContract,
        addresses: Mapping[str, str],
        clock: RealClock,
        *,
        ca: str = "",
        certificate: CertificateFiles | None = None,
        nodes: Mapping[str, str] = MappingProxyType({}),
        callback_url: str | None = None,
        called_back: Callable[[str], Future[Interpretation]] = lambda order_no: Future(),
        pace: Pace | None = None,
        host_header: Callable[[str], str] = lambda url: "",
    ) -> None:
        """``nodes``: the provider's other nodes. ``called_back`` gives what a callback will say that a deferred query
        of an order waits for. ``pace``: what each request waits for. ``host_header``: what a request to an address
        calls the host.
        """
        self.codec = loaded.codec
        self.captured: dict[str, str] = {}
        """What prerequisites gave."""
        self._limits = loaded.contract.limits
        self._clock = clock
        self._callback_url = callback_url
        self._called_back = called_back
        self._rendered = 0
        self.sent = 0
        """Requests that were sent."""
        self.last: HttpResponse | None = None
        """The last answer."""
        self._transports: dict[str, Transport] = {}
        self.nodes = tuple(nodes)
        """Names that ``send`` takes for the provider's other nodes."""
        for host, url in {**addresses, **nodes}.items():
            plain = HttpxTransport(
                url, answer_bytes=self._limits.answer_bytes, ca=ca, certificate=certificate, host=host_header(url)
            )
            self._transports[host] = plain if pace is None else PacedTransport(plain, pace)

    async def close(self) -> None:
        for transport in self._transports.values():
            await transport.close()

    async def exchange(
        self, order: ProbeOrder, kind: OperationKind, request: HttpRequest | None = None
    ) -> tuple[HttpResponse, Interpretation]:
        if request is None:
            request = self.request(self.codec, order, kind)
        answer = await self.send(request, self.codec.host_of(kind))
        reading = self.codec.read(kind, answer, order.response_context())
        if reading.observation is Observation.DEFERRED:
            result = asyncio.wrap_future(self._called_back(order.payment.order_no))
            with contextlib.suppress(TimeoutError):
                reading = await asyncio.wait_for(result, self._limits.callback_timeout.ns / SECOND)
        return answer, reading

    def request(self, codec: Codec, order: ProbeOrder, kind: OperationKind) -> HttpRequest:
        return codec.request(kind, order.payment, order.provider_id, self.request_context())

    def request_context(self) -> RequestContext:
        self._rendered += 1
        unix_s = self._clock.unix_s()
        return RequestContext(
            TimestampNonce(unix_s, f"{unix_s:x}{self._rendered:x}"), self._callback_url, self.captured
        )

    async def send(self, request: HttpRequest, host: str) -> HttpResponse:
        transport = self._transports.get(host) or self._transports[""]
        self.sent += 1
        try:
            self.last = await transport.send(request, timeout_ns=max(self._limits.timeout.ns, _PATIENCE_NS))
            return self.last
        except NoResponse as why:
            raise EnvironmentFailed(
                f"{request.method} {request.target} got no answer: {why}.\n"
                f"  mend: {why.mend or 'see that the provider is running, or give a longer limits.timeout'}"
            ) from why
