"""Published schemas of report formats, where .ci/schemas.sh puts them (a CI run must have them)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

__all__ = ["published_schema"]

_FOLDER = Path(__file__).parents[3] / ".tools" / "schemas"


def published_schema(name: str) -> Path:
    """The file. Without it a test fails under ``CI=true`` and is skipped elsewhere."""
    path = _FOLDER / name
    if not path.exists():
        missing = f"{name} is not here; .ci/schemas.sh fetches it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return path
