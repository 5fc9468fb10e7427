"""A contract that was broken on purpose is told with the right line; a provider that breaks its promise is not taken
for a wrong contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord import cli
from ackord.errors import dotted
from ackord.run.contract_check.cli import check_exit_code, described, run_contract_check
from ackord.run.contract_check.probe_client import Culprit
from ackord.run.environments import open_environment
from ackord.run.environments.base import Environment
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

REFERENCE = Path(__file__).parents[2] / "contracts" / "reference.yaml"
_SUBMIT_FACTS = (
    "  extract: {provider_id: $.provider_id, state: $.status, amount_minor: $.amount, currency: $.currency, "
    "payee: $.payee, code: $.code}\n\nquery:"
)


@pytest.fixture(scope="module")
def environment() -> Iterator[Environment]:
    with open_environment(make_plan(RunOptions("reference", profiles=["none"], seed=1))) as environment:
        yield environment


def broken(folder: Path, old: str, new: str) -> tuple[Path, int]:
    """The reference's contract with one change, and the line of it."""
    text = REFERENCE.read_text()
    assert text.count(old) == 1, f"{old!r} stands in it {text.count(old)} times"
    path = folder / "mine.yaml"
    path.write_text(text.replace(old, new))
    return path, text[: text.index(old)].count("\n") + 1


BREAKAGES = {
    "a status that no rule reads": (
        "{status: [200, 202], $.status: {exists: true}}, observation: ACK}",
        "{status: 200, $.status: {exists: true}}, observation: ACK}",
        "submit.answers[0].when",
        "no rule reads this 202",
    ),
    "a condition on what is not there": (
        "{status: [200, 202], $.status: {exists: true}}, observation: ACK}",
        "{status: [200, 202], $.state: {exists: true}}, observation: ACK}",
        "submit.answers[0].when.$.state",
        "it is not there: the body has $.provider_id, $.order_no, $.status",
    ),
    "an identifier that stands elsewhere": (
        _SUBMIT_FACTS,
        _SUBMIT_FACTS.replace("$.provider_id", "$.id"),
        "submit.extract.provider_id",
        "$.id is not in this answer",
    ),
    "a number that is not given back there": (
        _SUBMIT_FACTS,
        _SUBMIT_FACTS.replace("{provider_id", "{order_no: $.reference, provider_id"),
        "submit.extract.order_no",
        "where order_no is said to stand",
    ),
    "a number that is taken for another thing": (
        _SUBMIT_FACTS,
        _SUBMIT_FACTS.replace("{provider_id", "{order_no: $.payee, provider_id"),
        "submit.extract.order_no",
        "$.payee is 'payee-",
    ),
    "another unit of money": (
        _SUBMIT_FACTS,
        _SUBMIT_FACTS.replace("amount_minor", "amount_major"),
        "submit.extract.amount_major",
        "were sent",
    ),
    "a status word that is not known": ("  PAID: SUCCEEDED", "  SETTLED: SUCCEEDED", "states", "'PAID' is not under"),
    "a path that is not there": ("path: /v1/orders\n", "path: /v1/order\n", "submit.request.path", "nothing takes"),
    "a key that is not accepted": ("{bearer: sk_main}", "{bearer: sk_mine}", "accounts.main.auth", "not accepted"),
    "a field that is called otherwise": (
        'payee: "${payee}"}',
        'to: "${payee}"}',
        "submit.request.json",
        "what was sent was refused with 422",
    ),
    "another format": (
        "submit:\n  request:\n",
        "submit:\n  format: form\n  request:\n",
        "submit.format",
        "the body cannot be read",
    ),
    "a not-found that is not read": (
        "STATUS}\n    - {when: {status: 404, $.code: ORDER_NOT_FOUND}",
        "STATUS}\n    - {when: {status: 404, $.code: NO_SUCH_ORDER}",
        "query.answers[1].when.$.code",
        "and it is 'ORDER_NOT_FOUND'",
    ),
    "a conflict that is not read": (
        "$.code: ORDER_CONFLICT}, observation: CONFLICT}\n    - {when: {status: 409",
        "$.code: CONFLICT}, observation: CONFLICT}\n    - {when: {status: 409",
        "submit.answers[1].when.$.code",
        "and it is 'ORDER_CONFLICT'",
    ),
    "a refusal that is not read": (
        "{status: 401, $.code: {exists: true}}, observation: REJECTED}",
        "{status: 403, $.code: {exists: true}}, observation: REJECTED}",
        "query.answers[2].when",
        "no rule reads this 401",
    ),
    "a wrong path and a 404 that says nothing": (
        'request: {method: GET, path: "/v1/orders/${order_no}"}\n  answers:\n'
        "    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}\n    - {when: {status: "
        "404, $.code: ORDER_NOT_FOUND}",
        'request: {method: GET, path: "/v1/payouts/${order_no}"}\n  answers:\n'
        "    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}\n    - {when: {status: 404}",
        "query.request.path",
        "the path may be wrong",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_contract_is_told_with_its_line(environment: Environment, tmp_path: Path, name: str) -> None:
    old, new, place, says = BREAKAGES[name]
    path, line = broken(tmp_path, old, new)
    line += LINES_FURTHER.get(name, 0)
    environment.reset_as("")
    plan = make_plan(RunOptions(str(path), target=environment.direct_url, profiles=["none"]))
    steps = run_contract_check(plan)
    found = [finding for step in steps for finding in step.findings]
    assert {finding.fault for finding in found} == {Culprit.CONTRACT}, "the provider is as it should be"
    assert check_exit_code(steps) == 2
    first = found[0].blame
    assert (dotted(first.path), plan.contract.document.position(first.path).line) == (place, line)
    assert says in first.problem
    assert f"mine.yaml:{line}:" in " ".join(" ".join(described(plan.contract, steps)).split())


LINES_FURTHER = {"another format": 1, "a not-found that is not read": 1, "a status word that is not known": -3}
"""Where the line that is told is not the one that was changed: the word that is missing is missing under ``states``."""


PROVIDERS = {
    "new-provider-id": ("promises.on_same_payload", "was acknowledged as"),
    "altered-accepted": ("promises.on_other_payload", "on_other_payload: reject is promised"),
    "unknown-is-processing": ("query", "that nobody submitted"),
}


@pytest.mark.parametrize("flaw", PROVIDERS)
def test_a_provider_that_breaks_its_promise_is_told(environment: Environment, flaw: str) -> None:
    place, says = PROVIDERS[flaw]
    environment.reset_as(flaw)
    steps = run_contract_check(make_plan(RunOptions("reference", target=environment.direct_url, profiles=["none"])))
    (finding,) = [finding for step in steps for finding in step.findings]
    assert finding.fault is Culprit.PROVIDER
    assert dotted(finding.blame.path) == place
    assert says in finding.blame.problem
    assert check_exit_code(steps) == 1


@pytest.mark.parametrize("name", ["dwolla", "mojaloop-fspiop", "unionpay-dsf"])
def test_tokens_callbacks_and_forms_are_tried_too(name: str) -> None:
    """An access token comes first; a query is answered by a callback; everything is a form."""
    plan = make_plan(RunOptions(name, target="emulator", profiles=["none"], seed=1))
    steps = run_contract_check(plan)
    assert [finding for step in steps for finding in step.findings] == []
    assert len(steps) >= 5


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def go(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ackord", *words])
        monkeypatch.setattr("signal.signal", lambda *a: None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return go


def test_the_reference_s_own_contract_is_fine(run, environment: Environment) -> None:  # type: ignore[no-untyped-def]
    environment.reset_as("")
    code, out, _ = run("contract", "check", str(REFERENCE), "--target", environment.direct_url)
    assert (code, out.count("  ok ")) == (0, 7), out
    assert out.endswith(": ackord-reference: all is well\n")


def test_a_secret_is_never_shown(  # type: ignore[no-untyped-def]
    run, environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE_KEY", "sk_live_do_not_show")
    path, _ = broken(tmp_path, 'payee: "${payee}"}', 'payee: "${payee}", key: "${env:MINE_KEY}"}')
    text = path.read_text().replace("path: /v1/orders\n", "path: /v1/order\n")
    path.write_text(text)
    environment.reset_as("")
    code, out, err = run("contract", "check", str(path), "--target", environment.direct_url)
    assert code == 2
    assert '"key":"***"' in "".join(out.split())
    assert "all is well" not in out
    assert out.endswith("mine.yaml: ackord-reference: WRONG: the contract does not fit the provider\n")
    assert "sk_live_do_not_show" not in out + err


def test_nobody_there_is_not_the_contract_s_fault(run) -> None:  # type: ignore[no-untyped-def]
    code, _, err = run("contract", "check", str(REFERENCE), "--target", "http://127.0.0.1:9")
    assert code == 4
    assert "cannot be reached" in err


def test_nothing_is_sent_to_another_machine(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, err = run("contract", "check", str(REFERENCE), "--target", "http://192.0.2.1:80")
    assert (code, "not a loopback address" in err) == (2, True)
    path = tmp_path / "mine.yaml"
    path.write_text(REFERENCE.read_text().replace("version: 1\n", "version: 1\nbase_url: https://192.0.2.1\n"))
    code, out, _ = run("contract", "check", str(path))
    assert (code, out) == (0, f"{path}: ackord-reference: the file is as it should be; nothing was sent\n")


def test_no_smoke_sends_nothing(run) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = run("contract", "check", str(REFERENCE), "--target", "http://127.0.0.1:9", "--no-smoke")
    assert code == 0
    assert out.count("\n") == 1
