"""The merchant that plays a policy as a program."""

from __future__ import annotations

import re
import sys

import pytest

from ackord.drill import merchant
from ackord.drill.merchant_view import compiled_report_pattern


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["merchant", *words])
    with pytest.raises(SystemExit) as ended:
        merchant.main()
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["naive"], "no address of a provider"),
        (["spleen", "--url", "http://127.0.0.1:9"], 'no merchant policy is called "spleen"'),
        (["naive", "--url", "http://127.0.0.1:9", "--contract", "spleen"], 'no contract is called "spleen"'),
    ],
)
def test_a_mistake_is_told(
    words: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ACKORD_PROVIDER_URL", raising=False)
    assert run(monkeypatch, *words) == 2
    assert said in capsys.readouterr().err


def test_its_words_are_those_that_a_drill_reads() -> None:
    pattern = compiled_report_pattern(merchant.REPORT_PATTERN)
    assert pattern is not None
    match = re.search(pattern, "order a-000001: paid (the order is SUCCEEDED)")
    assert match is not None and match.groupdict() == {"order": "a-000001", "outcome": "paid"}
