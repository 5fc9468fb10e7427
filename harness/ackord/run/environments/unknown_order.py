"""Ask a provider for an order that nobody submitted, past the gateway, so that merchants can be shown its answer."""

from __future__ import annotations

from typing import Any, Protocol

from ...chaos.gateway.provider_words import why_not_made_up
from ...chaos.profile import Profile
from ...client.transport import NoResponse
from ...client.transport_httpx import HttpxTransport
from ...contract.base.http_messages import TimestampNonce
from ...contract.codec.codec import Payment, RequestContext, RequestRenderError, ResponseContext
from ...contract.loading.loader import LoadedContract
from ...contract.signing import CertificateFiles
from ...core.clock import SECOND, RealClock
from ...core.operation import Observation, OperationKind
from ...core.seed import Seed
from ...errors import AckordError
from ...workload.order_factory import OrderFactory
from ..options.plan import RunPlan

__all__ = ["ask_for_unknown_order", "unsayable"]

_PATIENCE_NS = 3 * SECOND
_PROVIDER_ID = "unknown00000000"
_LARGEST_BYTES = 1 << 16


class ProviderAddress(Protocol):
    """Where the provider is."""

    certificate: CertificateFiles | None
    host: str

    def url_of_host(self, host: str) -> str: ...


def unsayable(profile: Profile, loaded: LoadedContract) -> str:
    """Return what the profile cannot make up in the provider's name, and why; empty if it can make up everything."""
    makes_up = any(fault.subject == "integration" for fault in profile.faults)
    return why_not_made_up(loaded) if makes_up else ""


async def ask_for_unknown_order(plan: RunPlan, where: ProviderAddress) -> dict[str, Any] | None:
    """Return the answer as ``ChaosProcess.show_not_found`` takes it.

    ``None``: it was not asked, gave no answer, or none that the contract reads as NOT_FOUND. Nothing is raised for what
    a provider does: how the contract says it then stands in.
    """
    codec, clock = plan.contract.codec, RealClock()
    if codec.token_holders or codec.prerequisites:
        return None  # a token is fetched, and a quote or a recipient made, in the merchant's name
    payment, provider_id = _nobody_s(plan, clock), _PROVIDER_ID if codec.asks_by_provider_id else None
    transport = HttpxTransport(
        where.url_of_host(codec.host_of(OperationKind.QUERY)),
        answer_bytes=_LARGEST_BYTES,
        ca=plan.options.ca,
        certificate=where.certificate,
        host=where.host,
    )
    try:
        nonce = TimestampNonce(clock.unix_s(), f"{clock.now_ns():x}")
        request = codec.query(payment, provider_id, RequestContext(nonce))
        answer = await transport.send(request, timeout_ns=_PATIENCE_NS)
    except (NoResponse, RequestRenderError, LookupError, AckordError):
        return None
    finally:
        await transport.close()
    context = ResponseContext(payment.order_no, provider_id, payment.account, request)
    if codec.read(OperationKind.QUERY, answer, context).observation is not Observation.NOT_FOUND:
        return None
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": answer.body.decode("utf-8", "replace"),
        "order_no": payment.order_no,
        "provider_id": provider_id or "",
    }


def _nobody_s(plan: RunPlan, clock: RealClock) -> Payment:
    """A payment with a number that nobody submitted."""
    contract, now_ns = plan.contract.contract, clock.now_ns()
    factory = OrderFactory(
        Seed(now_ns),
        f"{now_ns:x}"[-10:] + "-",
        form=contract.order_no.number_form(),
        account=contract.owner,
        currencies=contract.order_currencies,
        amounts=contract.limits.amounts(),
        created_s=clock.unix_s(),
    )
    return factory.create_order().payment
