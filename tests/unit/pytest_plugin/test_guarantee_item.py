"""What a test is told when something of ours fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ackord.core.verdict import MissingEvidence, Result
from ackord.errors import EnvironmentFailed
from ackord.pytest_plugin.guarantee_item import GuaranteeFailed, GuaranteeItem, stop_at
from ackord.run.suite_runs import AlreadyFailed
from tests.unit.report.build import VISIBLE, judged, profile


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


@pytest.mark.parametrize(
    ("result", "missing", "step"),
    [
        (
            Result.INCONCLUSIVE,
            MissingEvidence.EXPOSURE,
            "\nnext: send more orders for it to happen to: --chaos-budget ",
        ),
        (Result.ERROR, None, ""),
    ],
)
def test_what_could_not_be_judged_fails_with_the_next_step(
    result: Result, missing: MissingEvidence | None, step: str
) -> None:
    ran = profile("a", judged(VISIBLE, result, "why", missing=missing), repeat="pytest --contract reference")
    item: Any = SimpleNamespace(_result=ran, name=VISIBLE, profile="a", user_properties=[])
    with pytest.raises(GuaranteeFailed) as caught:
        GuaranteeItem.runtest(item)
    assert str(caught.value).startswith(f"{VISIBLE}: {result}: why{step}")
    assert ("next:" in str(caught.value)) is bool(step)
