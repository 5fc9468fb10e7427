"""Mutations of bytes and of data, all drawn from one generator."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

ODD_VALUES: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    2**31,
    2**63,
    2**70,
    -0.5,
    1e308,
    float("inf"),
    float("nan"),
    "",
    "x",
    "*",
    "\x00",
    "ä\u2028",
    "1s",
    "-1ms",
    "9" * 400,
    "a" * 10_000,
    [],
    [[]],
    {},
    {"": None},
]


def mutated(rng: random.Random, raw: bytes, tokens: Sequence[bytes], most: int = 5) -> bytes:
    """``raw`` with up to ``most`` changes; ``tokens`` are what the grammar at hand is sensitive to."""
    for _ in range(rng.randint(1, most)):
        at = rng.randint(0, len(raw))
        upto = min(len(raw), at + rng.choice((0, 1, 2, 8, 40)))
        kind = rng.randrange(8)
        if kind < 3:
            raw = raw[:at] + rng.choice(tokens) + raw[upto if kind == 2 else at :]
        elif kind == 3:
            raw = raw[:at] + raw[upto:]
        elif kind == 4:
            raw = raw[:upto] + raw[at:upto] * rng.choice((1, 1, 2, 50)) + raw[upto:]
        elif kind == 5:
            raw = raw[:at] + rng.randbytes(rng.randint(1, 4)) + raw[upto:]
        elif kind == 6:
            lines = raw.split(b"\n")
            one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[one], lines[other] = lines[other], lines[one]
            raw = b"\n".join(lines)
        else:
            lines = raw.split(b"\n")
            lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
            raw = b"\n".join(lines)
    return raw


def in_pieces(rng: random.Random, raw: bytes) -> list[bytes]:
    """``raw`` as a network might deliver it."""
    if rng.random() < 0.3 or len(raw) > 5000:
        return [raw]
    cuts = sorted(rng.randint(0, len(raw)) for _ in range(rng.randint(1, 6)))
    return [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]


def changed(rng: random.Random, data: Any) -> Any:
    """``data`` (lists, dicts, plain values) with one part replaced, left out, renamed or nested."""
    if isinstance(data, dict) and data and rng.random() < 0.85:
        key = rng.choice(list(data))
        kind = rng.randrange(8)
        rest = {name: value for name, value in data.items() if name != key}
        if kind == 0:
            return rest
        if kind == 1:
            return {**rest, rng.choice([str(key) + "x", "", "fault", "name", 1, None]): data[key]}
        return {**data, key: changed(rng, data[key])}
    if isinstance(data, list) and data and rng.random() < 0.85:
        at = rng.randrange(len(data))
        return [*data[:at], changed(rng, data[at]), *data[at + 1 :]] if rng.random() < 0.8 else data[:at] + data * 2
    if rng.random() < 0.1:
        return [data] if rng.random() < 0.5 else {"a": data}
    return rng.choice(ODD_VALUES)
