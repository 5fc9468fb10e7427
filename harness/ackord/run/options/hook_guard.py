"""Refuse to run a contract's hooks unless the user allows it: they are programs, SQL and calls of whoever wrote it.

Contracts that come with Ackord are excepted: who runs Ackord trusts its own files as much as its code. All kinds of
hooks are held to it, an HTTP call too, because it reaches whatever this machine reaches.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...chaos.faults.hook import HookFault
from ...chaos.profile import Profile
from ...contract.loading.loader import LoadedContract, shipped

__all__ = ["hooks_are_allowed", "refuse_hooks"]


def hooks_are_allowed(loaded: LoadedContract, *, allow_hooks: bool) -> bool:
    return allow_hooks or loaded.path.resolve().parent == shipped("contracts").resolve()


def refuse_hooks(loaded: LoadedContract, profiles: Iterable[Profile]) -> None:
    """Raise ``FileError`` at the first hook of the contract that a fault of ``profiles`` would run."""
    for profile in profiles:
        for fault in profile.faults:
            if not isinstance(fault, HookFault) or fault.hook not in loaded.contract.hooks:
                continue
            action = loaded.contract.hooks[fault.hook].do
            kind = "SQL" if action.sql else "a command" if action.command else "an HTTP call"
            raise loaded.document.error(
                ("hooks", fault.hook),
                f'the profile {profile.name} would run the hook "{fault.hook}" of this contract, which is {kind}',
                expected="a contract that you have read and trust",
                mend="read its hooks, then allow them with --allow-hooks (in pytest: --chaos-allow-hooks)",
            )
