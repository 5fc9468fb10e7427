"""A ledger of the API as the source of movements, and a source that this run cannot read."""

from __future__ import annotations

import asyncio

import pytest

from ackord.client.movement_source import ApiLedger, UnreadSource
from ackord.client.transport import NoResponse
from ackord.contract.base.http_messages import HttpResponse

from .test_provider_client import LEDGER, SMALL, FakeTransport, client


def test_a_ledger_of_the_api_is_read_by_its_client() -> None:
    page = b'{"d": [{"id": "m1", "no": "n-1", "amount": 5}], "next": null}'
    transport = FakeTransport(lambda request, before: HttpResponse(200, {}, page))
    source = ApiLedger(client(SMALL + LEDGER, transport), transport)
    assert not source.by_order
    assert asyncio.run(source.read(lambda number: True)) == 1
    by_order = client(SMALL + LEDGER.replace("/moved,", '"/moved/${order_no}",'), transport)
    assert ApiLedger(by_order, transport).by_order


def test_what_this_run_cannot_read_says_why() -> None:
    with pytest.raises(NoResponse, match="because"):
        asyncio.run(UnreadSource("because").read(lambda number: True))
