"""A disturbance that the provider's contract declares."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from ...contract.base.field_types import Name
from .base import ActiveFault, Json, RunControl, Seam, register
from .triggers import TriggeredFault

__all__ = ["HookFault"]


@register
class HookFault(TriggeredFault):
    """What the contract declares under `hooks`: an HTTP call, SQL, or a command that disturbs the provider's
    surroundings.
    """

    seam: ClassVar[Seam] = Seam.HOOK
    takes_hold_late: ClassVar[bool] = True
    heals: ClassVar[str] = "The hook's `undo` is done; after a run that was killed, by the next one."

    fault: Literal["hook"] = Field(description="The fault's name.")
    hook: Name = Field(description="The hook's name in the contract.")

    async def inject(self, run: RunControl) -> Json | None:
        return await run.do_hook(self.hook)

    async def evidence(self, run: RunControl, armed: ActiveFault[Any]) -> Json | None:
        """A hook's own success proves nothing: its ``measure`` must say that it is in effect, and was not before."""
        if armed.proof is not None and "measured" in armed.proof:
            return armed.proof
        if armed.injected is None:
            return None
        shown = await run.hook_in_effect(self.hook)
        armed.proof = None if shown is None else {**armed.injected, **shown}
        return armed.proof

    async def heal(self, run: RunControl, injected: Json) -> None:
        await run.undo_hook(self.hook)
