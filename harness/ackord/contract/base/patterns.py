"""Compiles the regular expressions of contracts, and refuses one whose time on a provider's text is not bounded.

Theory. Python's engine backtracks: on ``(a+)+$`` it takes 2^n steps for n letters. So the worst case of a pattern is
computed before it is used, as the number of ways in which its parts can share a text between them: those of a sequence
multiply, those of alternatives add, a repeat has one for each count (``+`` and ``*`` as many as the text has
characters), and a pattern that does not begin with ``^`` is tried from every character. A pattern with too many ways is
refused. The number is an upper bound: the pattern may be harmless all the same, and repeats with an end, such as
``{1,20}``, lower it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable

__all__ = ["LONGEST", "Search", "compile_pattern"]

LONGEST = 2048
"""Most characters of a text; nothing is found in a longer one."""
_MOST_WAYS = 1 << 24
"""At about 20 ns a way, a third of a second."""
_MOST_CHARACTERS = 500
_MOST_DEPTH = 20

Search = Callable[[str], "re.Match[str] | None"]

_FLAGS = re.compile(r"\(\?[ais]+\)")
_TOKEN = re.compile(
    r"""\\(?P<back>[1-9])|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]
    |(?P<open>\(\?(?:P<\w+>|<?[=!]|[:>])|\((?!\?))|(?P<close>\))|(?P<bar>\|)
    |(?P<repeat>[*+?]|\{(?:\d+(?:,\d*)?|,\d*)\})[?+]?|(?P<other>\(\?)|.""",
    re.DOTALL | re.VERBOSE,
)


def compile_pattern(pattern: str) -> Search:
    """Return the search function of ``pattern``. Raises ``ValueError`` if it is malformed, or could run away."""
    if len(pattern) > _MOST_CHARACTERS:
        raise ValueError(f"expected a regular expression of at most {_MOST_CHARACTERS} characters")
    ways = _BacktrackCounter(pattern).of_all()
    try:
        with warnings.catch_warnings():  # that a later Python may read it otherwise is no error of this one
            warnings.simplefilter("ignore", FutureWarning)
            search = re.compile(pattern).search
    except (re.error, OverflowError) as error:
        raise ValueError(f"expected a regular expression ({error})") from None
    if ways > _MOST_WAYS:
        raise ValueError(
            f"expected a regular expression that cannot run away on a text of {LONGEST:,} characters: "
            "no repeat within a repeat, few + and *, others with an end such as {1,20}, and ^ before it"
        )
    return lambda text: search(text) if len(text) <= LONGEST else None


class _BacktrackCounter:
    """Counts by recursive descent. A malformed pattern is left to ``re``, which says what is wrong with it."""

    def __init__(self, pattern: str) -> None:
        flags = _FLAGS.match(pattern)
        self._tokens = list(_TOKEN.finditer(pattern, flags.end() if flags else 0))
        self._at = 0

    def of_all(self) -> int:
        total = 0
        while True:
            anchored = self._next_is("^") or self._next_is(r"\A")
            total += self._sequence(0) * (1 if anchored else LONGEST)
            if self._at >= len(self._tokens):
                return total
            self._at += 1  # past a bar; a bracket that was never opened is for re to refuse

    def _next_is(self, text: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][0] == text

    def _alternatives(self, depth: int) -> int:
        if depth > _MOST_DEPTH:
            raise ValueError(f"expected a regular expression with groups at most {_MOST_DEPTH} deep")
        total = self._sequence(depth)
        while self._next_is("|"):
            self._at += 1
            total += self._sequence(depth)
        return total

    def _sequence(self, depth: int) -> int:
        product = last = 1
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token["close"] or token["bar"]:
                break
            self._at += 1
            if token["back"] or token["other"]:
                raise ValueError("expected a regular expression without references, conditions and inner flags")
            if token["repeat"]:
                last = _repeated(last, token["repeat"])
                continue
            product = _capped(product * last)
            last = 1
            if token["open"]:
                last = self._alternatives(depth + 1)
                self._at += 1
        return _capped(product * last)


def _repeated(ways: int, repeat: str) -> int:
    least, most = _bounds(repeat)
    if ways == 1:
        return most - least + 1
    if most > 64:
        return _MOST_WAYS + 1
    return _capped(sum(ways**count for count in range(least, most + 1)))


def _bounds(repeat: str) -> tuple[int, int]:
    if repeat in ("*", "+", "?"):
        return int(repeat == "+"), 1 if repeat == "?" else LONGEST
    least, comma, most = repeat[1:-1].partition(",")
    low = min(int(least or 0), LONGEST)
    high = low if not comma else min(int(most), LONGEST) if most else LONGEST
    return low, max(low, high)


def _capped(ways: int) -> int:
    return min(ways, _MOST_WAYS + 1)
