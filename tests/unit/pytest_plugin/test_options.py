"""A message that names an option names one that pytest has."""

from __future__ import annotations

from dataclasses import fields

import pytest

from ackord.pytest_plugin.options import OPTIONS, suite_words
from ackord.run.options.run_options import RunOptions


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("give its address with --target", "give its address with --chaos-target"),
        ("another --profile, or --out", "another --chaos-profile, or --chaos-out"),
        ("name it with --openapi FILE; --openapi-strict", "name it with --chaos-openapi FILE; --chaos-openapi-strict"),
        ("--contract is for HAR files", "--contract is for HAR files"),
        ("try a merchant (ackord serve --profile), or --target", "try a merchant (ackord serve --profile), or --chaos-target"),
        ("--unknown", "--unknown"),
    ],
)  # fmt: skip
def test_options_are_written_as_pytest_has_them(text: str, words: str) -> None:
    assert suite_words(text) == words


def test_what_a_message_may_name_is_an_option_of_the_plug_in() -> None:
    without = {option.name for option in fields(RunOptions)} - {option.name for option in OPTIONS}
    assert without <= {
        *("inject", "port", "require", "time_limit", "force", "tls", "proxy_host"),
        *("fail_fast", "isolated", "provider_version", "repeats", "shard"),
    }
