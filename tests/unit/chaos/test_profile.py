"""Chaos profiles: the shipped ones are sound and say what they need; mistakes are pointed at; the gateway understands
the rules.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ackord.chaos import profile_docs
from ackord.chaos.faults import FAULTS, EdgeFault, Fault, KeyedFault, LinkFault, Seam
from ackord.chaos.faults.base import register
from ackord.chaos.gateway import rules
from ackord.chaos.profile import Profile, profile_names, read_profile
from ackord.chaos.timing.schedule import Schedule
from ackord.contract.docs import generated_files
from ackord.contract.docs.json_schema import schema_of
from ackord.contract.loading.loader import shipped
from ackord.core.seed import Seed
from ackord.errors import FileError, UnknownNameError
from ackord.guarantees import GUARANTEES
from ackord.guarantees.merchant import MERCHANT_GUARANTEES
from ackord.workload.all_scenarios import SCENARIOS

EXPECTED = {
    "none", "latency", "replica-lag", "replica-lag-1ms", "replica-lag-rare", "replica-cut", "two-nodes", "lost-answers",
    "duplicates", "overtake", "concurrent-copies", "channel-timeouts", "provider-errors", "node-crash",
}  # fmt: skip

SMALL = """\
name: small
incident: Something happened.
phases: {disturb: {orders: 5}}
workload: {plain: 1, poll: 0}
faults:
  - {fault: lost-answer, share: 0.3, match: {operation: [submit], attempt: [1]}, proves: [lost-ack-recoverable]}
  - fault: replication-latency
    ms: 200
exposes: [lost-ack-recoverable, landing-bounded]
exposure_window: 200ms
"""


def write(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in SMALL
    path = folder / "small.yaml"
    path.write_text(SMALL.replace(old, new, 1) if old else SMALL, encoding="utf-8")
    return path


def test_the_profiles_that_come_with_ackord() -> None:
    assert set(profile_names()) >= EXPECTED


@pytest.mark.parametrize("name", profile_names())
def test_a_shipped_profile_is_sound(name: str) -> None:
    found = read_profile(name)
    profile = found.profile
    assert profile.name == name
    assert set(profile.requires()) <= set(profile.exposes)
    assert len(set(profile.exposes)) == len(profile.exposes)
    guarantees = MERCHANT_GUARANTEES if profile.tries_merchant else GUARANTEES
    found.check_names(scenarios=SCENARIOS.names(), guarantees=guarantees.names())
    schema = Draft202012Validator(schema_of(Profile, "profile"))
    schema.validate(yaml.safe_load(found.path.read_text(encoding="utf-8")))
    first_words = found.path.read_text(encoding="utf-8").splitlines()
    assert first_words[0].startswith("# yaml-language-server") and first_words[1].startswith("# ")


@pytest.mark.parametrize("name", profile_names())
def test_the_gateway_understands_every_rule_of_a_shipped_profile(name: str) -> None:
    edge = [f.to_rule() for f in read_profile(name).profile.drawn(Seed(3)).faults if isinstance(f, EdgeFault)]
    assert [rule.name for rule in rules.RuleSet(1, edge).rules] == [rule["fault"] for rule in edge]


def test_a_profile_as_plain_data(tmp_path: Path) -> None:
    profile = read_profile(write(tmp_path)).profile
    lost, lag = profile.faults
    assert isinstance(lost, EdgeFault)
    assert lost.said() == {"mode": "reset", "share": 0.3}
    assert lost.to_rule() == {
        "fault": "lost-answer",
        "share": 0.3,
        "match": {"operation": ["submit"], "attempt": [1]},
        "params": {"mode": "reset"},
    }
    assert isinstance(lag, LinkFault)
    assert lag.said() == {"ms": 200.0, "jitter_ms": 0, "share": 1.0}
    assert [toxic.name for toxic in lag.toxics(0)] == ["replication-latency_0"]
    assert profile.needs() == (Seam.EDGE, Seam.REPLICATION)
    assert profile.requires() == {"lost-ack-recoverable": ("lost-answer",)}
    assert profile.exposure_window_ns() == 200_000_000


SCHEDULED = """
  - fault: latency
    ms: {least: 5, most: 80}
    after_ms: 10
    for_ms: 100
    every_ms: 400
    ramp_ms: 50
    first: 2
    every: 3
    quota: 7
    match: {order: [1, 2], header: {x-kind: "pay*"}, body: {"$.amount": 5}}
  - fault: replication-cut
    probability: 0.5
"""


def with_faults(folder: Path, faults: str) -> Path:
    head = (
        "name: probe\nincident: x\nphases: {disturb: {orders: 1}}\nworkload: {plain: 1}\nexposes: "
        "[landing-bounded]\nfaults:"
    )
    (path := folder / "probe.yaml").write_text(head + faults)
    return path


def test_the_seed_draws_spans_and_who_takes_part(tmp_path: Path) -> None:
    profile = read_profile(with_faults(tmp_path, SCHEDULED)).profile
    drawn = [profile.drawn(Seed(n)) for n in range(200)]
    assert drawn[7] == profile.drawn(Seed(7)) == drawn[7].drawn(Seed(8))
    latencies = [d.faults[0].params()["ms"] for d in drawn]
    assert all(5 <= ms <= 80 for ms in latencies)
    assert len(set(latencies)) > 50
    assert 60 < sum(len(d.faults) == 2 for d in drawn) < 140


def test_a_fault_alone_always_takes_part(tmp_path: Path) -> None:
    profile = read_profile(with_faults(tmp_path, "\n  - {fault: reset, probability: 0.01}\n")).profile
    assert {len(profile.drawn(Seed(n)).faults) for n in range(50)} == {1}


def test_schedule_and_limits_reach_the_gateway(tmp_path: Path) -> None:
    fault = read_profile(with_faults(tmp_path, SCHEDULED)).profile.drawn(Seed(1)).faults[0]
    assert isinstance(fault, EdgeFault)
    assert fault.schedule() == Schedule(10, 100, 400, 50)
    rule = fault.to_rule(armed_ns=9)
    assert rule["schedule"] == {"after_ms": 10, "for_ms": 100, "every_ms": 400, "ramp_ms": 50, "armed_ns": 9}
    assert rule["limits"] == {"first": 2, "every": 3, "quota": 7}
    assert rule["match"] == {"order": [1, 2], "header": {"x-kind": "pay*"}, "body": {"$.amount": 5}}


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("{fault: latency, ms: {least: 9, most: 3}}", "9 is over most, 3"),
        ("{fault: latency, ms: {least: 9}}", '"most" is missing'),
        ("{fault: latency, ms: 5, every_ms: 400}", "it never ends, so it cannot come again"),
        ("{fault: latency, ms: 5, for_ms: 500, every_ms: 400}", "400 ms is shorter than for_ms"),
        (
            "{fault: latency, ms: 5, for_ms: {least: 5, most: 90}, every_ms: {least: 50, most: 400}}",
            "50 ms is shorter than",
        ),
        ("{fault: node-crash, for_ms: 500, every_ms: 600}", "lasts for no time"),
        ("{fault: node-crash, every_ms: 60}", "60 ms is too often"),
        ("{fault: latency, ms: 5, first: 0}", "greater than or equal to 1"),
        ("{fault: latency, ms: 5, frist: 1}", 'Did you mean "first"?'),
        ("{fault: latency, ms: 5, match: {body: {amount: 1}}}", "amount"),
        ("{fault: latency, ms: 5, probability: 2}", "less than or equal to 1"),
        ("{fault: clock-step, by_s: 0}", "a step of 0 s is none"),
        ("{fault: clock-step, by_s: -40000000}", "greater than or equal to -31622400"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(tmp_path: Path, fault: str, words: str) -> None:
    with pytest.raises(FileError, match=re.escape(words)) as error:
        read_profile(with_faults(tmp_path, f"\n  - {fault}\n"))
    assert "probe.yaml:7" in str(error.value)


def test_a_profile_that_uses_several_nodes_needs_that_seam() -> None:
    assert Seam.NODES in read_profile("two-nodes").profile.needs()
    assert read_profile("none").profile.needs() == ()
    assert read_profile("none").profile.requires() == {}


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("name: small", "name: other", 1, 'its file "small.yaml"'),
        ("incident: Something happened.\n", "", 1, 'the field "incident" is missing'),
        ("exposes:", "expose:", 9, 'Did you mean "exposes"?'),
        ("fault: lost-answer", "fault: lost-anwser", 6, 'Did you mean "lost-answer"?'),
        ("fault: lost-answer, ", "", 6, 'the field "fault" is missing in "faults[0]"'),
        ("    ms: 200", "    msec: 200", 8, 'Did you mean "ms"?'),
        ("    ms: 200", "    jitter_ms: 1", 7, 'the field "ms" is missing in "faults[1]"'),
        ("    ms: 200", "    ms: '200'", 8, "a number, without quotes"),
        ("    ms: 200", "    ms: -1", 8, "greater than or equal to 0"),
        ("    ms: 200", "    ms: 200\n    share: 0.5", 9, '"faults[1].share": there is no such field'),
        ("share: 0.3", "share: 30", 6, "less than or equal to 1"),
        ("share: 0.3", "share: 0", 6, "greater than 0"),
        ("share: 0.3", "mode: slow", 6, "'reset' or 'hang'"),
        ("[submit]", "[submitt]", 6, 'Did you mean "submit"?'),
        ("attempt: [1]", "attempt: [0]", 6, "greater than or equal to 1"),
        ("plain: 1", "plain: 0", 4, "every weight is 0"),
        ("orders: 5", "orders: 0", 3, "no phase has orders"),
        ("disturb: {orders: 5}", "steady: {orders: 5}", 5, "in which no order begins"),
        ("proves: [lost-ack-recoverable]", "proves: [lost-ack-recovrable]", 5, 'Did you mean "lost-ack-recoverable"?'),
        ("exposure_window: 200ms", "exposure_window: 200", 10, "a duration with its unit"),
        ("exposes: [lost-ack-recoverable, landing-bounded]", "exposes: []", 9, "it is left out"),
    ],
)
def test_mistakes_are_pointed_at(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    with pytest.raises(FileError) as failure:
        read_profile(write(tmp_path, old, new))
    assert says in str(failure.value)
    assert failure.value.line == line


def test_names_of_higher_rooms_are_checked_when_they_are_known(tmp_path: Path) -> None:
    found = read_profile(write(tmp_path))
    scenarios, guarantees = ["plain", "poll"], ["lost-ack-recoverable", "landing-bounded"]
    found.check_names(scenarios=scenarios, guarantees=guarantees)
    with pytest.raises(FileError, match=r'small\.yaml:4: .*no scenario is called "poll"'):
        found.check_names(scenarios=["plain"], guarantees=guarantees)
    with pytest.raises(FileError, match=r'small\.yaml:9: .*"landing-bounded".*Did you mean "landing-bound"'):
        found.check_names(scenarios=scenarios, guarantees=["lost-ack-recoverable", "landing-bound"])


def test_a_profile_that_is_not_known() -> None:
    with pytest.raises(
        UnknownNameError, match=r'no chaos profile is called "replica-lagg".*Did you mean "replica-lag"'
    ):
        read_profile("replica-lagg")


def test_every_fault_is_explained() -> None:
    for fault in FAULTS:
        schema = fault.model_json_schema(by_alias=True)
        assert schema["description"] and fault.heals and isinstance(fault.seam, Seam)
        assert [name for name, field in schema["properties"].items() if not field.get("description")] == []
        assert fault.seam is not Seam.EDGE or issubclass(fault, EdgeFault)


def test_a_fault_registers_once_and_must_explain_itself() -> None:
    lost_answer: type[Any] = FAULTS.get("lost-answer")
    with pytest.raises(ValueError, match="registered already"):
        register(lost_answer)
    silent = type("Silent", (lost_answer,), {"__doc__": None, "__module__": __name__})
    with pytest.raises(ValueError, match="needs a docstring"):
        register(silent)
    assert issubclass(lost_answer, KeyedFault) and issubclass(lost_answer, Fault)


def test_the_catalogue_and_the_schema_are_current() -> None:
    stale = [path.name for path in generated_files.stale_files(profile_docs.files())]
    assert stale == [], "run python -m ackord.chaos.profile_docs"
    text = (shipped("chaos_profiles") / "README.md").read_text(encoding="utf-8")
    assert [name for name in profile_names() if f"### {name}\n" not in text] == []
    assert [fault.fault_name() for fault in FAULTS if f"Fault `{fault.fault_name()}`" not in text] == []
