"""Reads an answer with a statement, or its file, as a run reads it for money."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ackord.contract.base.body_parsing import UnreadableBody
from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.base.periods import Period
from ackord.contract.codec.codec import Codec, LedgerPage
from ackord.statements.fetching import FetchedPart
from ackord.statements.landing import PartitionLander
from ackord.statements.lines import PartitionKey
from ackord.statements.movement_reading import AnyAccount, MovementReading
from ackord.statements.partitions import PullPartition

__all__ = ["read_statement"]

_DAY = Period(0, 86_400)


def read_statement(
    codec: Codec,
    answer: HttpResponse,
    numbers: Mapping[str, str] | None = None,
    cursor: str | None = None,
    checksum: str = "",
) -> LedgerPage:
    """Return the movements of a successful answer's page or file; with a ``problem`` it could not be read.

    ``numbers``: order numbers by the provider's identifiers. ``cursor``: what the page was asked for with. ``checksum``: what the provider says
    that the file's digest is.
    """
    contract = codec.contract
    assert contract.statement is not None and 200 <= answer.status < 300
    owner = AnyAccount.of(contract)
    partition = PullPartition(
        PartitionKey(owner.name, datetime.fromtimestamp(0, UTC).date()), owner, None, (_DAY,), _DAY
    )
    reading = MovementReading(contract, PartitionLander(contract.statement, contract), numbers or {})
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.part"
        path.write_bytes(answer.body)
        part = FetchedPart("the page", path, answer.headers, hashlib.sha256(answer.body).hexdigest(), checksum=checksum)
        try:
            return reading.page(part, cursor, partition)
        except UnreadableBody as why:
            return LedgerPage((), None, f"the statement cannot be read: {why}")
