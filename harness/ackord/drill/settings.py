"""Define what a drill needs besides a run's options: the command, its environment, how its words are understood."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..contract.base.field_types import Duration
from ..contract.base.json_path import compile_path
from ..errors import UsageError
from ..providers.emulator.callback_deliveries import require_loopback

__all__ = ["CALLBACK_URL", "PROVIDER_URL", "REPORT_URL", "DrillSettings"]

PROVIDER_URL = "ACKORD_PROVIDER_URL"
"""The variable that tells the command where the provider is: the gateway."""
CALLBACK_URL = "ACKORD_CALLBACK_URL"
"""The variable that tells the command which address it gives the provider for callbacks."""
REPORT_URL = "ACKORD_REPORT_URL"
"""The variable that tells the command where it may POST what it takes a payment for."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class DrillSettings:
    """What the user asks for, by name; ``check`` refuses what makes no sense before anything is started."""

    command: Sequence[str] = ()
    """The merchant's command and its arguments; empty where the caller itself is the merchant."""
    env: Sequence[str] = ()
    """Further variables that hold the provider's address."""
    intent: str = ""
    intent_window: str = "10m"
    report_pattern: str = ""
    verify_cmd: str = ""
    callback_to: str = ""
    """Where the merchant takes callbacks; empty: they are not passed on."""
    time_limit: str = "10m"
    """How long the command may run under one profile."""

    def check(self) -> None:
        """Raise ``UsageError`` for what cannot be carried out."""
        for name in self.env:
            if not _VARIABLE.fullmatch(name):
                raise UsageError(f"--env {name}: no name of a variable.\n  expected: letters, digits and _")
        if self.intent:
            try:
                compile_path(self.intent)
            except ValueError as error:
                raise UsageError(f"--intent: {error}") from None
        for flag in ("intent_window", "time_limit"):
            if not self.duration(flag).ns:
                raise _no_time(flag, getattr(self, flag))
        if self.callback_to:
            require_loopback(self.callback_to)
        if self.command:
            _startable(self.command[0], "the command")
        if self.verify_cmd:
            _startable(self.verify_words[0], "--verify-cmd")

    def duration(self, name: str) -> Duration:
        """Return ``intent_window`` or ``time_limit``. Raises ``UsageError``."""
        try:
            return Duration(getattr(self, name))
        except ValueError:
            raise _no_time(name, getattr(self, name)) from None

    @property
    def verify_words(self) -> list[str]:
        try:
            words = shlex.split(self.verify_cmd)
        except ValueError as error:
            raise UsageError(f"--verify-cmd {self.verify_cmd}: {error}") from None
        if not words:
            raise UsageError("--verify-cmd is empty.\n  expected: a command that prints JSON lines")
        return words

    def flags(self) -> list[str]:
        """Return the words of a command line that repeat these settings; the command comes last."""
        words: list[str] = []
        for name in self.env:
            words += ["--env", name]
        for flag in ("intent", "intent_window", "report_pattern", "verify_cmd", "callback_to", "time_limit"):
            value = getattr(self, flag)
            if value != getattr(_DEFAULT, flag):
                words += [f"--{flag.replace('_', '-')}", value]
        return [*words, "--", *self.command]


_DEFAULT = DrillSettings()


def _no_time(flag: str, value: str) -> UsageError:
    return UsageError(
        f"--{flag.replace('_', '-')} {value}: this is no time.\n"
        "  expected: a number over 0 with its unit, such as 90s, 30m or 2h"
    )


def _startable(program: str, what: str) -> None:
    if shutil.which(program) is None:
        problem = "is not executable" if Path(program).exists() else "is not there"
        raise UsageError(
            f"{what} cannot be started: {program} {problem}.\n"
            "  expected: a program of PATH or a file that may be executed, after --, such as: -- npm test"
        )
