"""A provider at an address: what was not looked at is said in every report, and what is required must have been."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ackord.errors import dotted
from ackord.run.contract_check.cli import run_contract_check
from ackord.run.evidence import CONTRACT_FILE
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import make_plan

from .small_payouts import LEDGER, Asked, Certify, Reply, SmallPayouts, contract_at


def test_a_required_profile_that_cannot_run_makes_the_run_inconclusive(certify: Certify, tmp_path: Path) -> None:
    with SmallPayouts() as provider:
        code, said = certify(provider, "--require", "replica-lag", "--require", "acknowledged-order-visible")
    assert code == 3, said
    assert "replica-lag is required, and was not judged" in said
    data = json.loads((tmp_path / "out" / "result.json").read_text())
    assert (data["result"], data["doubts"]) == ("INCONCLUSIVE", ["replica-lag is required, and was not judged"])
    root = ET.parse(tmp_path / "out" / "junit.xml").getroot()
    assert root.get("errors") == "1"


def test_what_is_required_and_was_judged_is_a_pass(certify: Certify) -> None:
    with SmallPayouts() as provider:
        code, said = certify(
            provider, "--require", "acknowledged-order-visible", "--require", "none", "--profile", "none"
        )
    assert (code, "is required" in said) == (0, False), said


def test_a_contract_with_a_secret_written_out_is_told_not_to_be_kept(
    certify: Certify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = "small.yaml:8: accounts.main.auth.bearer may be a secret that is written out"
    monkeypatch.setenv("MAIN", "sk_main")
    monkeypatch.setenv("OTHER", "sk_other")
    kept = tmp_path / "out" / CONTRACT_FILE
    with SmallPayouts() as provider:
        _, said = certify(provider)
        assert (said.count(told), kept.exists()) == (1, False), said
        _, fine = certify(provider, changes=(("sk_main", '"${env:MAIN}"'), ("sk_other", '"${env:OTHER}"')))
    assert ("may be a secret" in fine, kept.exists()) == (False, True), fine


def test_without_a_ledger_the_last_line_says_that_money_was_not_judged(certify: Certify) -> None:
    with SmallPayouts() as provider:
        code, said = certify(provider, changes=((LEDGER, ""),))
        required, _ = certify(provider, "--require", "resubmission-moves-money-once", changes=((LEDGER, ""),))
    assert code == 0
    assert "Whether money moved once, and for the right orders, is not known" in said
    assert said.endswith("movements of money could not be judged. Exit code 0.")
    assert required == 3


def half_not_genuine(asked: Asked, reply: Reply) -> Reply:
    return Reply(200, "<html>a page of the firewall</html>") if asked.method == "GET" and asked.count % 2 else reply


def mostly_refused(asked: Asked) -> Reply | None:
    refuse = asked.method == "POST" and asked.count > 2 and int(asked.body["reference"][-6:]) % 10
    return Reply(422, {"error": "invalid_amount"}) if refuse else None


def test_answers_that_cannot_be_read_are_told_and_nothing_holds(certify: Certify) -> None:
    with SmallPayouts(half_not_genuine) as provider:
        code, said = certify(provider)
    assert code == 3, said
    assert "answers to queries could not be used" in said
    assert "above 5% nothing counts as held" in said


def sometimes_silent(asked: Asked, reply: Reply) -> Reply | None:
    return None if asked.method == "GET" and asked.path.startswith("/payouts") and asked.count % 5 == 0 else reply


def test_requests_without_an_answer_are_told_and_nothing_holds_unless_our_faults_took_the_answers(
    certify: Certify,
) -> None:
    with SmallPayouts(sometimes_silent) as provider:
        code, said = certify(provider)
    assert (code, "queries got no answer" in said) == (3, True), said
    assert "above 5% nothing counts as held" in said
    with SmallPayouts() as provider:
        lost, fine = certify(provider, "--profile", "lost-answers")
    assert (lost, "got no answer" in fine) == (0, False), fine


def test_orders_that_are_refused_are_told_and_nothing_holds(certify: Certify) -> None:
    with SmallPayouts(refuses=mostly_refused) as provider:
        code, said = certify(provider)
    assert code == 3, said
    assert "orders were never accepted" in said
    assert "most often: 422 invalid_amount" in said


NODES = 'nodes: {a: "http://127.0.0.1:PORT", b: "http://localhost:PORT"}\ncurrency: EUR'
PATIENT = ("timeout: 500ms", "timeout: 5s")
"""The provider runs in this process, and a loaded machine may let it wait: an answer that is late counts for none."""


def test_a_declared_node_that_was_never_asked_is_not_judged(certify: Certify) -> None:
    with SmallPayouts() as provider:
        changes = (PATIENT, ("currency: EUR", NODES.replace("PORT", str(provider.port))))
        code, said = certify(provider, changes=changes)
        both, fine = certify(provider, "--profile", "any-node", changes=changes)
    assert code == 3, said
    assert "node b of the contract was never asked, so nothing is known of it" in said
    assert (both, "never asked" in fine) == (0, False), fine


def test_a_host_that_was_never_asked_is_told(certify: Certify, tmp_path: Path) -> None:
    with SmallPayouts() as provider:
        declared = ("currency: EUR", f'hosts: {{reads: "{provider.url}"}}\ncurrency: EUR')
        named_by = ('"/payouts/${order_no}"', '"/payouts/${order_no}", host: reads')
        code, said = certify(provider, changes=(PATIENT, declared))
        unasked = json.loads((tmp_path / "out" / "result.json").read_text())["unasked"]
        named, fine = certify(provider, changes=(PATIENT, declared, named_by))
    assert (code, unasked) == (3, [{"what": "host", "name": "reads", "sections": []}]), said
    assert "Host reads of the contract is named by no request, so nothing is known of it." in said
    assert (named, "Host reads" in fine) == (0, False), fine


def test_a_service_that_is_no_node_is_told_by_the_check(tmp_path: Path) -> None:
    def reports(asked: Asked, reply: Reply) -> Reply:
        return Reply(404, "<html>no such page</html>")

    def reads_alone(asked: Asked) -> Reply | None:
        return Reply(405, {"error": "read_only"}) if asked.method == "POST" else None

    with SmallPayouts() as provider, SmallPayouts(reports) as other, SmallPayouts(refuses=reads_alone) as replica:
        replica._orders = provider._orders
        second_node = {f"http://localhost:{provider.port}": [], other.url: ["nodes.b"], replica.url: ["nodes.b"]}
        for second, expected in second_node.items():
            nodes = f'nodes: {{a: "{provider.url}", b: "{second}"}}\ncurrency: EUR'
            contract = contract_at(tmp_path, ("currency: EUR", nodes))
            steps = run_contract_check(make_plan(RunOptions(contract, target=provider.url, profiles=["none"], seed=1)))
            found = [dotted(finding.blame.path) for step in steps for finding in step.findings]
            assert found == expected
            assert "node b is asked for it" in [step.name for step in steps]
            blamed = [finding.blame.problem for step in steps for finding in step.findings]
            assert all("did you mean hosts?" in problem for problem in blamed)
            assert ("node b is sent it again" in [step.name for step in steps]) == (second != other.url)
