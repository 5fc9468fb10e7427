"""The table of operations: it is whole, and a new operation takes two source files besides the
provider's own service.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import ackord
from ackord.contract.spec.model import OPERATIONS, Contract
from ackord.core.operation import (
    OPERATION_FACTS,
    ORDER_OPERATIONS,
    SUBMITS,
    WRITES,
    Observation,
    OperationKind,
    acknowledges,
    knows,
)

SOURCE = Path(ackord.__file__).parent
CAPTURE = {
    "core/operation.py": [
        ('    CANCEL = "cancel"\n', '    CAPTURE = "capture"\n'),
        (
            "    OperationKind.CANCEL: OperationFacts(True, frozenset(Observation) - {Observation.DEFERRED}),\n",
            "    OperationKind.CAPTURE: OperationFacts(True, frozenset(Observation) - {Observation.DEFERRED}),\n",
        ),
    ],
    "contract/spec/model.py": [
        (
            '    cancel: CancelSpec | None = Field(default=None, description="Taking an order back.")\n',
            '    capture: OperationSpec | None = Field(default=None, description="Taking the money.")\n',
        ),
        (
            "    OperationRow(OperationKind.CANCEL, ORDER_VARIABLES),\n",
            "    OperationRow(OperationKind.CAPTURE, ORDER_VARIABLES),\n",
        ),
    ],
    "providers/service/payment_service.py": [
        (
            "    # The seams.\n",
            """
    async def capture(self, account: str, order_no: str, provider_id: str = "") -> ProviderResponse:
        order = await self._addressed(account, order_no, provider_id)
        return self.NOT_FOUND if order is None else OrderResponse(order._replace(status="PAID"), ResponseReason.SHOWN)

""",
        ),
    ],
}
"""What is added to the sources, file by file: behind which text, and which text."""
STORY = '''
import asyncio
import json
from pathlib import Path

from ackord.client.operation_request import OperationRequest
from ackord.client.provider_client import ProviderClient
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import Payment, compile_contract
from ackord.contract.docs.reference_docs import files
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.lint import lint
from ackord.contract.loading.yaml_document import parse_yaml
from ackord.contract.spec.model import Contract
from ackord.core.clock import RealClock
from ackord.core.history import RunHeader
from ackord.core.operation import OperationKind, Vantage
from ackord.providers.emulator.callback_deliveries import CallbackDeliveries
from ackord.providers.emulator.emulator import Emulator, TimestampNonceSource
from ackord.record.recorder import Recorder
from ackord.workload.openapi_check import requests_of
from tests.unit.providers.stage import service

text = """\\
provider: small
version: 1
environment: sandbox
accounts: {main: {}}
submit:
  request: {method: POST, path: /orders, json: {no: "${order_no}", amount: "${amount.minor}"}}
  answers: [{when: {status: 200}, observation: ACK}, {when: {status: 409}, observation: REJECTED}]
  extract: {provider_id: $.id, state: $.status}
query:
  request: {method: GET, path: "/orders/${order_no}"}
  answers: [{when: {status: 200}, observation: STATUS}, {when: {status: 404}, observation: NOT_FOUND}]
  extract: {state: $.status}
capture:
  request: {method: POST, path: "/orders/${provider_id}/capture"}
  answers: [{when: {status: 200}, observation: ACK}, {when: {status: 404}, observation: NOT_FOUND}, {when: {status: 404}, observation: REJECTED}]
  extract: {state: $.status}
states: {NEW: RECEIVED, DOING: PROCESSING, PAID: SUCCEEDED, BACK: RETURNED}
"""
contract = Contract.model_validate(parse_yaml(Path("here.yaml"), text.encode(), env={}).data)
codec = compile_contract(contract)
bank, _ = service()
moments = TimestampNonceSource(lambda: 17, "A0")
emulator = Emulator(ContractEmulation(codec), bank, moments, CallbackDeliveries(moments))
sent = []

class Wire:
    async def send(self, request, *, timeout_ns):
        sent.append(f"{request.method} {request.target}")
        return await emulator.handle(request)

async def main():
    recorder = Recorder(RunHeader("small", "none", "provider", Vantage.MERCHANT, 1, codec.promises), codec.read)
    merchant = ProviderClient(codec, Wire(), recorder, RealClock(), 10**9, behind_gateway=False)
    said = []
    for kind in (OperationKind.SUBMIT, OperationKind.CAPTURE):
        reading = await merchant.perform(OperationRequest(kind, Payment("n-1", "main", 5, "EUR", "x"), 1, 1))
        said.append(f"{reading.observation} {reading.state.name}")
    [order] = recorder.history().orders
    return said, [x.kind for x in order.exchanges]

said, kinds = asyncio.run(main())
print(json.dumps({
    "said": said,
    "kinds": kinds,
    "sent": sent,
    "lint": [".".join(map(str, finding.path)) for finding in lint(codec)],
    "described": requests_of(contract)["capture"],
    "documented": any("submit, query, cancel, capture" in text for text in files().values()),
}))
'''


def test_a_new_operation_takes_its_facts_its_section_and_the_service_s_method(tmp_path: Path) -> None:
    """Codec, parser, client, emulator, lint, documentation and the OpenAPI check know the operation with no edit of
    their own.
    """
    copy = tmp_path / "ackord"
    shutil.copytree(
        SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so")
    )  # of a compiled build: the sources
    for name, additions in CAPTURE.items():
        text = (copy / name).read_text()
        for anchor, added in additions:
            assert text.count(anchor) == 1, (name, anchor)
            text = text.replace(anchor, anchor + added)
        (copy / name).write_text(text)
    root = Path(__file__).parents[3]
    path = os.pathsep.join((str(tmp_path), str(root)))
    ran = subprocess.run(
        [sys.executable, "-c", STORY],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["said"] == ["ACK RECEIVED", "ACK SUCCEEDED"]
    assert told["kinds"] == ["submit", "capture"]
    assert re.fullmatch(r"POST /orders/[^/$]+/capture", told["sent"][1])
    assert told["lint"] == ["capture.answers.2"]
    assert told["described"] == "POST /orders/${provider_id}/capture"
    assert told["documented"]


def test_every_kind_has_its_facts_and_every_section_its_row() -> None:
    assert set(OPERATION_FACTS) == set(OperationKind)
    assert {row.kind for row in OPERATIONS} == set(OperationKind) - {OperationKind.RESUBMIT}
    assert {row.kind.value for row in OPERATIONS} <= set(Contract.model_fields)
    assert SUBMITS < WRITES < ORDER_OPERATIONS


@pytest.mark.parametrize("kind", OperationKind)
@pytest.mark.parametrize("observation", [*Observation, None])
def test_an_order_is_acknowledged_by_an_ack_of_a_submit_and_by_nothing_else(
    kind: OperationKind, observation: Observation | None
) -> None:
    expected = observation is Observation.ACK and kind in (OperationKind.SUBMIT, OperationKind.RESUBMIT)
    assert acknowledges(kind, observation) is expected


@pytest.mark.parametrize("kind", OperationKind)
@pytest.mark.parametrize("observation", [*Observation, None])
def test_a_provider_knows_what_it_acknowledged_or_called_duplicate_or_in_progress(
    kind: OperationKind, observation: Observation | None
) -> None:
    submits = (OperationKind.SUBMIT, OperationKind.RESUBMIT)
    expected = observation in (Observation.ACK, Observation.DUPLICATE, Observation.IN_PROGRESS) and kind in submits
    expected |= (kind, observation) == (OperationKind.QUERY, Observation.IN_PROGRESS)
    assert knows(kind, observation) is expected
