"""Which merchant is safe with a contract, and whether its times fit: a rule each, with the line that it cites."""

from __future__ import annotations

from pathlib import Path

import pytest

from ackord.contract.loading.loader import LoadedContract, PlaceholderEnv, contract_names, load_contract
from ackord.guarantees.wording import BUFFER, NEVER_NEW_NUMBER, POLL, RESUBMIT
from ackord.report.advice import hazards, policies
from ackord.report.contract_claims import source_of
from ackord.report.contract_summary import COLUMNS, explain_contract
from ackord.report.timing_check import timing_conflicts

SMALL = """\
provider: small
version: 1
environment: sandbox
accounts: {main: {}, other: {}}
submit:
  request: {method: POST, path: /orders, json: {no: "${order_no}", amount: "${amount.minor}"}}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: ACK}
    - {when: {status: 400}, observation: REJECTED}
  extract: {provider_id: $.id, state: $.status}
query:
  request: {method: GET, path: "/orders/${order_no}"}
  answers:
    - {when: {status: 200, $.status: {exists: true}}, observation: STATUS}
    - {when: {status: 404, $.code: NONE}, observation: NOT_FOUND}
  extract: {provider_id: $.id, state: $.status}
states: {OPEN: RECEIVED, PAID: SUCCEEDED, BAD: FAILED, BACK: RETURNED}
"""


def small(folder: Path, more: str = "", old: str = "", new: str = "") -> LoadedContract:
    assert old in SMALL
    path = folder / "small.yaml"
    path.write_text(SMALL.replace(old, new) + more)
    return load_contract(path, env=PlaceholderEnv())


def safe(loaded: LoadedContract) -> set[str]:
    return {advice.policy for advice in policies(loaded) if advice.safe}


def test_the_strict_set_is_safe_for_everybody(tmp_path: Path) -> None:
    loaded = small(tmp_path)
    assert safe(loaded) == {POLL, RESUBMIT, BUFFER, NEVER_NEW_NUMBER}
    assert hazards(loaded) == []
    assert timing_conflicts(loaded) == []
    assert "Nowhere that the contract tells." in explain_contract(loaded)


HAZARDS = {
    "not_found: inconclusive": (("promises", "not_found"), {POLL, RESUBMIT, NEVER_NEW_NUMBER}),
    "not_found: {tolerated_for: 5s}": (("promises", "not_found"), {BUFFER, POLL, RESUBMIT, NEVER_NEW_NUMBER}),
    "on_same_payload: new_movement": (("promises", "on_same_payload"), {POLL}),
    "on_same_payload: reject_plain": (("promises", "on_same_payload"), {POLL, NEVER_NEW_NUMBER}),
    "key_retention: 24h": (("promises", "key_retention"), {POLL, NEVER_NEW_NUMBER}),
    "key_retention: unpublished": (("promises", "key_retention"), {POLL, NEVER_NEW_NUMBER}),
    "caches_transient_errors: true": (("promises", "caches_transient_errors"), {POLL}),
    "later_edges: [{from: FAILED, to: SUCCEEDED}]": (("promises", "later_edges", 0), {NEVER_NEW_NUMBER}),
    "later_edges: [{from: FAILED, to: RETURNED, within: 1d}]": (("promises", "later_edges", 0), {NEVER_NEW_NUMBER}),
    "key_scope: [account, region]": (("promises", "key_scope"), {POLL, NEVER_NEW_NUMBER}),
    "key_scope: [endpoint]": (("promises", "key_scope"), {POLL, NEVER_NEW_NUMBER}),
}


@pytest.mark.parametrize("promise", HAZARDS)
def test_what_a_promise_costs_a_naive_merchant(tmp_path: Path, promise: str) -> None:
    loaded = small(tmp_path, f"promises:\n  {promise}\n")
    path, help_ = HAZARDS[promise]
    first = hazards(loaded)[0]
    assert first.path == path
    assert set(first.safe) == help_
    assert loaded.document.position(first.path).line == SMALL.count("\n") + 2
    assert f"line {SMALL.count(chr(10)) + 2}]" in explain_contract(loaded)


def test_another_payload_that_looks_accepted(tmp_path: Path) -> None:
    (hazard,) = hazards(small(tmp_path, "promises: {on_other_payload: replay_original}\n"))
    assert hazard.path == ("promises", "on_other_payload")
    assert POLL in hazard.safe


def test_a_bare_status_is_no_word_of_the_provider(tmp_path: Path) -> None:
    (hazard,) = hazards(small(tmp_path, old="{status: 404, $.code: NONE}", new="{status: 404}"))
    assert hazard.path == ("query", "answers", 1)


def test_a_query_by_the_provider_s_identifier_leaves_only_a_resubmission(tmp_path: Path) -> None:
    loaded = small(tmp_path, old="/orders/${order_no}", new="/orders/${provider_id}")
    assert safe(loaded) == {RESUBMIT, BUFFER, NEVER_NEW_NUMBER}
    (hazard,) = hazards(loaded)
    assert hazard.safe == (RESUBMIT,)
    assert "only a resubmission leads back" in hazard.why


def test_without_idempotency_nothing_leads_back(tmp_path: Path) -> None:
    loaded = small(
        tmp_path, "promises: {on_same_payload: new_movement}\n", "/orders/${order_no}", "/orders/${provider_id}"
    )
    assert safe(loaded) == {BUFFER, NEVER_NEW_NUMBER}
    assert [hazard.safe for hazard in hazards(loaded)] == [(), ()]


@pytest.mark.parametrize(("place", "policy"), [("not_found", BUFFER), ("on_same_payload", RESUBMIT)])
def test_nothing_may_be_built_on_what_is_not_documented(tmp_path: Path, place: str, policy: str) -> None:
    loaded = small(tmp_path, f"undocumented: [promises.{place}]\n")
    assert policy not in safe(loaded)
    (hazard,) = hazards(loaded)
    assert hazard.path == ("promises", place)
    assert "not documented" in hazard.what
    assert "This is a guess." in explain_contract(loaded)


CLASHES = [
    ("timing: {merchant_waits: 1s, provider_answers_within: 2s}", "timing.merchant_waits"),
    ("timing: {provider_answers_within: 3s}", "limits.timeout"),
    ("timing: {retry_for: 2d}\npromises: {key_retention: 1d}", "promises.key_retention"),
    ("timing: {retry_for: 2d}\npromises: {key_retention: unpublished}", "promises.key_retention"),
    ("limits: {query_window: 2d}\npromises: {key_retention: 1d}", "promises.key_retention"),
    ("timing: {query_for: 2d}\nlimits: {query_window: 1d}", "limits.query_window"),
    ("timing: {query_for: 1m, query_after: 2m}", "timing.query_for"),
    ("timing: {query_for: 1m, settles_within: 2m}", "timing.query_for"),
    ("timing: {query_for: 1m}\npromises: {not_found: {tolerated_for: 2m}}", "timing.query_for"),
    ("timing: {provider_answers_within: 1s, channel_answers_within: 2s}", "timing.provider_answers_within"),
    ("timing: {query_for: 1m, channel_decides_within: 2m}", "timing.query_for"),
    ("timing: {callback_within: 1s, settles_within: 2s}", "timing.callback_within"),
    ("timing: {callback_within: 6s}", "limits.callback_timeout"),
    ("timing: {settles_within: 2m}\npromises: {settles_within: 1m}", "promises.settles_within"),
    ("promises: {lands_within: 1m, not_found: {tolerated_for: 2m}}", "promises.lands_within"),
]


@pytest.mark.parametrize(("more", "place"), CLASHES)
def test_times_that_do_not_fit(tmp_path: Path, more: str, place: str) -> None:
    (clash,) = timing_conflicts(small(tmp_path, f"{more}\n"))
    assert ".".join(map(str, clash.path)) == place
    assert clash.text


@pytest.mark.parametrize(
    "more",
    [
        "timing: {merchant_waits: 2s, provider_answers_within: 2s}",
        "timing: {retry_for: 1d}\npromises: {key_retention: 1d}",
        "timing: {query_for: 1d}\nlimits: {query_window: 1d}",
        "timing: {settles_within: 1s, channel_answers_within: 5s, channel_inquires_after: 9s, channel_decides_within: 8s}",
    ],
)
def test_equal_times_fit(tmp_path: Path, more: str) -> None:
    assert timing_conflicts(small(tmp_path, f"{more}\n")) == []


def test_a_source_is_cited_for_what_was_read_there_and_not_for_a_default_or_a_guess(tmp_path: Path) -> None:
    more = """\
promises: {not_found: inconclusive, on_same_payload: replay_original}
sources: {guide: {at: the guide, as_of: 2026-11}}
facts: {promises: guide}
undocumented: [promises.on_same_payload]
"""
    loaded = small(tmp_path, more)
    assert source_of(loaded, ("promises", "not_found")) == "guide"
    assert source_of(loaded, ("promises", "on_same_payload")) is None
    assert source_of(loaded, ("promises", "key_scope")) is None
    assert source_of(loaded, ("states",)) is None


@pytest.mark.parametrize("name", contract_names("contracts"))
def test_every_contract_that_comes_with_ackord_is_explained_within_the_page(name: str) -> None:
    text = explain_contract(load_contract(name, env=PlaceholderEnv()))
    assert max(map(len, text.splitlines())) <= COLUMNS
    assert text.startswith(name) or name == "reference"
