"""Find the faults of a run that lasted, or struck, while one order was in play, and when they came and went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..chaos.faults import Fault, Seam, load_faults
from ..core.event import FaultChange
from ..errors import UsageError

__all__ = ["FaultSwitch", "LastingFault", "fault_from", "fired_fault", "lasting_faults"]


class FaultSwitch(NamedTuple):
    """A fault came into force, or ended."""

    at_ns: int
    on: bool


class LastingFault(NamedTuple):
    """A fault of a whole seam, with its switches while the order was in play; the first puts it in force."""

    faults: tuple[Fault, ...]
    """As it was armed; several where a profile has several of the same name, which come and go together."""
    switches: tuple[FaultSwitch, ...]

    @property
    def name(self) -> str:
        return self.faults[0].fault


def lasting_faults(
    changes: Sequence[FaultChange], *, begin_ns: int, end_ns: int, number: str = ""
) -> list[LastingFault]:
    """Return what was in force at any time from ``begin_ns`` to ``end_ns``, in the order of coming into force.

    Faults of the edge are recorded operation by operation, and are none of these. Those of callbacks are recorded order
    by order: one that hit no callback about the order ``number`` is left out, and one that did hits every one.

    Raises ``UsageError`` for a fault that cannot be made again.
    """
    known = load_faults()
    by_name: dict[str, list[FaultChange]] = {}
    for change in sorted((c for c in changes if not c.op), key=lambda c: c.at_ns):
        if known.get(change.fault).seam is not Seam.EDGE:
            by_name.setdefault(change.fault, []).append(change)
    for name in [name for name in by_name if known.get(name).seam is Seam.CALLBACK]:
        own = [c for c in by_name[name] if c.change != "fired" or c.detail.get("order") == number]
        if any(c.change == "fired" for c in own):
            by_name[name] = [c._replace(detail={**c.detail, "share": 1.0}) for c in own]
        else:
            del by_name[name]
    found = [made for name, own in by_name.items() if (made := _lasting(known.get(name), own, begin_ns, end_ns))]
    return sorted(found, key=lambda lasting: lasting.switches[0].at_ns)


def _lasting(kind: type[Fault], changes: Sequence[FaultChange], begin_ns: int, end_ns: int) -> LastingFault | None:
    switches = _strikes(changes) if kind.instant else _switches(changes)
    on_at_begin = False
    inside: list[FaultSwitch] = []
    for switch in switches:
        if switch.at_ns <= begin_ns and not kind.instant:
            on_at_begin = switch.on
        elif begin_ns <= switch.at_ns <= end_ns:
            inside.append(switch)
    if on_at_begin:
        inside.insert(0, FaultSwitch(begin_ns, on=True))
    while inside and not inside[0].on:
        inside.pop(0)
    if not inside:
        return None
    first = inside[0].at_ns
    armed = [c.detail for c in changes if c.change == "armed" and c.at_ns <= first]
    struck = next((c.detail for c in changes if kind.instant and c.change == "fired" and c.at_ns == first), {})
    distinct = list({str(detail): detail for detail in armed}.values()) or [{}]
    return LastingFault(tuple(fault_from(kind, {**detail, **_of_node(kind, struck)}) for detail in distinct),
                        tuple(inside))  # fmt: skip


def _switches(changes: Iterable[FaultChange]) -> list[FaultSwitch]:
    on, found = False, []
    for change in changes:
        if change.activates is not None and change.activates != on:
            on = change.activates
            found.append(FaultSwitch(change.at_ns, on))
    return found


def _strikes(changes: Iterable[FaultChange]) -> list[FaultSwitch]:
    """An instantaneous fault is armed once more for each strike: what is armed already does not strike again."""
    found: list[FaultSwitch] = []
    for change in changes:
        if change.change == "fired":
            if found:
                found.append(FaultSwitch(change.at_ns, on=False))
            found.append(FaultSwitch(change.at_ns, on=True))
    return found


def _of_node(kind: type[Fault], struck: Mapping[str, Any]) -> dict[str, Any]:
    """A strike hit one node of those that it takes in turn: that one is hit again."""
    return {"node": struck["node"]} if "node" in kind.model_fields and struck.get("node") else {}


def fault_from(kind: type[Fault], detail: Mapping[str, Any]) -> Fault:
    """Make a fault from what a history says of its parameters. Its schedule is left out: the switches tell it.

    Raises ``UsageError`` if its parameters are not what they were.
    """
    fields = {name: value for name, value in detail.items() if name in kind.model_fields}
    if fields.get("share") == 1:
        del fields["share"]
    try:
        return kind.model_validate({**fields, "fault": kind.fault_name()})
    except ValidationError as error:
        raise UsageError(
            f"the fault {kind.fault_name()} cannot be made as it was in this run: {error.errors()[0]['msg']}.\n"
            "  mend: replay with the version of Ackord, and of its plug-ins, that the run was made with"
        ) from None


def fired_fault(change: FaultChange, changes: Iterable[FaultChange]) -> Fault:
    """Return the fault that fired on an operation, for that operation alone. Of several that were armed under its name,
    the one whose parameters fit best what was recorded counts.

    Raises ``UsageError`` for a fault that cannot be made again.
    """
    kind = load_faults().get(change.fault)
    armed = [c.detail for c in changes if c.fault == change.fault and c.change == "armed" and c.at_ns <= change.at_ns]
    best = max(armed, key=lambda d: sum(d.get(k) == v for k, v in change.detail.items()), default=change.detail)
    return fault_from(kind, {name: value for name, value in best.items() if name not in ("share", "schedule")})
