"""What a test is told when something of ours fails."""

from __future__ import annotations

import pytest

from ackord.errors import EnvironmentFailed
from ackord.pytest_plugin.guarantee_item import stop_at
from ackord.run.suite_runs import AlreadyFailed


def test_an_error_is_its_message_in_pytest_s_words() -> None:
    with pytest.raises(pytest.fail.Exception, match="give its address with --chaos-target") as caught, stop_at():
        raise EnvironmentFailed("it cannot be reached.\n  mend: give its address with --target")
    assert caught.value.pytrace is False
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_what_failed_before_is_skipped_with_the_first_line() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"^not run: it cannot be reached\.$"), stop_at():
        raise AlreadyFailed("it cannot be reached.\n  mend: start it")


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), stop_at():
        raise ZeroDivisionError
