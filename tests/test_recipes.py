"""Runs the code of each recipe in docs/CONTRIBUTING.md, on a case that it must accept and on one
that it must refuse.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

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

GUIDE = Path(__file__).parents[1] / "docs" / "CONTRIBUTING.md"
pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="the docs are in a checkout only")


def recipe(name: str) -> dict[str, Any]:
    """The module that a recipe shows."""
    found = re.search(rf"^<!-- recipe: {name} -->\n```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/CONTRIBUTING.md has no recipe: {name}"
    module: dict[str, Any] = {"__name__": f"recipe_{name.replace(' ', '_')}"}
    exec(compile(found[1], str(GUIDE), "exec", dont_inherit=True), module)
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
