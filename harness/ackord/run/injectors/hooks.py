"""Hooks that the contract declares. That one was done is told by its answer; a debt is written down before, so that the next run undoes what this one cannot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...providers.hook_actions import perform_hook
from .base import ActiveFault, Injector, InjectorContext, Json

__all__ = ["HookInjector"]


class HookInjector(Injector):
    def __init__(self, around: InjectorContext) -> None:
        super().__init__(around)
        self._done: dict[str, Path] = {}
        """Hook that is in force -> the debt of its undoing."""
        self._proofs: dict[str, Json] = {}

    async def apply(self, active: Sequence[ActiveFault]) -> None:
        environment = self.around.environment
        wanted = [armed.spec.params["hook"] for armed in active]
        for name in [n for n in self._done if n not in wanted]:
            hook = environment.hooks[name]
            await perform_hook(name, hook.undo, timeout_s=hook.timeout.ns / 1e9, folder=environment.contract_folder)
            environment.run.paid(self._done.pop(name))
        for name in wanted:
            if name not in self._done:
                hook = environment.hooks[name]
                folder = environment.contract_folder
                data = hook.model_dump(mode="json")
                self._done[name] = environment.run.owe(
                    "ackord.providers.hook_actions:undo_hook", name=name, hook=data, folder=str(folder)
                )
                self._proofs[name] = await perform_hook(name, hook.do, timeout_s=hook.timeout.ns / 1e9, folder=folder)

    async def evidence(self, armed: ActiveFault) -> Json | None:
        return self._proofs.get(armed.spec.params["hook"])
