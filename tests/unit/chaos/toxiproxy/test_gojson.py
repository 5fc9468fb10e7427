"""JSON as Go reads it: every text of an error here was seen from Toxiproxy 2.12."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ackord.chaos.toxiproxy.gojson import BadBody, GoField, read, take

FIELDS = {
    "name": GoField("string", "Proxy.name"),
    "enabled": GoField("bool", "Proxy.enabled"),
    "rate": GoField("int64", "Toxic.rate"),
    "toxicity": GoField("float32", "Toxic.toxicity"),
    "attributes": GoField("toxics.Noop", "Toxic.attributes"),
}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("", "EOF"),
        (" \n", "EOF"),
        ("{", "unexpected EOF"),
        ("nul", "unexpected EOF"),
        ('{"name":', "unexpected EOF"),
        ('{"a":"x', "unexpected EOF"),
        ("[1,2", "unexpected EOF"),
        ('{"a" ', "unexpected EOF"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("+1", "invalid character '+' looking for beginning of value"),
        ("{name:1}", "invalid character 'n' looking for beginning of object key string"),
        ("{'name':1}", "invalid character '\\'' looking for beginning of object key string"),
        ('{"name":"a",}', "invalid character '}' looking for beginning of object key string"),
        ('{"name" 1}', "invalid character '1' after object key"),
        ('{"name":"a" "b":1}', "invalid character '\"' after object key:value pair"),
        ('{"name":01}', "invalid character '1' after object key:value pair"),
        ('{"a":[1 2]}', "invalid character '2' after array element"),
        ('{"a":["}{" 2]}', "invalid character '2' after array element"),
        ('{"a":[1,]}', "invalid character ']' looking for beginning of value"),
        ('{"a":{"b":[]}; }', "invalid character ';' after object key:value pair"),
        ('{"name":tru}', "invalid character '}' in literal true (expecting 'e')"),
        ('{"name":-}', "invalid character '}' in numeric literal"),
        ('{"a":NaN}', "invalid character 'N' looking for beginning of value"),
        ('{"name":"a\\x"}', "invalid character 'x' in string escape code"),
        ('{"a":"\x01"}', "invalid character '\\x01' in string literal"),
    ],
)
def test_broken_json_is_refused_in_go_s_words(body: str, says: str) -> None:
    with pytest.raises(BadBody) as caught:
        read(body.encode())
    assert str(caught.value) == says


@pytest.mark.parametrize("body", ['{"a":1}}', '{"a":1} x', '  {"a":1}{"b', '{"a":1}'])
def test_what_follows_the_first_value_does_not_count(body: str) -> None:
    assert read(body.encode()) == {"a": 1}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("[]", "json: cannot unmarshal array into Go value of type T"),
        ('"x"', "json: cannot unmarshal string into Go value of type T"),
        ('{"name":1}', "json: cannot unmarshal number into Go struct field Proxy.name of type string"),
        ('{"NAME":[]}', "json: cannot unmarshal array into Go struct field Proxy.name of type string"),
        ('{"enabled":"x"}', "json: cannot unmarshal string into Go struct field Proxy.enabled of type bool"),
        ('{"rate":true}', "json: cannot unmarshal bool into Go struct field Toxic.rate of type int64"),
        ('{"rate":1.0}', "json: cannot unmarshal number 1.0 into Go struct field Toxic.rate of type int64"),
        ('{"rate":1e3}', "json: cannot unmarshal number 1e3 into Go struct field Toxic.rate of type int64"),
        ('{"toxicity":1e40}', "json: cannot unmarshal number 1e40 into Go struct field Toxic.toxicity of type float32"),
        ('{"attributes":3}', "json: cannot unmarshal number into Go struct field Toxic.attributes of type toxics.Noop"),
        ('{"enabled":1,"name":2}', "json: cannot unmarshal number into Go struct field Proxy.enabled of type bool"),
    ],
)
def test_wrong_types_are_refused_in_go_s_words(body: str, says: str) -> None:
    with pytest.raises(BadBody) as caught:
        take(read(body.encode()), "T", FIELDS)
    assert str(caught.value) == says


def test_names_match_in_any_case_and_null_counts_as_not_given() -> None:
    assert take(read(b'{"Name": "a", "ENABLED": null, "other": 1}'), "T", FIELDS) == {"name": "a"}
    assert take(read(b"null"), "T", FIELDS) == {}


def test_a_number_of_any_length_is_read() -> None:
    digits = "9" * 100_000
    assert take(read(f'{{"other":{digits},"name":"a"}}'.encode()), "T", FIELDS) == {"name": "a"}
    for field, go_type in (("rate", "int64"), ("toxicity", "float32")):
        with pytest.raises(BadBody) as caught:
            take(read(f'{{"{field}":-{digits}}}'.encode()), "T", FIELDS)
        assert str(caught.value) == (
            f"json: cannot unmarshal number -{digits} into Go struct field Toxic.{field} of type {go_type}"
        )


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        (r"\ud800x", "\ufffdx"),
        (r"\uDC00", "\ufffd"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ud800\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\\ud800", r"\ud800"),
    ],
)
def test_half_of_a_surrogate_pair_is_replaced_as_in_go(text: str, read_as: str) -> None:
    assert read(f'[{{"{text}":["{text}"]}}]'.encode()) == [{read_as: [read_as]}]


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(_values)
def test_whatever_is_json_is_read(value: object) -> None:
    assert read(json.dumps(value).encode()) == value


@given(
    st.one_of(
        st.binary(max_size=40), st.text(alphabet='{}[]",:\\truefalsn0123456789.eE+- \n', max_size=40).map(str.encode)
    )
)
def test_whatever_comes_it_is_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(BadBody):
        read(body)


def test_the_deepest_nesting_is_refused() -> None:
    with pytest.raises(BadBody):
        read(b"[" * 200_000)
