"""Who gives up before whom."""

from __future__ import annotations

from typing import Any

import pytest

from ackord.contract.loading.loader import PlaceholderEnv, load_contract
from ackord.contract.spec.model import Contract
from ackord.merchant.policy import MerchantPolicy
from ackord.merchant.time_budget import budget_conflicts

BASE = load_contract("reference", env=PlaceholderEnv({})).contract.model_dump(
    mode="json", by_alias=True, exclude_unset=True
)


def contract(promises: dict[str, Any] | None = None, **timing: str) -> Contract:
    return Contract.model_validate({**BASE, "timing": timing, "promises": {**BASE["promises"], **(promises or {})}})


def told(given: Contract, **policy: Any) -> dict[str, str]:
    found = budget_conflicts(MerchantPolicy.model_validate({"name": "mine", **policy}), given)
    return {conflict.setting: conflict.text for conflict in found}


def test_times_that_nobody_documents_fit_any() -> None:
    assert told(contract()) == {}


@pytest.mark.parametrize(
    ("on_timeout", "says"),
    [("fail", "takes for a failure"), ("resubmit-new", "a second payment"), ("query", "may not be there yet")],
)
def test_a_merchant_that_waits_for_too_short_a_time(on_timeout: str, says: str) -> None:
    text = told(contract(provider_answers_within="28s"), timeout="10s", on_timeout=on_timeout)["timeout"]
    assert "the merchant waits 10s, the provider answers within 28s" in text
    assert says in text
    assert told(contract(provider_answers_within="28s"), timeout="28s") == {}


def test_the_circle_is_found_where_each_gives_up_before_the_next() -> None:
    hops = contract(provider_answers_within="20s", channel_answers_within="60s")
    assert "a circle of time-outs" in told(hops, timeout="10s")["timeout"]
    assert told(hops, timeout="20s") == {}
    assert (
        "circle"
        not in told(contract(provider_answers_within="20s", channel_answers_within="15s"), timeout="10s")["timeout"]
    )


def test_a_merchant_that_gives_up_while_the_bank_may_pay() -> None:
    assert "the bank may still pay" in told(contract(channel_decides_within="2d"))["give_up_after"]
    assert told(contract(channel_decides_within="1h")) == {}


def test_resubmissions_after_the_number_is_forgotten() -> None:
    day = contract({"key_retention": "24h"})
    assert "move the money again" in told(day, give_up_after="2d")["give_up_after"]
    assert told(day, give_up_after="24h") == {}
    asks = {"on_not_found": "ask-a-person", "on_timeout": "query", "on_error": "query"}
    assert told(day, give_up_after="2d", **asks) == {}
    assert "nobody says" in told(contract({"key_retention": "unpublished"}))["give_up_after"]


def test_a_buffer_that_is_shorter_than_what_is_tolerated() -> None:
    tolerated = contract({"not_found": {"tolerated_for": "30s"}, "lands_within": "30s"})
    assert "about to land" in told(tolerated, on_not_found="fail", buffer="5s")["buffer"]
    assert told(tolerated, on_not_found="fail", buffer="30s") == {}
    assert told(tolerated, on_not_found="resubmit", buffer="5s") == {}


def test_no_buffer_is_enough_where_not_found_proves_nothing() -> None:
    open_end = contract({"not_found": "inconclusive", "lands_within": None})
    assert "no finite buffer" in told(open_end, on_not_found="fail", buffer="30m")["buffer"]


def test_a_first_query_before_the_documented_one() -> None:
    text = told(contract(query_after="5s"), poll={"kind": "fixed", "first": "1s", "every": "5s"})["poll"]
    assert "asks after 1s, the documentation says after 5s" in text
