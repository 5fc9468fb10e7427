"""Offer the gateway as a library: an addon sees each exchange between a client and a provider, read by the contract.

::

    with Gateway("contracts/payouts.yaml", target="http://127.0.0.1:8080", addons=[print]) as gateway:
        pay(gateway.url)

An addon sees and does not act. What acts on exchanges is a fault, in a profile or of your own (docs/PLUGINS.md).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from .core.history import History
from .run.environments import open_environment
from .run.foreign_calls import TypedExchange
from .run.interactive import InteractiveRun
from .run.options.run_options import RunOptions
from .run.session import refuse_unless_possible
from .run.standing_gateway import gateway_plan

__all__ = ["Addon", "Gateway", "TypedExchange"]

Addon = Callable[[TypedExchange], object]
"""Called with each exchange after its end, in a thread of the gateway's, in the sequence of the ends."""


class Gateway:
    """A gateway in front of a provider, as a context manager. Clients send to ``url`` while it is entered."""

    def __init__(
        self,
        contract: str | Path,
        *,
        target: str = "",
        profile: str | Path = "none",
        addons: Sequence[Addon] = (),
        **options: Any,
    ) -> None:
        """``contract`` and ``profile``: a file, or a shipped one's name; the profile's faults are in force all the
        time. ``target``: the provider's address, by default the contract's. ``options``: fields of ``RunOptions``.

        Raises ``FileError``, and ``UsageError`` for what does not fit together and for an address that is refused.
        """
        if target:
            options["target"] = target
        self.plan = gateway_plan(RunOptions(str(contract), profiles=[str(profile)], **options))
        (self._profile,) = self.plan.profiles
        self._addons = tuple(addons)
        self._environment = open_environment(self.plan)
        refuse_unless_possible(self._profile, self._environment, subject="integration")
        self._open = ExitStack()
        self._failed: Exception | None = None

    def __enter__(self) -> Gateway:
        with ExitStack() as entered:
            folder = entered.enter_context(tempfile.TemporaryDirectory())
            environment = entered.enter_context(self._environment)
            plan = replace(self.plan, out=Path(folder))
            self._run = entered.enter_context(InteractiveRun(plan, self._profile, environment))
            self._run.foreign_calls.seen = self._show
            if self._profile.faults:
                self._run.arm()
            self._open = entered.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take every fault back and end. Raises what an addon raised, unless the block itself raised."""
        try:
            if kind is None:
                self.history()
        finally:
            self._open.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        """Where clients send to instead of to the provider."""
        return self._run.wire_url

    def history(self) -> History:
        """Return what happened so far, after the addons saw all of it. Raises what an addon raised."""
        found = self._run.history()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed
        return found

    def _show(self, exchange: TypedExchange) -> None:
        if self._failed is not None:
            return
        try:
            for addon in self._addons:
                addon(exchange)
        except Exception as error:  # it is told where it can be caught, and exchanges go on
            self._failed = error
