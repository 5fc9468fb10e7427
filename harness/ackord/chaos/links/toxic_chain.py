"""Applies the toxics of one direction of one connection in order, and holds what each of them delays.

Sans-io: it is told the time and passes what may leave to ``emit``. An item that leaves a stage enters the next one at
the instant from which it may leave, not at the instant of the call, so delays add up exactly.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from ...core.seed import Seed
from .kinds.base import NEVER_NS, StageStep, StreamItem, Toxic, ToxicStage

__all__ = ["ToxicChain"]


class _ChainedToxic:
    __slots__ = ("closed", "held", "held_bytes", "stage", "toxic")

    def __init__(self, toxic: Toxic, stage: ToxicStage) -> None:
        self.toxic = toxic
        self.stage = stage
        self.held: deque[tuple[int, int, StreamItem]] = deque()
        """Items, each with the instant from which it may leave and the instant of its arrival."""
        self.held_bytes = 0
        self.closed = False
        """Whether a mark left the stage or waits to, after which nothing follows."""


class ToxicChain:
    """The stages of one direction of one connection."""

    __slots__ = ("_emit", "_seed", "_slots", "delayed_chunks", "dropped_bytes")

    def __init__(self, seed: Callable[[Toxic], Seed], emit: Callable[[StreamItem], None]) -> None:
        self._seed = seed
        self._emit = emit
        self._slots: list[_ChainedToxic] = []
        self.delayed_chunks = 0
        self.dropped_bytes = 0

    @property
    def empty(self) -> bool:
        """Return whether there is no toxic, so that items are emitted at once."""
        return not self._slots

    @property
    def full(self) -> bool:
        """Return whether a stage is full, so that the sender must wait."""
        return any(slot.held_bytes > slot.stage.buffer_bytes for slot in self._slots)

    @property
    def slack(self) -> bool:
        """Return whether no stage is more than half full, so that the sender may go on."""
        return all(slot.held_bytes <= slot.stage.buffer_bytes // 2 for slot in self._slots)

    @property
    def separate(self) -> bool:
        """Return whether output is sent piece by piece."""
        return any(slot.stage.separate for slot in self._slots)

    @property
    def next_ns(self) -> int:
        """Return when something can happen without new input; ``NEVER_NS``: never."""
        soonest = NEVER_NS
        for slot in self._slots:
            if slot.held:
                soonest = min(soonest, slot.held[0][0])
            wakes_ns = slot.stage.wakes_ns
            if wakes_ns is not None and not slot.closed:
                soonest = min(soonest, wakes_ns)
        return soonest

    def put(self, now_ns: int, item: StreamItem) -> None:
        """Accept an item that arrived."""
        self._enter(0, now_ns, now_ns, item)

    def advance(self, now_ns: int) -> None:
        """Emit what is due."""
        for index, slot in enumerate(self._slots):
            wakes_ns = slot.stage.wakes_ns
            if wakes_ns is not None and wakes_ns <= now_ns and not slot.closed:
                self._leave(index, wakes_ns, now_ns, slot.stage.wake(wakes_ns))
            held = slot.held
            while held and held[0][0] <= now_ns:
                release_ns, _, item = held.popleft()
                if isinstance(item, bytes):
                    slot.held_bytes -= len(item)
                self._enter(index + 1, release_ns, now_ns, item)

    def set_toxics(self, now_ns: int, toxics: Sequence[Toxic]) -> None:
        """Replace all toxics: removed ones release what they held, changed ones process it again, unchanged ones are
        not disturbed.
        """
        self.advance(now_ns)
        names = [toxic.name for toxic in toxics]
        kept = [s.toxic.name for s in self._slots if s.toxic.name in names]
        if kept != [name for name in names if name in kept]:
            kept = []  # the order was changed: bytes must not overtake one another, so all stages are emptied
        for index in reversed(range(len(self._slots))):
            slot = self._slots[index]
            new = next((t for t in toxics if t.name == slot.toxic.name and type(t) is type(slot.toxic)), None)
            if new is None or slot.toxic.name not in kept:
                self._remove(index, now_ns)
            elif new != slot.toxic:
                self._change(index, now_ns, new)
        standing = {slot.toxic.name: slot for slot in self._slots}
        self._slots = [
            standing.get(toxic.name) or _ChainedToxic(toxic, toxic.stage(self._seed(toxic), now_ns)) for toxic in toxics
        ]
        self.advance(now_ns)

    def _remove(self, index: int, now_ns: int) -> None:
        slot = self._slots.pop(index)
        for _, _, item in slot.held:
            self._enter(index, now_ns, now_ns, item)
        mark = slot.stage.removed()
        if mark is not None and not slot.closed:
            self._enter(index, now_ns, now_ns, mark)

    def _change(self, index: int, now_ns: int, new: Toxic) -> None:
        old = self._slots[index]
        slot = self._slots[index] = _ChainedToxic(new, new.stage(self._seed(new), now_ns))
        slot.stage.inherit(old.stage)
        slot.closed = old.closed and not old.held
        for _, arrival_ns, item in old.held:
            self._leave(index, arrival_ns, now_ns, slot.stage.take(arrival_ns, item))

    def _enter(self, index: int, at_ns: int, now_ns: int, item: StreamItem) -> None:
        if index == len(self._slots):
            self._emit(item)
            return
        slot = self._slots[index]
        size = len(item) if isinstance(item, bytes) else 0
        if slot.closed:
            self.dropped_bytes += size
            return
        self.dropped_bytes += size - self._leave(index, at_ns, now_ns, slot.stage.take(at_ns, item))

    def _leave(self, index: int, at_ns: int, now_ns: int, steps: Iterable[StageStep]) -> int:
        """Hold what a stage returned, or pass it on. Return its bytes."""
        slot = self._slots[index]
        held = slot.held
        total = 0
        for release_ns, item in steps:
            if isinstance(item, bytes):
                total += len(item)
            else:
                slot.closed = True
            if held or release_ns > now_ns:
                if held:
                    release_ns = max(release_ns, held[-1][0])
                held.append((release_ns, at_ns, item))
                if isinstance(item, bytes):
                    slot.held_bytes += len(item)
                    self.delayed_chunks += 1
            else:
                self._enter(index + 1, max(release_ns, at_ns), now_ns, item)
        return total
