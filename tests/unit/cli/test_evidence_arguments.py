from __future__ import annotations

from pathlib import Path

import pytest

from ackord.cli.evidence_arguments import TextForm, document_for
from ackord.errors import FileError, UsageError
from ackord.run.options.run_options import RunOptions


def test_without_a_document_answers_are_judged_without_one() -> None:
    assert document_for("", RunOptions()) is None
    assert document_for("reference", RunOptions()) is None
    assert [form.value for form in TextForm] == ["text", "markdown", "json"]


def test_what_cannot_be_used_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--openapi-strict says how"):
        document_for("", RunOptions(openapi_strict=True))
    with pytest.raises(FileError):
        document_for("", RunOptions(openapi=str(tmp_path / "nowhere.json")))
