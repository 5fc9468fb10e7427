"""A small bundle, made once, of which each test gets a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ackord.certificate.levels import CertificateLevel

from .build import issued, small_level


@pytest.fixture
def level() -> Iterator[CertificateLevel]:
    with small_level() as level:
        yield level


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with small_level():
        assert issued(folder).bundle is not None
    return folder / "bundle"


@pytest.fixture
def bundle(made: Path, level: CertificateLevel, tmp_path: Path) -> Path:
    """A sound bundle that the test may alter."""
    return Path(shutil.copytree(made, tmp_path / "bundle"))
