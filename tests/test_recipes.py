"""Runs the code of each recipe in docs/CONTRIBUTING.md, on a case that it must accept and on one
that it must refuse.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import ackord
from ackord.chaos.faults import FAULTS, Fault
from ackord.chaos.faults.edge_actions import DelayRequest
from ackord.chaos.faults.edge_views import AnswerView, KeyedRandom, RequestView
from ackord.contract.base.http_messages import HttpRequest, TimestampNonce
from ackord.contract.signing import SCHEMES, Scheme, Secret
from ackord.core.clock import MS
from ackord.core.promises import Promises
from ackord.core.seed import Seed
from ackord.core.verdict import Result
from ackord.guarantees import GUARANTEES, Guarantee, JudgeContext
from ackord.report import REPORTS, Report

from .unit.guarantees.build import history, order
from .unit.report.build import campaign, judged, profile

SOURCE = Path(ackord.__file__).parent
GUIDE = Path(__file__).parents[1] / "docs" / "CONTRIBUTING.md"
pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="the docs are in a checkout only")


def source(name: str) -> str:
    """The code that a recipe shows."""
    found = re.search(rf"^<!-- recipe: {name} -->\n```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/CONTRIBUTING.md has no recipe: {name}"
    return found[1]


def recipe(name: str) -> dict[str, Any]:
    """The module that a recipe shows."""
    module: dict[str, Any] = {"__name__": f"recipe_{name.replace(' ', '_')}"}
    exec(compile(source(name), str(GUIDE), "exec", dont_inherit=True), module)
    return module


def test_a_fault() -> None:
    fault = recipe("fault")["HolidayBank"]
    assert issubclass(fault, Fault)
    assert fault.fault_name() not in FAULTS.names()
    settings: dict[str, Any] = {"decline_share": 0.0}
    fault(fault="holiday-bank").change(settings, None)
    assert settings == {"decline_share": 1.0}
    with pytest.raises(ValidationError):
        fault(fault="holiday-bank", half_ms=1)


def test_an_edge_fault() -> None:
    fault = recipe("edge fault")["Maintenance"](fault="maintenance", delay_ms=2)
    assert fault.fault not in FAULTS.names()
    assert fault.holds_answer()
    (delay,) = fault.on_request(RequestView("GET", "/p", list, lambda: None), KeyedRandom(Seed(1), 1, "query", 1))
    assert (type(delay), delay.delay_ns) == (DelayRequest, 2 * MS)
    paid, missing = (
        fault.on_answer(AnswerView(status, b"", 0, 0, lambda *_: None, lambda _: False)) for status in (200, 404)
    )
    assert (paid.response.status, missing) == (503, None)


def test_a_guarantee() -> None:
    guarantee = recipe("guarantee")["GUARANTEE"]
    assert isinstance(guarantee, Guarantee)
    assert guarantee.id not in GUARANTEES.names()
    context = JudgeContext(Promises())
    (answered,) = history(order().submit(0, 5).query(6, 7)).orders
    assert guarantee.judge(answered, context) == (1, ())
    (silent,) = history(order().submit(0, 5).query(6, 7).query(8)).orders
    exposures, (found,) = guarantee.judge(silent, context)
    assert (exposures, found.result, found.order) == (2, Result.VIOLATED, "A")


def test_a_report(tmp_path: Path) -> None:
    report = recipe("report")["REPORT"]
    assert isinstance(report, Report)
    assert report.name not in REPORTS.names()
    path = report.write(campaign(profile("replica-lag", judged())), tmp_path)
    assert path == tmp_path / "verdicts.tsv"
    head, *rows = path.read_text().splitlines()
    assert head == "profile\tguarantee\tresult\texposures"
    assert rows and all(row.startswith("replica-lag\t") for row in rows)


def test_a_signing_scheme() -> None:
    scheme = recipe("signing scheme")["SCHEME"]
    assert isinstance(scheme, Scheme)
    assert scheme.name not in SCHEMES.names()
    request = HttpRequest("POST", "/v1/orders", (), b'{"amount": 1}')
    sent = scheme.merchant(Secret("secret")).sign(request, TimestampNonce())
    assert scheme.provider(Secret("secret")).problem_of(sent) == ""
    assert scheme.provider(Secret("another")).problem_of(sent) == "the signature is wrong"
    assert (
        scheme.provider(Secret("secret")).problem_of(sent._replace(body=b'{"amount": 2}')) == "the signature is wrong"
    )


CONTRACT_OF_PAIRS = """\
provider: pairs
version: 1
environment: sandbox
order_no: {alphabet: "0-9a-z", length: [16, 32]}
accounts: {main: {auth: {bearer: key}}}
submit:
  format: pairs
  request: {method: POST, path: /orders, pairs: {no: "${order_no}", amount: "${amount.minor}", cur: "${currency}"}}
  answers:
    - {when: {status: 200, $.id: {exists: true}}, observation: ACK}
    - {when: {status: 409, $.code: busy}, observation: IN_PROGRESS}
    - {when: {status: 409, $.code: other}, observation: CONFLICT}
    - {when: {status: [400, 401]}, observation: REJECTED}
    - {when: {status: 5xx}, observation: RETRYABLE}
  extract: {provider_id: $.id, order_no: $.no, state: $.status, amount_minor: $.amount, code: $.code}
query:
  format: pairs
  request: {method: GET, path: "/orders/${order_no}"}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, $.code: unknown}, observation: NOT_FOUND}
    - {when: {status: 401}, observation: REJECTED}
    - {when: {status: 5xx}, observation: RETRYABLE}
  extract: {provider_id: $.id, order_no: $.no, state: $.status, amount_minor: $.amount, code: $.code}
states: {NEW: RECEIVED, BUSY: PROCESSING, PAID: SUCCEEDED, FAILED: FAILED, BACK: RETURNED}
promises:
  not_found: forbidden
  lands_within: 1s
  settles_within: 10s
"""
STORY_OF_PAIRS = """
import asyncio
import json
import sys

from ackord.client.operation_request import OperationRequest
from ackord.client.provider_client import ProviderClient
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import Payment
from ackord.contract.docs.json_schema import json_schema
from ackord.contract.emulate.emulation import ContractEmulation
from ackord.contract.loading.lint import lint
from ackord.contract.loading.loader import load_contract
from ackord.core.clock import RealClock
from ackord.core.history import RunHeader
from ackord.core.operation import OperationKind, Vantage
from ackord.providers.emulator.callback_deliveries import CallbackDeliveries
from ackord.providers.emulator.emulator import Emulator, TimestampNonceSource
from ackord.record.recorder import Recorder
from tests.unit.providers.stage import service

codec = load_contract(sys.argv[1]).codec
bank, _ = service()
moments = TimestampNonceSource(lambda: 17, "A0")
emulator = Emulator(ContractEmulation(codec), bank, moments, CallbackDeliveries(moments))
bodies, said = [], []

class Wire:
    async def send(self, request, *, timeout_ns):
        answer = await emulator.handle(request)
        bodies.extend([request.body.decode(), answer.body.decode()])
        return answer

async def main():
    recorder = Recorder(RunHeader("pairs", "none", "provider", Vantage.MERCHANT, 1, codec.promises), codec.read)
    merchant = ProviderClient(codec, Wire(), recorder, RealClock(), 10**9, behind_gateway=False)
    for kind, number in ((OperationKind.SUBMIT, "a=1;b"), (OperationKind.QUERY, "a=1;b"), (OperationKind.QUERY, "c")):
        reading = await merchant.perform(OperationRequest(kind, Payment(number, "main", 5, "EUR", "x"), 1, 1))
        said.append(f"{reading.observation} {reading.state.name} {reading.amount_minor}")

asyncio.run(main())
print(json.dumps({
    "said": said,
    "bodies": bodies,
    "broken": codec.read(OperationKind.SUBMIT, HttpResponse(200, {}, b"id")).detail,
    "lint": [finding.problem for finding in lint(codec)],
    "key": json_schema()["$defs"]["RequestSpec"]["properties"]["pairs"]["description"],
}))
"""


def with_one_more_file(folder: Path) -> dict[str, str]:
    """The environment in which the package is a copy with the recipe's file in the folder of encodings."""
    copy = folder / "ackord"
    shutil.copytree(
        SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so")
    )  # of a compiled build: the sources
    (copy / "contract" / "body" / "pairs_encoding.py").write_text(source("encoding"))
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(GUIDE.parents[1])))}


def test_an_encoding(tmp_path: Path) -> None:
    """With one file, a contract is loaded, its requests are rendered and parsed, its answers are written and read."""
    (tmp_path / "pairs.yaml").write_text(CONTRACT_OF_PAIRS)
    ran = subprocess.run(
        [sys.executable, "-c", STORY_OF_PAIRS, str(tmp_path / "pairs.yaml")],
        env=with_one_more_file(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["said"] == ["ACK RECEIVED 5", "STATUS RECEIVED 5", "NOT_FOUND NOT_FOUND None"]
    assert told["bodies"][0] == "no=a%3D1%3Bb;amount=5;cur=EUR;"
    assert re.fullmatch(r"id=\w+;no=a%3D1%3Bb;status=NEW;amount=5;", told["bodies"][1])
    assert told["bodies"][-1] == "code=unknown;"
    assert told["broken"] == "200, not valid pairs"
    assert told["lint"] == []
    assert told["key"] == "A body of pairs: `{no: 5}` is `no=5;`."
