"""Durations, and the base that refuses unknown fields."""

from __future__ import annotations

import pytest
from pydantic import Field, ValidationError

from ackord.contract.base.field_types import Count, Duration, Flag, JsonPath, Name, StrictModel
from ackord.contract.loading.yaml_document import validate_document
from ackord.errors import FileError

from ..support import document


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("500ms", 500_000_000),
        ("1.5s", 1_500_000_000),
        ("2m", 120 * 10**9),
        ("1h", 3600 * 10**9),
        ("14d", 14 * 86400 * 10**9),
    ],
)
def test_a_duration_in_nanoseconds_is_exact_and_keeps_its_text(text: str, ns: int) -> None:
    duration = Duration(text)
    assert duration.ns == ns
    assert duration == text


@pytest.mark.parametrize("text", ["30", "s", "1 s", "-1s", "1w", "1e3s", "", "1.s", 30, None, "1s\n"])
def test_a_duration_without_a_unit_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="duration with its unit"):
        Duration(text)


class Inner(StrictModel):
    wait: Duration | None = Field(default=None, description="")


class Outer(StrictModel):
    name: Name = Field(description="")
    count: Count = Field(default=1, description="")
    on: Flag = Field(default=False, description="")
    place: JsonPath = Field(default="$", description="")
    inner: Inner = Field(default=Inner(), description="")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("name: x\ncuont: 2\n", 2, ['"cuont": there is no such field.', 'Did you mean "count"?']),
        ("name: x\ninner:\n  wiat: 1s\n", 3, ['"inner.wiat"', 'Did you mean "wait"?']),
        ("count: 2\n", 1, ['the field "name" is missing', "add name:"]),
        ("name: x\ncount: '2'\n", 2, ["\"count\" cannot be used (got '2')", "a whole number, without quotes"]),
        ("name: x\ncount: 1.0\n", 2, ["a whole number"]),
        ("name: x\ncount: 0\n", 2, ["greater than or equal to 1"]),
        ("name: x\non: 1\n", 2, ["true or false"]),
        ("name: [x]\n", 1, ["expected: text"]),
        ("name: x\ninner: 3\n", 2, ["a mapping"]),
        ("name: x\ninner:\n  wait: 30\n", 3, ["a duration with its unit"]),
        ("name: x\nplace: status\n", 2, ["it starts with $"]),
        ("name: Not A Name\ncount: 0\non: 1\n", 1, ["(and 2 more)"]),
    ],
)
def test_one_error_with_its_line_what_was_expected_and_how_many_more(text: str, line: int, says: list[str]) -> None:
    with pytest.raises(FileError) as failure:
        validate_document(document(text), Outer)
    assert failure.value.line == line
    for words in says:
        assert words in str(failure.value)


def test_a_value_from_the_environment_is_never_shown() -> None:
    with pytest.raises(FileError) as failure:
        validate_document(document("name: '${env:KEY}'\n", KEY="Sk Live"), Outer)
    assert "Sk Live" not in str(failure.value)
    assert '"name" cannot be used' in str(failure.value)


def test_parts_are_frozen() -> None:
    part = Inner()
    with pytest.raises(ValidationError):
        part.wait = None  # type: ignore[misc]
