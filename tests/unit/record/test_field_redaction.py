from __future__ import annotations

import json

import pytest

from ackord.record.field_redaction import redacted_fields


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ('{"iban": "DE89", "amount": 10.0}', '{"iban": "***", "amount": 10.0}'),
        ('{"data": [{"to": {"IBAN":"DE89"}}, {"iban":null}]}', '{"data": [{"to": {"IBAN":"***"}}, {"iban":"***"}]}'),
        ('{"iban": {"a": ["}", "DE89"]}, "b": 1}', '{"iban": "***", "b": 1}'),
        (r'{"ib\u0061n": "DE\"89", "b": "iban"}', r'{"ib\u0061n": "***", "b": "iban"}'),
        ('{"iban": 89, "b": 1}', '{"iban": "***", "b": 1}'),
        ('{"iban": "DE8', '{"iban": "***"'),
        ('{"iban": [{"a": "DE8', '{"iban": "***"'),
        ('{"note": "iban: DE00", "iban_country": "DE"}', '{"note": "iban: DE00", "iban_country": "DE"}'),
        ("<r><ns:iban x='1'>DE<b>89</b></ns:iban><c>1</c></r>", "<r><ns:iban x='1'>***</ns:iban><c>1</c></r>"),
        ("<r><iban>DE8", "<r><iban>***"),
        ("<r><p iban='DE89' b='1'/><iban/></r>", "<r><p iban=\"***\" b='1'/><iban/></r>"),
        ("status=paid&iban=DE89&b=1", "status=paid&iban=***&b=1"),
        ("iban=DE89;b=1;", "iban=***;b=1;"),
        ("", ""),
        ("no field", "no field"),
    ],
)
def test_only_the_values_of_declared_fields_go(body: str, kept: str) -> None:
    assert redacted_fields(body.encode(), ["iban"]).decode() == kept


def test_bytes_that_are_no_text_stay(body: bytes = b'\xff{"iban":"DE\xfe89"}\x80') -> None:
    assert redacted_fields(body, ["iban"]) == b'\xff{"iban":"***"}\x80'
    assert redacted_fields(body, []) is body


def test_an_answer_stays_readable() -> None:
    body = json.dumps({"a": [{"iban": f"DE{n}", "n": n} for n in range(50)], "z": "end"}, indent=1)
    read = json.loads(redacted_fields(body.encode(), ["iban", "pan"]))
    assert read == {"a": [{"iban": "***", "n": n} for n in range(50)], "z": "end"}


@pytest.mark.parametrize("evil", ['"' * 20_000, "\\" * 20_000, "{" * 20_000, '"iban":' * 5_000, "<iban" * 5_000, " iban=" * 5_000, '"iban":[' * 4_000])  # fmt: skip
def test_a_hostile_body_takes_no_time(evil: str) -> None:
    redacted_fields(evil[:16_384].encode(), ["iban"])
