"""The YAML reader: what it accepts, where things stand, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ackord.contract.loading.file_text import MAX_BYTES
from ackord.contract.loading.loader import shipped
from ackord.contract.loading.yaml_document import MAX_ALIASES, MAX_DEPTH, Position, parse_yaml, read_yaml
from ackord.errors import FileError

from ..support import HERE, document


def test_plain_data_and_the_line_and_column_of_every_entry() -> None:
    found = document("# a comment\na: 1\nb:\n  - x\n  - {c: 2.5, d: null}\ne: true\n")
    assert found.data == {"a": 1, "b": ["x", {"c": 2.5, "d": None}], "e": True}
    assert found.lines["a",] == Position(2, 1)
    assert found.lines["b", 1, "d"] == Position(5, 14)
    assert found.position(("b", 1, "absent", "deeper")) == found.lines["b", 1]
    assert found.position(()) == Position(2, 1)


@pytest.mark.parametrize("folder", ["contracts", "chaos_profiles"])
def test_libyaml_and_pyyaml_s_own_parser_read_the_same(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files = sorted(shipped(folder).glob("*.yaml"))
    with_libyaml = [read_yaml(file, env=_AnyVariable()) for file in files]
    monkeypatch.setattr(yaml, "__with_libyaml__", False)
    assert files
    assert [read_yaml(file, env=_AnyVariable()) for file in files] == with_libyaml


@pytest.mark.parametrize("with_libyaml", [True, False])
def test_what_libyaml_refuses_is_told_in_pyyaml_s_words(with_libyaml: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml, "__with_libyaml__", with_libyaml and yaml.__with_libyaml__)
    with pytest.raises(FileError, match=r"3: this is not YAML: while parsing a flow sequence expected ',' or ']'"):
        document("a: 1\nb: [1, 2\n")


class _AnyVariable(dict[str, str]):
    """An environment in which every variable is set."""

    def get(self, key: str, default: object = None) -> str:  # type: ignore[override]
        return "value"


def test_one_section_of_another_program_s_file() -> None:
    text = b"theirs: {a: yes, <<: {b: on}}\nours: {c: 1}\n"
    found = parse_yaml(Path("other.yaml"), text, section="ours")
    assert found.data == {"ours": {"c": 1}}
    assert found.lines["ours", "c"] == Position(2, 8)
    assert parse_yaml(Path("other.yaml"), text, section="absent").data == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("~", None),
        ("", None),
        ("True", True),
        ("2026-01-31", "2026-01-31"),
        ("14d", "14d"),
        ("=", "="),
        ("sk_1", "sk_1"),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    found = document(f"a: {text}\n").data["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("word", ["yes", "no", "on", "OFF", "Yes"])
def test_a_bare_word_that_is_a_boolean_to_some_is_refused_with_the_way_to_write_it(word: str) -> None:
    with pytest.raises(FileError) as failure:
        document(f"x: 1\ncountry: {word}\n")
    assert failure.value.line == 2
    assert f'write "{word}" in quotes' in str(failure.value)
    assert "true / false" in str(failure.value)


@pytest.mark.parametrize("number", ["012", "0x1F", "1:30", "1_000", ".inf", ".nan", "0b11"])
def test_a_number_that_two_readers_read_differently_is_refused(number: str) -> None:
    with pytest.raises(FileError, match=r"here\.yaml:1: a bare"):
        document(f"a: {number}\n")


def test_keys_are_text_as_written() -> None:
    assert document("34: a\nNO: b\n012: c\nnull: d\n").data == {"34": "a", "NO": "b", "012": "c", "null": "d"}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, '"a" is given twice'),
        ("x:\n  a: 1\n  a: 1\n", 3, '"a" is given twice'),
        ("a: 1\nb: !!python/object/apply:os.system [echo]\n", 2, "the tag !!python/object/apply:os.system"),
        ("a: !secret x\n", 1, "the tag !secret"),
        ("a: !!binary aGk=\n", 1, "the tag !!binary"),
        ("a: !!set {x}\n", 1, "the tag !!set"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys"),
        ("? [a, b]\n: 1\n", 1, "a key must be plain text"),
        ("", None, "the file is empty"),
        ("# only a comment\n", None, "the file is empty"),
        ("- a\n- b\n", 1, "the top of the file is not a mapping"),
        ("just text\n", 1, "the top of the file is not a mapping"),
        ("a: [1, 2\nb: 3\n", 2, "this is not YAML"),
        ("a: b: c\n", 1, "this is not YAML"),
        ("a: 1\n\tb: 2\n", 2, "this is not YAML"),
        ("a: 1\n---\nb: 2\n", 2, "this is not YAML"),
        ("a: *nowhere\n", 1, "this is not YAML"),
        ("a: 1\nb: \x01\n", 2, "this is not YAML"),
    ],
)
def test_what_is_refused_and_in_which_line(text: str, line: int | None, problem: str) -> None:
    with pytest.raises(FileError) as failure:
        document(text)
    assert failure.value.line == line
    assert problem in failure.value.problem


def test_a_file_that_is_too_large_or_not_utf_8() -> None:
    with pytest.raises(FileError, match="over 1 MiB"):
        parse_yaml(HERE, b"a: " + b"x" * MAX_BYTES)
    with pytest.raises(FileError, match=r"here\.yaml:2: this is not UTF-8"):
        parse_yaml(HERE, b"a: 1\nb: \xff\n")


def test_aliases_are_written_out_but_not_without_end() -> None:
    assert document("a: &x [1]\nb: *x\n").data == {"a": [1], "b": [1]}
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 5)}]\n" for i in range(1, 7)
    )
    with pytest.raises(FileError, match="too large"):
        document(laughs)
    with pytest.raises(FileError, match=f"more than {MAX_ALIASES} aliases"):
        document("a: &x 1\nb: [" + ", ".join(["*x"] * (MAX_ALIASES + 1)) + "]\n")
    with pytest.raises(FileError, match="too large"):
        document("a: &x [*x]\n")


@pytest.mark.parametrize("depth", [MAX_DEPTH + 5, 100_000])
def test_a_file_that_is_nested_too_deeply(depth: int) -> None:
    with pytest.raises(FileError, match="levels deep"):
        document("a: " + "[" * depth)


def test_environment_variables_in_texts() -> None:
    found = document('a: "Bearer ${env:KEY}"\nb: ${env:KEY}${env:KEY}\nc: plain\n', KEY="sk")
    assert found.data == {"a": "Bearer sk", "b": "sksk", "c": "plain"}
    assert found.secret == {("a",), ("b",)}


@pytest.mark.parametrize(
    ("env", "problem"),
    [
        ({}, "the environment variable KEY is not set"),
        ({"KEY": ""}, "the environment variable KEY is empty"),
        ({"KEY": "a\nb"}, "holds"),
        ({"KEY": "${order_no}"}, "holds"),
    ],
)
def test_an_environment_variable_that_cannot_be_used(env: dict[str, str], problem: str) -> None:
    with pytest.raises(FileError) as failure:
        document("x: 1\na: ${env:KEY}\n", **env)
    assert failure.value.line == 2
    assert problem in failure.value.problem
    assert "KEY" in failure.value.mend
    with pytest.raises(FileError, match="is not the name of an environment variable"):
        document("a: ${env:not a name}\n")


def test_a_path_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no such file"):
        read_yaml(tmp_path / "none.yaml")
    with pytest.raises(FileError, match="cannot be read"):
        read_yaml(tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes_are_data_or_a_file_error(raw: bytes) -> None:
    try:
        found = parse_yaml(HERE, raw, env={})
    except FileError as error:
        assert "here.yaml" in str(error)
    else:
        assert isinstance(found.data, dict)


@given(st.text("ab:{}[]&*!'\"-|> \n#?,1", max_size=80))
def test_any_text_that_looks_like_yaml_is_data_or_a_file_error(text: str) -> None:
    try:
        found = document(text)
    except FileError as error:
        assert "here.yaml" in str(error)
    else:
        assert () in found.lines


@pytest.mark.parametrize(
    ("text", "mend"),
    [
        ("a:\n\tb: 2\n", "indent with spaces"),
        ("a: 1\n---\nb: 2\n", "remove the line ---"),
        ("a: [1\n", "check the indentation and the quotes"),
    ],
)
def test_what_is_no_yaml_says_how_to_mend_it(tmp_path: Path, text: str, mend: str) -> None:
    with pytest.raises(FileError, match=f"this is not YAML: .*\n  mend: {mend}"):
        parse_yaml(tmp_path / "a.yaml", text.encode())
