"""Define what a contract says about keys: which bytes mean the same payload, and which keys are taken at all."""

from __future__ import annotations

from pydantic import Field

from ...core.key_promises import ByteForm, EquivalentBytes, KeyAnswer, KeyPromises
from ..base.field_types import Count, Flag, StrictModel

__all__ = ["KeysSpec", "OverlongKeys"]


class OverlongKeys(StrictModel):
    """What becomes of a key that is longer than the documentation allows."""

    over: Count = Field(description="Characters of the longest key that is documented.")
    answer: KeyAnswer = Field(
        description="`reject`: it is refused; `accept`: it is taken, and all its characters count."
    )


class KeysSpec(StrictModel):
    """Which keys the provider takes, and which bytes are the same payload.

    The key is the header that carries the order number, or, without one, the field of the body. What is left out is not
    sent and not judged: the documentation says nothing of it.
    """

    equivalent_bytes: EquivalentBytes | None = Field(
        default=None,
        description="A resubmission of the same values in other bytes: `replay`, it is the same payload; "
        "`other_payload`, bytes are compared, and it is another one.",
    )
    equivalent_in: list[ByteForm] = Field(
        default=list(ByteForm),
        description="In what the bytes may differ for `equivalent_bytes`: the order of fields, white space, escapes of "
        "characters, and numbers written in another way (10 and 10.0). Left out: in all of them.",
    )
    missing: KeyAnswer | None = Field(
        default=None,
        description="A submit without a key: `reject`, or `accept`, which makes each one an order of its own.",
    )
    empty: KeyAnswer | None = Field(default=None, description="A submit whose key is empty: the same.")
    overlong: OverlongKeys | None = Field(default=None, description="A submit whose key is too long.")
    case_sensitive: Flag | None = Field(
        default=None,
        description="`true`: a key with its letters in the other case is another key; `false`: it is the same one.",
    )

    def to_core(self) -> KeyPromises:
        """As the judge needs them."""
        over = self.overlong
        return KeyPromises(
            self.equivalent_bytes, tuple(self.equivalent_in), self.missing, self.empty,
            None if over is None else over.over, None if over is None else over.answer, self.case_sensitive,
        )  # fmt: skip
