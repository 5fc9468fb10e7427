"""Collects what a merchant takes its payments for: from its output, from its calls, and from its books."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..contract.base.http_messages import HttpRequest, HttpResponse
from ..core.clock import Clock
from ..core.event import MerchantReport, ReportedOutcome
from ..errors import UsageError

__all__ = ["MerchantView", "compiled_report_pattern"]

_OUTCOMES = tuple(outcome.value for outcome in ReportedOutcome)
_EXPECTED = (
    f"expected: the named groups order (or intent) and outcome ({', '.join(_OUTCOMES)}), such as "
    r"'(?P<order>\S+) is (?P<outcome>paid|failed)', or groups named paid, failed or open that hold the order number"
)
_VERIFY_LIMIT_S = 60.0


def compiled_report_pattern(text: str) -> re.Pattern[str] | None:
    """Compile a report pattern; ``None`` for none. Raises ``UsageError`` for one that can name no order and outcome."""
    if not text:
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise UsageError(f"--report-pattern {text}: {error}.\n  {_EXPECTED}") from None
    groups = set(pattern.groupindex)
    if not groups & set(_OUTCOMES) and not ("outcome" in groups and groups & {"order", "intent"}):
        raise UsageError(f"--report-pattern {text}: it does not name an order and its outcome.\n  {_EXPECTED}")
    return pattern


class MerchantView:
    """Makes reports of what the merchant says. Safe from any thread."""

    def __init__(
        self, record: Callable[[MerchantReport], None], clock: Clock, pattern: re.Pattern[str] | None = None
    ) -> None:
        self._record = record
        self._clock = clock
        self._pattern = pattern
        self.reports = 0
        self.problems: Counter[str] = Counter()
        """What was said and could not be understood, by the reason."""

    def take_line(self, line: str) -> None:
        """Take a line of the command's output."""
        if self._pattern is None:
            return
        for match in self._pattern.finditer(line):
            found = {name: text for name, text in match.groupdict().items() if text}
            for outcome in _OUTCOMES:
                if outcome in found:
                    found |= {"order": found[outcome], "outcome": outcome}
            self._take("output", found)

    def take_call(self, request: HttpRequest) -> HttpResponse:
        """Answer a POST of JSON: ``{"order": ..., "outcome": ...}``, or a list of them."""
        try:
            document = json.loads(request.body)
        except ValueError:
            return _told(400, "the body is not JSON")
        for one in document if isinstance(document, list) else [document]:
            if problem := self._take("call", one):
                return _told(400, problem)
        return HttpResponse(204, {}, b"")

    def take_books(self, words: list[str], env: Mapping[str, str]) -> None:
        """Run the command that looks into the merchant's books, and take its JSON lines."""
        try:
            done = subprocess.run(
                words,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_VERIFY_LIMIT_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            self.problems[f"--verify-cmd took longer than {_VERIFY_LIMIT_S:g} s"] += 1
            return
        except OSError as error:
            self.problems[f"--verify-cmd cannot be started: {error.strerror or error}"] += 1
            return
        if done.returncode:
            last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or [""])[-1]
            self.problems[f"--verify-cmd ended with exit code {done.returncode}{last and f': {last}'}"] += 1
        for line in filter(str.strip, done.stdout.decode("utf-8", "replace").splitlines()):
            try:
                document = json.loads(line)
            except ValueError:
                self.problems["a line of --verify-cmd is not JSON"] += 1
                continue
            self._take("verify-cmd", document)

    def _take(self, source: str, said: Any) -> str:
        """Record a report; return, and count, why it is none."""
        try:
            report = _report(self._clock.now_ns(), source, said)
        except ValueError as error:
            self.problems[f"a report ({source}) was not understood: {error}"] += 1
            return str(error)
        self.reports += 1
        self._record(report)
        return ""

    def notes(self) -> Iterator[str]:
        """Say what was not understood."""
        for problem, count in self.problems.most_common(5):
            yield f"{count} x {problem}" if count > 1 else problem


def _report(at_ns: int, source: str, said: Any) -> MerchantReport:
    if not isinstance(said, Mapping):
        raise ValueError('expected an object such as {"order": "A1", "outcome": "paid"}')
    order, intent = (said.get(name) for name in ("order", "intent"))
    if not any(isinstance(name, str | int) and not isinstance(name, bool) and str(name) for name in (order, intent)):
        raise ValueError("expected order or intent: whose outcome it is")
    payments, outcome = said.get("payments"), said.get("outcome")
    if payments is not None and (not isinstance(payments, int) or isinstance(payments, bool) or payments < 0):
        raise ValueError(f"payments is {payments!r}. Expected a whole number from 0")
    if outcome is None and payments is None:
        raise ValueError(f"expected outcome ({', '.join(_OUTCOMES)}) or payments")
    if outcome is not None and str(outcome).lower() not in _OUTCOMES:
        raise ValueError(f"outcome is {outcome!r}. Expected {', '.join(_OUTCOMES)}")
    return MerchantReport(
        at_ns,
        source,
        None if outcome is None else ReportedOutcome(str(outcome).lower()),
        str(order or ""),
        str(intent or ""),
        payments,
    )


def _told(status: int, problem: str) -> HttpResponse:
    body = json.dumps({"code": "BAD_REPORT", "message": problem}).encode()
    return HttpResponse(status, {"content-type": "application/json"}, body)
