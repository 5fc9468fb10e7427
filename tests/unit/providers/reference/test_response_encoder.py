"""How each meaning looks on the wire: these bytes are the reference API."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from ackord.contract.emulate.domain_responses import (
    BalanceResponse,
    MovementsResponse,
    OrderResponse,
    PrerequisiteMet,
    ProviderMovement,
    ProviderOrder,
    ProviderRefund,
    ProviderResponse,
    RefundResponse,
    Refusal,
    RefusalKind,
    ResponseReason,
)
from ackord.providers.reference.api import ServiceHolder, build_app
from ackord.providers.reference.response_encoder import ReferenceResponseEncoder
from ackord.providers.service.payment_service import PaymentService

from ..stage import ORDER, service

PAID = ProviderOrder("po_0123456789abcdef", "main", "M-00000001", 1999, "EUR", 'Zoë "Q"', "PAID", "A")
SHOWN = (
    b'{"provider_id":"po_0123456789abcdef","order_no":"M-00000001","status":"PAID","amount":1999,"currency":"EUR",'
    b'"payee":"Zo\\u00eb \\"Q\\""}'
)


def refused(kind: RefusalKind, order: ProviderOrder | None = None) -> Refusal:
    return Refusal(kind, "m", order)


GOLDEN: list[tuple[ProviderResponse, int, bytes]] = [
    (OrderResponse(PAID, ResponseReason.ACCEPTED), 202, SHOWN),
    (OrderResponse(PAID, ResponseReason.ACCEPTED_AGAIN), 202, SHOWN),
    (OrderResponse(PAID, ResponseReason.REPLAYED), 200, SHOWN),
    (OrderResponse(PAID, ResponseReason.SHOWN), 200, SHOWN),
    (OrderResponse(PAID, ResponseReason.CANCELLED), 200, SHOWN),
    (refused(RefusalKind.NOT_FOUND), 404, b'{"code":"ORDER_NOT_FOUND","message":"m"}'),
    (refused(RefusalKind.CONFLICT), 409, b'{"code":"ORDER_CONFLICT","message":"m"}'),
    (
        refused(RefusalKind.CONFLICT, PAID),
        409,
        b'{"code":"ORDER_CONFLICT","message":"m","amount":1999,"payee":"Zo\\u00eb \\"Q\\""}',
    ),
    (
        refused(RefusalKind.DUPLICATE_POINTER, PAID),
        400,
        b'{"code":"DUPLICATE_ORDER","message":"m","provider_id":"po_0123456789abcdef"}',
    ),
    (refused(RefusalKind.DUPLICATE_PLAIN), 400, b'{"code":"DUPLICATE_ORDER","message":"m"}'),
    (refused(RefusalKind.IN_PROGRESS), 409, b'{"code":"IN_PROGRESS","message":"m"}'),
    (refused(RefusalKind.REJECTED), 400, b'{"code":"INVALID_REQUEST","message":"m"}'),
    (refused(RefusalKind.BUSY), 503, b'{"code":"BUSY","message":"m"}'),
    (refused(RefusalKind.UNAVAILABLE), 503, b'{"code":"UNAVAILABLE","message":"m"}'),
    (refused(RefusalKind.NOTHING_TO_CANCEL), 404, b'{"code":"NOTHING_TO_CANCEL","message":"m"}'),
    (refused(RefusalKind.TOO_LATE_TO_CANCEL), 409, b'{"code":"TOO_LATE_TO_CANCEL","message":"m"}'),
    (refused(RefusalKind.NOT_REFUNDABLE), 400, b'{"code":"NOT_REFUNDABLE","message":"m"}'),
    (refused(RefusalKind.INVALID_REQUEST), 422, b'{"code":"INVALID_REQUEST","message":"m"}'),
    (refused(RefusalKind.UNAUTHORIZED), 401, b'{"code":"UNAUTHORIZED","message":"m"}'),
    (refused(RefusalKind.FORBIDDEN), 403, b'{"code":"FORBIDDEN","message":"m"}'),
    (MovementsResponse((), 4), 200, b'{"movements":[],"next":4}'),
    (
        MovementsResponse((ProviderMovement(7, "main", "M-00000001", "po_1", 1999, "payout"),), 7),
        200,
        b'{"movements":[{"id":7,"account":"main","order_no":"M-00000001","provider_id":"po_1","amount":1999,'
        b'"kind":"payout"}],"next":7}',
    ),
    (
        MovementsResponse((ProviderMovement(8, "main", "M-00000001", "po_1", 5, "refund", refund_no="R-1"),), 8),
        200,
        b'{"movements":[{"id":8,"account":"main","order_no":"M-00000001","provider_id":"po_1","amount":5,'
        b'"kind":"refund","refund_no":"R-1"}],"next":8}',
    ),
    (
        RefundResponse(ProviderRefund("re_1", "R-1", "po_1", "main", "M-00000001", 5, "EUR", "A"), again=False),
        202,
        b'{"refund_id":"re_1","refund_no":"R-1","order_no":"M-00000001","amount":5,"currency":"EUR"}',
    ),
    (PrerequisiteMet("quote"), 200, b"{}"),
    (BalanceResponse("main", 5, 2), 200, b'{"account":"main","paid_out":5,"returned":2,"balance":-3}'),
]


def name_of(case: object) -> str:
    return str(getattr(case, "telling", getattr(case, "kind", type(case).__name__))) if isinstance(case, tuple) else ""


@pytest.mark.parametrize(("reply", "status", "body"), GOLDEN, ids=name_of)
def test_the_reference_dialect(reply: ProviderResponse, status: int, body: bytes) -> None:
    answer = ReferenceResponseEncoder().render(reply)
    again = {"idempotent-replayed": "true"} if name_of(reply) in ("accepted_again", "replayed") else {}
    assert (answer.status, answer.body, answer.headers) == (status, body, {**again, "content-type": "application/json"})


def test_a_refund_that_was_accepted_before_is_marked() -> None:
    refund = ProviderRefund("re_1", "R-1", "po_1", "main", "M-00000001", 5, "EUR", "A")
    answer = ReferenceResponseEncoder().render(RefundResponse(refund, again=True))
    assert (answer.status, answer.headers["idempotent-replayed"]) == (200, "true")


def test_every_meaning_is_here() -> None:
    assert {name_of(reply) for reply, _, _ in GOLDEN} == {
        *ResponseReason,
        *RefusalKind,
        "MovementsResponse",
        "RefundResponse",
        "PrerequisiteMet",
        "BalanceResponse",
    }


@pytest.mark.parametrize(
    ("refusal", "status", "body"),
    [
        (
            PaymentService.BUSY,
            503,
            b'{"code":"BUSY","message":"Too busy at the moment; the same request may be sent again."}',
        ),
        (
            PaymentService.UNAVAILABLE,
            503,
            b'{"code":"UNAVAILABLE","message":"Out of order at the moment; the same request may be sent again."}',
        ),
        (PaymentService.NOT_FOUND, 404, b'{"code":"ORDER_NOT_FOUND","message":"There is no such order."}'),
        (
            PaymentService.CONFLICT,
            409,
            b'{"code":"ORDER_CONFLICT","message":"This order number was used for an order with another content."}',
        ),
    ],
    ids=["busy", "unavailable", "not found", "conflict"],
)
def test_what_the_service_says_word_for_word(refusal: Refusal, status: int, body: bytes) -> None:
    answer = ReferenceResponseEncoder().render(refusal)
    assert (answer.status, answer.body) == (status, body)


def test_what_a_flaw_says_word_for_word() -> None:
    async def story() -> list[bytes]:
        order = PAID._replace(status="ACCEPTED")
        leaks, fails = service("altered-leaks")[0], service("resubmit-reads-failed")[0]
        replies = await leaks.conflicting(order, ORDER), await fails.replayed(order)
        return [ReferenceResponseEncoder().render(reply).body for reply in replies]

    assert asyncio.run(story()) == [
        b'{"code":"ORDER_CONFLICT","message":"This order number was used to pay 1999 EUR to Zo\\u00eb \\"Q\\".",'
        b'"amount":1999,"payee":"Zo\\u00eb \\"Q\\""}',
        b'{"code":"INVALID_REQUEST","message":"The order number is a duplicate."}',
    ]


MAIN, OPERATOR = {"authorization": "Bearer sk_main"}, {"authorization": "Bearer sk_operator"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "body"),
    [
        (
            "GET",
            "/v1/orders/M-00000001",
            {},
            401,
            b'{"code":"UNAUTHORIZED","message":"Send one of the provider\'s keys as a bearer token."}',
        ),
        (
            "GET",
            "/v1/orders/M-00000001",
            OPERATOR,
            403,
            b'{"code":"FORBIDDEN","message":"The operator has no account of its own."}',
        ),
        ("GET", "/v1/orders/short", MAIN, 404, b'{"code":"ORDER_NOT_FOUND","message":"There is no such order."}'),
        ("GET", "/nothing", MAIN, 404, b'{"code":"NOT_FOUND","message":"Not Found"}'),
        ("PUT", "/v1/orders", MAIN, 405, b'{"code":"METHOD_NOT_ALLOWED","message":"Method Not Allowed"}'),
        ("POST", "/v1/orders", MAIN, 422, b'{"code":"INVALID_REQUEST","message":"body.order_no: Field required"}'),
    ],
)
def test_what_is_refused_before_it_reaches_the_service(
    method: str, path: str, headers: dict[str, str], status: int, body: bytes
) -> None:
    answer = asked(service()[0], method, path, headers, {} if method == "POST" else None)
    assert (answer.status_code, answer.content) == (status, body)
    assert answer.headers["content-type"] == "application/json"


def test_the_head_of_an_answer_is_what_the_dialect_says_and_nothing_more() -> None:
    class Again(PaymentService):
        async def query(self, account: str, order_no: str) -> ProviderResponse:
            return OrderResponse(PAID, ResponseReason.REPLAYED)

    answer = asked(Again(service()[0].node), "GET", "/v1/orders/M-00000001", MAIN)
    assert answer.headers.raw == [
        (b"idempotent-replayed", b"true"),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(SHOWN)).encode()),
    ]
    assert answer.content == SHOWN


def asked(behind: PaymentService, method: str, path: str, headers: dict[str, str], json: Any = None) -> httpx.Response:
    """One request to the reference API, without a socket."""
    door = ServiceHolder()
    door.service = behind

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(door)), base_url="http://test") as client:
            return await client.request(method, path, headers=headers, json=json)

    return asyncio.run(ask())
