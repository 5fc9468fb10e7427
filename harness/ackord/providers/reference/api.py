"""Serve the reference API: FastAPI for the types and the OpenAPI document; the response encoder writes the bodies."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from ...contract.base.http_messages import HttpResponse
from ...contract.emulate.domain_responses import ProviderResponse, ReceivedOrder, Refusal, RefusalKind
from ..postgres.connection_pool import UNREACHABLE_ERRORS
from ..service.payment_service import PaymentService
from ..service.provider_store import StatedWindow
from .http_models import (
    ORDER_NO_PATTERN,
    AccountBalance,
    ClockStepModel,
    MovementPage,
    OrderModel,
    RefundModel,
    StatementModel,
    SubmitOrder,
    SubmitRefund,
    problem_answers,
)
from .response_encoder import ReferenceResponseEncoder, problem_response, statement_response

__all__ = ["ServiceHolder", "build_app"]

ACCOUNTS = {"sk_main": "main", "sk_other": "other"}
OPERATOR = "sk_operator"
_DIALECT = ReferenceResponseEncoder()
_LINKS = {
    "status": {
        "operationId": "getOrder",
        "parameters": {"order_no": "$response.body#/order_no"},
        "description": "What was acknowledged can be asked for at once.",
    },
    "again": {
        "operationId": "submitOrder",
        "requestBody": "$request.body",
        "description": "The same order may be submitted again at any time.",
    },
}
_ORDER_NO = re.compile(ORDER_NO_PATTERN)
_OrderNoInPath = Annotated[str, Path(examples=["M-20240601-000001"], json_schema_extra={"pattern": ORDER_NO_PATTERN})]
_NO_ORDER_NO = Refusal(RefusalKind.INVALID_REQUEST, f"body.order_no: String should match pattern '{ORDER_NO_PATTERN}'")


class ServiceHolder:
    """Hold the service once it exists: the API is imported and built before a node is forked."""

    service: PaymentService


class _RequestRefused(Exception):
    """A request that does not get as far as the service."""

    def __init__(self, kind: RefusalKind, message: str) -> None:
        self.refusal = Refusal(kind, message)


def _response(reply: ProviderResponse) -> Response:
    return _sent(_DIALECT.render(reply))


def _sent(answer: HttpResponse) -> Response:
    return Response(answer.body, answer.status, headers=answer.headers)


_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="sk_main, sk_other; sk_operator for movements.")
_Key = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


async def _key(credentials: _Key) -> str:
    key = credentials.credentials if credentials is not None else ""
    if key not in ACCOUNTS and key != OPERATOR:
        raise _RequestRefused(RefusalKind.UNAUTHORIZED, "Send one of the provider's keys as a bearer token.")
    return key


async def _account(credentials: _Key) -> str:
    key = await _key(credentials)
    if key == OPERATOR:
        raise _RequestRefused(RefusalKind.FORBIDDEN, "The operator has no account of its own.")
    return ACCOUNTS[key]


def build_app(door: ServiceHolder) -> FastAPI:
    app = FastAPI(
        title="Ackord reference provider",
        version="1",
        description="Payout orders over a PostgreSQL primary and standby, with a bank channel behind it.",
        docs_url=None,
        redoc_url=None,
    )
    _orders(app, door)
    _taking_back(app, door)
    _ledger(app, door)
    _sandbox(app, door)
    _refusals(app)
    return app


def _orders(app: FastAPI, door: ServiceHolder) -> None:
    @app.post(
        "/v1/orders",
        operation_id="submitOrder",
        summary="Submit a payout order, or submit it again",
        status_code=202,
        response_model=None,
        responses={
            202: {
                "model": OrderModel,
                "description": "Stored durably, and acknowledged for the first time.",
                "links": _LINKS,
            },
            200: {
                "model": OrderModel,
                "description": "The same order was submitted before; its current status.",
                "links": _LINKS,
                "headers": {"Idempotent-Replayed": {"schema": {"type": "string", "enum": ["true"]}, "required": True}},
            },
            **problem_answers(400, 401, 403, 409, 422, 503),
        },
    )
    async def submit(order: SubmitOrder, request: Request, account: Annotated[str, Security(_account)]) -> Response:
        key = door.service.key_of(order.order_no)
        if _ORDER_NO.match(key) is None:
            return _response(_NO_ORDER_NO)
        submission = ReceivedOrder(key, order.amount, order.currency, order.payee)
        return _response(await door.service.submit(account, submission, await request.body()))

    @app.get(
        "/v1/orders/{order_no}",
        operation_id="getOrder",
        summary="An order's status",
        response_model=None,
        responses={200: {"model": OrderModel, "description": "The order."}, **problem_answers(401, 403, 404, 503)},
    )
    async def query(
        order_no: _OrderNoInPath,
        account: Annotated[str, Security(_account)],
    ) -> Response:
        key = door.service.key_of(order_no)
        if _ORDER_NO.match(key) is None:
            return _response(PaymentService.NOT_FOUND)  # such a number can never have been taken
        return _response(await door.service.query(account, key))


def _sandbox(app: FastAPI, door: ServiceHolder) -> None:
    @app.post("/v1/test_clock/advance", include_in_schema=False, response_model=None)
    async def advance(step: ClockStepModel, account: Annotated[str, Security(_account)]) -> Response:
        door.service.sandbox.advance(step.seconds)
        return Response(status_code=204)


def _taking_back(app: FastAPI, door: ServiceHolder) -> None:
    @app.post(
        "/v1/orders/{order_no}/cancel",
        operation_id="cancelOrder",
        summary="Cancel an order that the bank was not given yet; it may be cancelled again",
        response_model=None,
        responses={
            200: {"model": OrderModel, "description": "It is cancelled."},
            **problem_answers(401, 403, 404, 409, 503),
        },
    )
    async def cancel(order_no: _OrderNoInPath, account: Annotated[str, Security(_account)]) -> Response:
        if _ORDER_NO.match(order_no) is None:
            return _response(PaymentService.NOTHING_TO_CANCEL)
        return _response(await door.service.cancel(account, order_no))

    @app.post(
        "/v1/orders/{order_no}/refunds",
        operation_id="refundOrder",
        summary="Give money of a paid order back, or ask for the same refund again",
        status_code=202,
        response_model=None,
        responses={
            202: {"model": RefundModel, "description": "Stored durably, and acknowledged for the first time."},
            200: {
                "model": RefundModel,
                "description": "The same refund was accepted before.",
                "headers": {"Idempotent-Replayed": {"schema": {"type": "string", "enum": ["true"]}, "required": True}},
            },
            **problem_answers(400, 401, 403, 404, 409, 422, 503),
        },
    )
    async def refund(
        order_no: _OrderNoInPath, refund: SubmitRefund, account: Annotated[str, Security(_account)]
    ) -> Response:
        if _ORDER_NO.match(order_no) is None:
            return _response(PaymentService.NOT_FOUND)
        return _response(await door.service.refund(account, refund.refund_no, refund.amount, order_no))


def _ledger(app: FastAPI, door: ServiceHolder) -> None:
    @app.get(
        "/v1/movements",
        operation_id="listMovements",
        summary="Movements of money in the order of their booking; the operator's key sees all accounts",
        response_model=None,
        responses={200: {"model": MovementPage, "description": "A page."}, **problem_answers(401, 422, 503)},
    )
    async def movements(
        key: Annotated[str, Security(_key)],
        after: Annotated[int, Query(ge=0, le=2**63 - 1, description="The last id that was seen.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    ) -> Response:
        account = None if key == OPERATOR else ACCOUNTS[key]
        return _response(await door.service.movements(account, after, limit))

    @app.get(
        "/v1/statement",
        operation_id="getStatement",
        summary="An account's movements of a time, whole half a second after its end",
        response_model=None,
        responses={200: {"model": StatementModel, "description": "A page."}, **problem_answers(401, 403, 422, 503)},
    )
    async def statement(
        account: Annotated[str, Security(_account)],
        from_s: Annotated[int, Query(alias="from", ge=0, le=10**11, description="In seconds since 1970.")],
        to_s: Annotated[int, Query(alias="to", ge=0, le=10**11, description="The end, which is left out.")],
        cursor: Annotated[str, Query(max_length=64, description="What the page before gave as next.")] = "",
    ) -> Response:
        page = await door.service.statements.page(StatedWindow(account, from_s, to_s), cursor)
        return _response(page) if isinstance(page, Refusal) else _sent(statement_response(page))

    @app.get(
        "/v1/balance",
        operation_id="getBalance",
        summary="What left the account and what came back",
        response_model=None,
        responses={200: {"model": AccountBalance, "description": "The balance."}, **problem_answers(401, 403, 503)},
    )
    async def balance(account: Annotated[str, Security(_account)]) -> Response:
        return _response(await door.service.balance(account))


def _refusals(app: FastAPI) -> None:
    """Every refusal in one shape: ``{"code", "message"}``."""

    async def unreachable(request: Request, error: Exception) -> Response:
        return _response(PaymentService.UNAVAILABLE)

    for kind in UNREACHABLE_ERRORS:
        app.add_exception_handler(kind, unreachable)

    @app.exception_handler(_RequestRefused)
    async def refused(request: Request, error: _RequestRefused) -> Response:
        return _response(error.refusal)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        first: dict[str, Any] = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return _response(Refusal(RefusalKind.INVALID_REQUEST, f"{where}: {first['msg']}"))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> Response:
        code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "INVALID_REQUEST")
        response = _sent(problem_response(error.status_code, code, str(error.detail)))
        response.headers.update(error.headers or {})
        return response
