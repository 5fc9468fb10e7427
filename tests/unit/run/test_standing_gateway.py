"""What a standing gateway is put in front of, and what it refuses before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.errors import UsageError
from ackord.run.options.run_options import RunOptions
from ackord.run.standing_gateway import StandingGateway, gateway_plan

CONTRACT = (Path(__file__).parents[3] / "contracts" / "reference.yaml").read_text()


def options(folder: Path, target: str, *, profile: str = "none", tls: bool = False) -> RunOptions:
    path = folder / "acme.yaml"
    path.write_text(f"base_url: https://api.sandbox.example.com\n{CONTRACT}")
    return RunOptions(str(path), target=target, profiles=[profile], tls=tls)


@pytest.mark.parametrize("target", ["", "https://api.sandbox.example.com", "http://127.0.0.1:9"])
def test_this_machine_and_the_contract_s_own_sandbox_need_no_flag(tmp_path: Path, target: str) -> None:
    plan = gateway_plan(options(tmp_path, target))
    assert plan.own_clients
    StandingGateway(plan)


def test_any_other_machine_needs_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a loopback address"):
        StandingGateway(gateway_plan(options(tmp_path, "https://api.example.com")))


def test_a_profile_that_needs_the_inside_of_the_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="needs replication"):
        StandingGateway(gateway_plan(options(tmp_path, "http://127.0.0.1:9", profile="replica-lag")))


def test_bytes_cannot_be_disturbed_in_front_of_tls(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="without TLS"):
        gateway_plan(options(tmp_path, "http://127.0.0.1:9", profile="slow-network", tls=True))
    StandingGateway(gateway_plan(options(tmp_path, "http://127.0.0.1:9", profile="slow-network")))


def test_what_cannot_be_made_up_is_said_where_a_profile_makes_it_up() -> None:
    def caution(contract: str, profile: str) -> str:
        return StandingGateway(gateway_plan(RunOptions(contract, target="emulator", profiles=[profile]))).caution

    assert "are signed" in caution("wechatpay-v3-transfer-bills", "stale-reads")
    assert caution("wechatpay-v3-transfer-bills", "lost-answers") == ""
    assert caution("reference", "stale-reads") == ""
