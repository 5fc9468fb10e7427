"""A policy is read strictly: what is wrong in it is one error with its line."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from ackord.errors import FileError
from ackord.gate.policy import day_of, read_policy, told

from .build import policy

WHOLE = """\
level: A2
require:
  guarantees: [resubmission-moves-money-once]
  profiles: [none]
baseline: baseline.yaml
least_exposures:
  - {guarantee: acknowledged-order-visible, profile: none, count: 100}
  - {count: 1}
allow_inconclusive:
  - {guarantee: landing-bounded, owner: payments, reason: no bound is promised, expires: 2027-03-31}
flaky: worst
"""


def test_a_policy_says_what_must_hold_and_what_is_allowed(tmp_path: Path) -> None:
    loaded = policy(tmp_path, WHOLE)
    assert loaded.policy.require.profiles == ["none"]
    assert loaded.policy.allow_inconclusive[0].expires == datetime.date(2027, 3, 31)
    assert loaded.baseline == tmp_path / "baseline.yaml"
    assert loaded.place("least_exposures", 1) == f"{tmp_path}/gate.yaml:8"


def test_without_a_file_everything_must_hold() -> None:
    loaded = read_policy(None)
    assert (loaded.baseline, loaded.place("require"), loaded.policy.flaky) == (None, "", "fail")


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("level: A2", "level: A7", 1, 'no level is called "A7"'),
        ("require:", "requires:", 2, 'Did you mean "require"?'),
        ("money-once]", "money-onc]", 3, 'Did you mean "resubmission-moves-money-once"?'),
        ("baseline.yaml", "../baseline.yaml", 5, "a path below the file's own folder"),
        ("count: 100", "count: 0", 7, "greater than or equal to 1"),
        ("acknowledged-order-visible", "visible", 7, "no guarantee is called"),
        ("2027-03-31", "2027-02-30", 10, "a day of the calendar"),
        ("2027-03-31", "20270331", 10, "a day of the calendar"),
        ("owner: payments", "owner: TODO", 10, "words that tell a reader something"),
        ("owner: payments, ", "", 10, 'the field "owner" is missing'),
        ("flaky: worst", "flaky: ignore", 11, "'fail' or 'worst'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(FileError) as error:
        policy(tmp_path, WHOLE.replace(old, new, 1))
    assert f"gate.yaml:{line}: " in str(error.value)
    assert says in str(error.value)


def test_a_policy_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        read_policy(tmp_path / "gate.yaml")


def test_a_day_is_written_in_one_way() -> None:
    assert day_of("2027-03-31") == datetime.date(2027, 3, 31)
    for wrong in ("2027-3-31", "31.03.2027", 20270331, None, "2027-13-01"):
        with pytest.raises(ValueError, match="a day of the calendar"):
            day_of(wrong)


def test_words_of_a_person_tell_something() -> None:
    assert told("PAY-1") == "PAY-1"
    for wrong in ("", " ", "x", "todo", "N/A"):
        with pytest.raises(ValueError, match="words that tell"):
            told(wrong)
