"""What several live tests stand on: one chaos process a module, which must end without a word in its log, and a
provider a test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ackord.host.run_dir import RunDir

from .edges import Process
from .peers import Provider


@pytest.fixture(scope="module")
def process() -> Iterator[Process]:
    with RunDir.create() as run:
        process = Process(run)
        yield process
        process.chaos.stop()
        assert (run.path / "chaos.log").read_text() == "", "nothing was raised where nobody looks"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider
