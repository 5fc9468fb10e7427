"""A contract with a request that cannot be sent: one error at its line, whoever meets it, and
nothing is left running.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.client.callback_listener import listen
from ackord.contract.base.http_messages import HttpRequest, HttpResponse
from ackord.errors import FileError
from ackord.run.contract_check.cli import run_contract_check
from ackord.run.interactive import InteractiveRun
from ackord.run.options.plan import RunPlan
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

HEADER = """\
provider: small
version: 1
environment: sandbox
accounts: {main: {id: Größe}}
submit:
  request:
    method: POST
    path: /orders
    headers: {X-Account: "${account.id}"}
    json: {no: "${order_no}"}
  answers: [{when: {status: 200, $.status: {exists: true}}, observation: ACK}]
  extract: {provider_id: $.id, state: $.status}
query:
  request: {method: GET, path: "/orders/${order_no}"}
  answers: [{when: {status: 200, $.status: {exists: true}}, observation: STATUS}, {when: {status: 404}, observation: NOT_FOUND}]
  extract: {state: $.status}
states: {PAID: SUCCEEDED}
"""
SIGNATURE = HEADER.replace('    headers: {X-Account: "${account.id}"}\n', "").replace(
    "{id: Größe}",
    "{auth: {alipay_rsa2: {app_id: emulated-app, private_key: emulated-key, provider_key: emulated-key}}}",
)
CASES = pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (HEADER, 9, r'"submit.request.headers.X-Account": \$\{account.id\} cannot stand in a header'),
        (SIGNATURE, 4, '"accounts.main.auth": it cannot sign submit.request: only a form'),
    ],
    ids=["a header", "a signature"],
)


@pytest.fixture
def url() -> Iterator[str]:
    def nobody(request: HttpRequest) -> HttpResponse:
        return HttpResponse(404, {"content-type": "application/json"}, b"{}")

    with listen(nobody) as url:
        yield url


def plan(folder: Path, text: str, url: str) -> RunPlan:
    path = folder / "small.yaml"
    path.write_text(text)
    return make_plan(RunOptions(str(path), target=url, profiles=["none"], seed=1, out=folder / "out"))


@CASES
def test_a_run_ends_with_one_error_at_its_line(tmp_path: Path, url: str, text: str, line: int, says: str) -> None:
    asked = plan(tmp_path, text, url)
    with Session(asked) as session, pytest.raises(FileError, match=says) as failure:
        session.run_all()
    assert (failure.value.line, failure.value.exit_code) == (line, 2)
    assert "mend: " in str(failure.value)
    assert not session.environment.run.path.exists(), "nothing stays"


@CASES
def test_so_does_a_test_of_ones_own(tmp_path: Path, url: str, text: str, line: int, says: str) -> None:
    asked = plan(tmp_path, text, url)
    with Session(asked) as session, InteractiveRun(asked, load_profile("none"), session.environment) as bench:
        with pytest.raises(FileError, match=says) as failure:
            bench.submit()
        assert failure.value.line == line


@CASES
def test_and_a_contract_that_is_tried_out(tmp_path: Path, url: str, text: str, line: int, says: str) -> None:
    with pytest.raises(FileError, match=says) as failure:
        run_contract_check(plan(tmp_path, text, url))
    assert failure.value.line == line
