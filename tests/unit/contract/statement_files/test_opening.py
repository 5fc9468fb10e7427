"""A file is opened as the contract says: unpacked, and in its form."""

from __future__ import annotations

import gzip
import io

from ackord.contract.spec.statement import StatementSpec
from ackord.contract.statement_files.opening import file_type_of, opened_rows

REQUEST = {"method": "GET", "path": "/bill"}
CSV = {"request": REQUEST, "csv": {}, "columns": {"order_no": "No", "amount": "Sum", "movement_id": "No"}}


def test_a_file_is_unpacked_and_read() -> None:
    statement = StatementSpec.model_validate({**CSV, "compressed": "gzip"})
    with opened_rows(io.BytesIO(gzip.compress(b"No,Sum\n1,2\n")), statement) as rows:
        assert [row.cells for row in rows] == [{"No": "1", "Sum": "2"}]
    with opened_rows(io.BytesIO(b"No,Sum\n1,2\n"), statement, packing="") as rows:
        assert len(list(rows)) == 1


def test_a_form_has_a_type() -> None:
    forms = [{"standard": "mt940"}, {"standard": "camt053"}]
    types = [file_type_of(StatementSpec.model_validate({"request": REQUEST, **form})) for form in forms]
    assert [*types, file_type_of(StatementSpec.model_validate(CSV))] == ["text/plain", "application/xml", "text/csv"]
