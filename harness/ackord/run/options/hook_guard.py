"""Refuse to run a contract's hooks, and a ledger that is a query or a command, unless the user allows it: they are
programs, SQL and calls of whoever wrote it.

Contracts that come with Ackord are excepted: who runs Ackord trusts its own files as much as its code. All kinds of
hooks are held to it, an HTTP call too, because it reaches whatever this machine reaches.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...chaos.faults.hook import HookFault
from ...chaos.profile import Profile
from ...contract.loading.loader import LoadedContract, shipped
from ...contract.spec.ledger_tables import CommandLedgerSpec, SqlLedgerSpec

__all__ = ["hooks_are_allowed", "refuse_hooks", "refuse_table_ledger"]

_MEND = "allow them with --allow-hooks (in pytest: --chaos-allow-hooks)"


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
                mend=f"read its hooks, then {_MEND}",
            )


def refuse_topology(loaded: LoadedContract, target: str) -> None:
    """Raise ``FileError`` if the contract's topology would be carried out at ``target``."""
    if loaded.contract.has_topology_at(target):
        raise loaded.document.error(
            ("topology",),
            "a run would start programs, lead links and measure lag as this contract says",
            expected="a contract that you have read and trust",
            mend=f"read its topology, then {_MEND}",
        )


def refuse_table_ledger(loaded: LoadedContract) -> None:
    """Raise ``FileError`` if the contract's ledger is a query or a command, which every run would carry out."""
    ledger = loaded.contract.ledger
    if isinstance(ledger, (SqlLedgerSpec, CommandLedgerSpec)):
        name, kind = ("sql", "SQL") if isinstance(ledger, SqlLedgerSpec) else ("command", "a command")
        raise loaded.document.error(
            ("ledger", name),
            f"a run would read movements of money by what this contract says, which is {kind}",
            expected="a contract that you have read and trust",
            mend=f"read its ledger and its hooks, then {_MEND}",
        )
