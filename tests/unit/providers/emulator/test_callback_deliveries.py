"""Callbacks reach the merchant at least once, in order, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from ackord.client.transport import NoResponse
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.spec.auth import merchant_side
from ackord.errors import UsageError
from ackord.providers.emulator.callback_deliveries import PAUSES_S, CallbackDeliveries, require_loopback
from ackord.providers.emulator.emulator import TimestampNonceSource

from ..stage import until
from .fakes import CALLBACKS, call

HERE = "http://127.0.0.1:1/callbacks"


class Merchant:
    """Is called, and answers as it is told: a status, an answer, or nothing at all."""

    def __init__(self, answers: Callable[[str, int], int | HttpResponse | None] = lambda name, attempt: 200) -> None:
        self._answers = answers
        self.called: list[tuple[str, str]] = []
        self.requests: list[HttpRequest] = []
        self.paused_s: list[float] = []
        self.under_way = self.most_under_way = 0
        self.deliveries = CallbackDeliveries(TimestampNonceSource(self._clock, "A"), self._connect, pause=self._pause)

    def names(self) -> list[str]:
        return [name for _, name in self.called]

    def _clock(self) -> int:
        """Ten seconds pass from one attempt to the next."""
        return 1_790_000_000 + 10 * len(self.called)

    def _connect(self, address: str) -> _Line:
        return _Line(self, address)

    async def _pause(self, duration_s: float) -> None:
        self.paused_s.append(duration_s)
        await asyncio.sleep(0)

    async def take(self, address: str, request: HttpRequest) -> HttpResponse:
        name = request.target.removeprefix("/")
        self.called.append((address, name))
        self.requests.append(request)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0)
        self.under_way -= 1
        answer = self._answers(name, self.names().count(name))
        if answer is None:
            raise NoResponse("time-out")
        return HttpResponse(answer, {}, b"") if isinstance(answer, int) else answer


class _Line:
    def __init__(self, merchant: Merchant, address: str) -> None:
        self._merchant = merchant
        self._address = address
        self.closed = False

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        return await self._merchant.take(self._address, request)

    async def close(self) -> None:
        self.closed = True


def test_what_is_not_taken_is_sent_again_and_what_follows_of_the_order_waits() -> None:
    async def story() -> None:
        unwilling: list[int | None] = [500, None, 302]
        merchant = Merchant(lambda name, attempt: unwilling[attempt - 1] if name == "first" and attempt < 4 else 200)
        merchant.deliveries.send("main/1", HERE, [call("first")])
        merchant.deliveries.send("main/1", HERE, [call("second"), call("third")])
        await until(lambda: merchant.deliveries.delivered == 3)
        assert merchant.names() == ["first"] * 4 + ["second", "third"]
        assert merchant.paused_s == list(PAUSES_S[:3])

    asyncio.run(story())


def test_one_that_is_never_taken_is_given_up_and_the_next_one_sent() -> None:
    async def story() -> None:
        merchant = Merchant(lambda name, attempt: 503 if name == "first" else 200)
        merchant.deliveries.send("main/1", HERE, [call("first"), call("second")])
        await until(lambda: merchant.deliveries.delivered == 1)
        assert merchant.names() == ["first"] * (len(PAUSES_S) + 1) + ["second"]
        assert merchant.deliveries.given_up == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ({}, HttpResponse(204, {}, b"")),
        ({"status": 202}, HttpResponse(200, {}, b"")),
        ({"body": "success"}, HttpResponse(200, {}, b"")),
        ({"body": "success"}, HttpResponse(200, {}, b"SUCCESS")),
        ({"body": "success"}, HttpResponse(200, {}, b"success\n")),
        ({"body": "success"}, HttpResponse(201, {}, b"success")),
        ({"body": "success"}, HttpResponse(200, {}, b"success", truncated=True)),
    ],
)
def test_only_the_reply_that_the_contract_names_ends_it(reply: dict[str, Any], answer: HttpResponse) -> None:
    async def story() -> None:
        merchant = Merchant(lambda name, attempt: answer)
        merchant.deliveries.send("main/1", HERE, [call("first", **reply)])
        await until(lambda: merchant.deliveries.given_up == 1)
        assert merchant.deliveries.delivered == 0
        right = HttpResponse(reply.get("status", 200), {}, reply.get("body", "").encode())
        merchant = Merchant(lambda name, attempt: right)
        merchant.deliveries.send("main/1", HERE, [call("first", **reply)])
        await until(lambda: merchant.deliveries.delivered == 1)
        assert merchant.names() == ["first"]

    asyncio.run(story())


def test_where_the_contract_names_no_body_any_will_do() -> None:
    assert call("first").taken(HttpResponse(200, {}, b"thank you"))


def test_each_attempt_is_signed_anew() -> None:
    async def story() -> None:
        merchant = Merchant(lambda name, attempt: 200 if attempt == 3 else 500)
        merchant.deliveries.send("main/1", HERE, [call("first")])
        await until(lambda: merchant.deliveries.delivered == 1)
        genuine = merchant_side(CALLBACKS)
        signed_at = [int(dict(request.headers)["x-sign"].partition(":")[0]) for request in merchant.requests]
        assert signed_at == [1_790_000_000, 1_790_000_010, 1_790_000_020]
        for unix_s, request in zip(signed_at, merchant.requests, strict=True):
            assert genuine.problem_of_callback(request, TimestampNonce(unix_s)) == ""
            assert request.body == b"x"

    asyncio.run(story())


def test_orders_do_not_wait_for_each_other() -> None:
    async def story() -> None:
        stuck = asyncio.Event()

        async def pause(duration_s: float) -> None:
            await stuck.wait()

        merchant = Merchant(lambda name, attempt: 500 if name == "first" and attempt == 1 else 200)
        merchant.deliveries._pause = pause
        merchant.deliveries.send("main/1", HERE, [call("first")])
        merchant.deliveries.send("main/2", HERE, [call("other")])
        await until(lambda: merchant.deliveries.delivered == 1)
        assert merchant.names() == ["first", "other"]
        stuck.set()
        await until(lambda: merchant.deliveries.delivered == 2)

    asyncio.run(story())


def test_many_orders_share_few_connections() -> None:
    async def story() -> None:
        merchant = Merchant()
        for n in range(200):
            merchant.deliveries.send(f"main/{n}", HERE, [call(str(n))])
        await until(lambda: merchant.deliveries.delivered == 200)
        assert 1 < merchant.most_under_way <= 32

    asyncio.run(story())


def test_over_a_real_connection_the_path_is_below_the_address() -> None:
    async def story() -> None:
        heads: list[bytes] = []

        async def merchant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            heads.append(await reader.readexactly(3))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            await writer.drain()
            await reader.read()
            writer.close()

        async with await asyncio.start_server(merchant, "127.0.0.1", 0) as server:
            deliveries = CallbackDeliveries(TimestampNonceSource(lambda: 17, "A"))
            address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
            request = HttpRequest("PUT", "/o/1", (("x-kind", "paid"),), b"abc")
            deliveries.send("main/1", address, [call("")._replace(request=request)])
            await until(lambda: deliveries.delivered)
            await deliveries.close()
        assert heads[0].startswith(b"PUT /hooks/o/1 HTTP/1.1\r\n")
        assert b"x-kind: paid\r\n" in heads[0]
        assert heads[1] == b"abc"

    asyncio.run(story())


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8081/callbacks/", "http://127.0.0.1:8081/callbacks"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://localhost:80", "http://localhost:80"),
        ("http://[::1]:8081/x", "http://[::1]:8081/x"),
    ],
)
def test_an_address_on_this_machine(url: str, address: str) -> None:
    assert require_loopback(url) == address


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.1/",
        "http://example.com/callbacks",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://someone@127.0.0.1/",
        "http://0.0.0.0/",
        "https://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1/?to=1",
        "ftp://127.0.0.1/",
        "http://[::1",
        "127.0.0.1",
        "",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="they stay on this machine"):
        require_loopback(url)


def test_a_variant_may_sign_in_its_own_way() -> None:
    async def story() -> list[HttpRequest]:
        merchant = Merchant(lambda name, attempt: 200 if attempt == 2 else 503)
        signed = CallbackDeliveries(
            TimestampNonceSource(lambda: 17, "A"),
            lambda address: _Line(merchant, address),
            pause=merchant._pause,
            sign=lambda call, moment: call.request._replace(headers=(("x-sign", moment.nonce),)),
        )
        signed.send("A", HERE, [call("one")])
        await until(lambda: signed.delivered == 1)
        return merchant.requests

    first, second = asyncio.run(story())
    assert first.headers != second.headers, "each attempt is signed anew"
