"""Runs the code of each recipe in docs/CONTRIBUTING.md, on a case that it must accept and on one that it must refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "CONTRIBUTING.md"
pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="the docs are in a checkout only")
