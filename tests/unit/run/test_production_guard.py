"""Real money never moves by mistake, and moves when the provider's name is typed out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, contract_names, load_contract, shipped
from ackord.errors import UsageError
from ackord.run.options.plan import RunPlan
from ackord.run.options.run_options import RunOptions
from ackord.run.production_guard import refuse_production
from ackord.run.resolve import make_plan

REFERENCE = (shipped("contracts") / "reference.yaml").read_text()
LIVE = "sk_live_" + "9aB8cD7eF6gH5"
NO_SINGLE_PROVIDER = {
    "reference",
    "acp-checkout",
    "mojaloop-fspiop",
    "ucp-checkout",
    "uk-open-banking-domestic-payments",
    "x402-facilitator",
}
"""Our own, and schemes and protocols whose every participant has hosts of its own."""
LIVE_KEYS = {
    "checkout-payouts": "sk_9f8e7d6c5b4a3210",
    "flutterwave-transfers": "FLWSECK-0123456789abcdef-X",
    "gocardless-outbound-payments": "live_Ab1Cd2Ef3",
    "modern-treasury": "live-Ab1Cd2Ef3Gh4",
    "paystack-transfers": "sk_live_0123456789abcdef",
    "plaid-transfer-style": "access-production-0123",
    "razorpayx-payouts": "rzp_live_Ab1Cd2Ef3",
    "stripe-payment-intents": "rk_live_0123456789abcdef",
    "stripe-payouts": "sk_live_51Ab",
}
SANDBOX_KEYS = {
    "checkout-payouts": "sk_sbx_9f8e7d6c5b4a3210",
    "flutterwave-transfers": "FLWSECK_TEST-0123456789abcdef-X",
    "gocardless-outbound-payments": "sandbox_Ab1Cd2Ef3",
    "modern-treasury": "test-Ab1Cd2Ef3Gh4",
    "paystack-transfers": "sk_test_0123456789abcdef",
    "plaid-transfer-style": "access-sandbox-0123",
    "razorpayx-payouts": "rzp_test_Ab1Cd2Ef3",
    "stripe-payment-intents": "rk_test_0123456789abcdef",
    "stripe-payouts": "sk_test_51Ab",
}


def plan(contract: str, **options: Any) -> RunPlan:
    return make_plan(RunOptions(contract, profiles=["none"], seed=1, **options))


def keyed(folder: Path, text: str = REFERENCE) -> str:
    (path := folder / "keyed.yaml").write_text(text.replace("{bearer: sk_main}", '{bearer: "${env:ACKORD_TEST_KEY}"}'))
    return str(path)


@pytest.mark.parametrize("target", ["", "http://127.0.0.1:1", "https://sandbox.example.com"])
def test_a_live_key_from_the_environment_is_refused_whatever_the_flags(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACKORD_TEST_KEY", LIVE)
    with pytest.raises(UsageError) as error:
        plan(keyed(tmp_path), target=target, remote=True)
    said = str(error.value)
    line = REFERENCE[: REFERENCE.index("{bearer: sk_main}")].count("\n") + 1
    assert f"keyed.yaml:{line}: " in said
    assert '"accounts.main.auth.bearer": ${env:ACKORD_TEST_KEY} holds a live key' in said
    assert "--production ackord-reference" in said
    assert LIVE not in said


def test_the_provider_s_name_typed_out_lets_it_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKORD_TEST_KEY", LIVE)
    contract = keyed(tmp_path)
    with pytest.raises(UsageError, match=r"--production yes: this contract is of ackord-reference"):
        plan(contract, production="yes")
    assert "--production ackord-reference" in plan(contract, production="ackord-reference").command()


def test_a_sandbox_s_key_and_the_emulator_need_no_such_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKORD_TEST_KEY", "sk_test_9aB8cD7eF6gH5")
    assert plan(keyed(tmp_path)).contract.contract.provider == "ackord-reference"
    monkeypatch.setenv("ACKORD_TEST_KEY", LIVE)
    assert plan(keyed(tmp_path), target="emulator").target == "emulator"


def test_a_contract_of_production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACKORD_TEST_KEY", "sk_main")
    contract = keyed(tmp_path, REFERENCE.replace("environment: sandbox", "environment: production"))
    with pytest.raises(UsageError, match=r"keyed\.yaml:\d+: environment is production"):
        plan(contract, remote=True)
    plan(contract, production="ackord-reference")


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_every_shipped_contract_knows_the_real_thing(name: str) -> None:
    spec = load_contract(name, env=PlaceholderEnv()).contract.production
    if name in NO_SINGLE_PROVIDER:
        assert spec is None
    else:
        assert spec is not None
        assert bool(spec.keys) == (name in LIVE_KEYS)


@pytest.mark.parametrize("name", LIVE_KEYS)
def test_a_live_key_of_a_shipped_contract_s_provider_is_refused_and_its_sandbox_key_is_not(name: str) -> None:
    used = load_contract(name, env=PlaceholderEnv()).document.environment.values()
    secret = re.compile(r"(SECRET_KEY|API_KEY|_TOKEN|KEY_ID)$")
    names = {variable for variables in used for variable in variables if secret.search(variable)}
    assert names
    for variable in names:
        refuse_production(load_contract(name, env=PlaceholderEnv({variable: SANDBOX_KEYS[name]})), "", "")
        live = load_contract(name, env=PlaceholderEnv({variable: LIVE_KEYS[name]}))
        with pytest.raises(UsageError, match=rf"env:{variable}}} holds a live key"):
            refuse_production(live, "", "")
        refuse_production(live, "", name)
