"""The header of a run."""

from __future__ import annotations

import json
from dataclasses import replace

from ackord.core.operation import Vantage
from ackord.core.payment_state import LaterEdge, PaymentState
from ackord.core.promises import Promises
from ackord.core.run_header import RunHeader

HEADER = RunHeader("contract", "profile", "provider", Vantage.PROVIDER, 1, Promises())


def test_the_header_survives_the_journal() -> None:
    header = replace(
        HEADER,
        promises=Promises(later_edges=(LaterEdge(PaymentState.SUCCEEDED, PaymentState.RETURNED, 5),)),
        exposes=("a", "b"),
        requires={"a": ("lag", "cut")},
        exposure_window_ns=7,
        options={"flaw": "x"},
    )
    assert RunHeader.from_json(json.loads(json.dumps(header.to_json()))) == header
