"""Adds ``--full``, prints the seed, and finds the programs that some tests need."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ackord import masking
from ackord.providers.postgres.initdb_template import TEMPLATES_VARIABLE

from .tiers import SEED_VARIABLE, set_seed, suite_seed

# Commands that tests start do not load what other packages add to Hypothesis (Trio adds itself, for 0.1 s a start).
os.environ.setdefault("HYPOTHESIS_NO_PLUGINS", "1")
settings.register_profile("ackord", deadline=None)
settings.load_profile("ackord")
# A property is no timed test: a busy machine must not turn one red.

_CHECKOUT = Path(__file__).resolve().parents[1]
_OPENAPI_DOCUMENTS = {
    "adyen-transfers": "adyen-TransferService-v4.json",
    "paypal-payouts": "paypal-payments_payouts_batch_v1.json",
    "paystack-transfers": "paystack.yaml",
    "square-payments": "square-payments-and-payouts.json",
}
"""By the shipped contract: the file of the provider's own document."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--full",
        action="store_true",
        help=f"play the tests marked full too, with the day as the seed (a seed of your own: {SEED_VARIABLE})",
    )


def pytest_configure(config: pytest.Config) -> None:
    set_seed(full=config.getoption("--full"))
    if TEMPLATES_VARIABLE not in os.environ:  # workers have their controller's
        config.add_cleanup(_share_templates())


def _share_templates() -> Callable[[], None]:
    """Let all clusters of this session begin with one ``initdb``; return what takes that back."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else Path(tempfile.gettempdir())
    for left in place.glob("ackord-tests-*"):  # by a session that was killed
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = place / f"ackord-tests-{os.getpid()}"
    folder.mkdir(mode=0o711)
    os.environ[TEMPLATES_VARIABLE] = str(folder)

    def undo() -> None:
        del os.environ[TEMPLATES_VARIABLE]
        shutil.rmtree(folder)

    return undo


def pytest_report_header(config: pytest.Config) -> str:
    tier = "full" if config.getoption("--full") else "gate (--full plays everything)"
    return f"tier: {tier}; seed: {suite_seed()} (to repeat it: {SEED_VARIABLE}={suite_seed()})"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--full"):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("full")]


@pytest.fixture(autouse=True, scope="module")
def no_secret_of_another_module() -> Iterator[None]:
    """Secrets are registered for the process: what one test calls a secret is a common word in another."""
    yield from _without_secrets()


@pytest.fixture(autouse=True)
def no_secret_of_another_test(no_secret_of_another_module: None) -> Iterator[None]:
    """Fixtures of a module register secrets, too."""
    yield from _without_secrets()


def _without_secrets() -> Iterator[None]:
    before, masking._secrets = masking._secrets, {}
    yield
    masking._secrets = before


@pytest.fixture(scope="session")
def toxiproxy_program() -> str:
    """A real Toxiproxy server's program: where tests run for good it must be there, elsewhere they may be left out."""
    here = Path(__file__).parent.parent / ".tools" / "bin" / "toxiproxy-server"
    program = str(here) if here.exists() else shutil.which("toxiproxy-server")
    if program is None:
        why = "toxiproxy-server is not there. Install it with: .ci/toxiproxy.sh"
        if os.environ.get("CI") == "true":
            pytest.fail(why, pytrace=False)
        pytest.skip(why)
    return program


@pytest.fixture(scope="session")
def openapi_document() -> Callable[[str], Path]:
    """The OpenAPI document of a shipped contract's provider. They are other people's files and no part of the project:
    without one, a test is left out.
    """
    folder = Path(os.environ.get("ACKORD_OPENAPI_DOCUMENTS") or _CHECKOUT.parent / "shared" / "openapi")

    def find(contract: str) -> Path:
        path = folder / _OPENAPI_DOCUMENTS[contract]
        if not path.is_file():
            pytest.skip(f"{path.name} is not at hand: set ACKORD_OPENAPI_DOCUMENTS to the folder that holds it")
        return path

    return find
