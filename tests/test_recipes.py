"""Runs the code of each recipe in docs/CONTRIBUTING.md, on a case that it must accept and on one that it must refuse."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ackord.contract.base.http_messages import HttpRequest, TimestampNonce
from ackord.contract.signing import Scheme, Secret
from ackord.core.history import History, RunHeader
from ackord.core.promises import Promises
from ackord.core.verdict import Result
from ackord.guarantees import Guarantee, JudgeContext
from ackord.report import Report

from .unit.guarantees.build import order
from .unit.report.build import campaign, judged, profile

GUIDE = Path(__file__).parents[1] / "docs" / "CONTRIBUTING.md"
pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason="the docs are in a checkout only")
