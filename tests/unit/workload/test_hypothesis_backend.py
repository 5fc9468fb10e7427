"""What the backend uses of Hypothesis' internals, held against the installed release: a change there is named, not
guessed at.
"""

from __future__ import annotations

import importlib
import inspect
import random
from collections import Counter
from pathlib import Path

import hypothesis
import pytest

import ackord

MODULE = "workload/hypothesis_backend.py"
CHANGED = (
    f"Hypothesis {hypothesis.__version__} changed an internal API: adapt {MODULE}, or bound hypothesis in pyproject"
)


@pytest.fixture(scope="module")
def provider() -> type:
    try:
        internal = importlib.import_module("hypothesis.internal.conjecture.providers")
        assert isinstance(internal.AVAILABLE_PROVIDERS, dict)
        found: type = internal.HypothesisProvider
    except (ImportError, AttributeError, AssertionError) as error:
        pytest.fail(f"{CHANGED}: AVAILABLE_PROVIDERS or HypothesisProvider is gone ({error})")
    return found


@pytest.mark.parametrize("method", ["draw_boolean", "draw_integer", "_maybe_draw_constant"])
def test_what_the_backend_overrides_is_there_with_the_same_parameters(provider: type, method: str) -> None:
    from ackord.workload.hypothesis_backend import SeededHypothesisBackend

    overridden = getattr(provider, method, None)
    assert overridden is not None, f"{CHANGED}: {provider.__name__}.{method} is gone"
    theirs, ours = (inspect.signature(f).parameters for f in (overridden, getattr(SeededHypothesisBackend, method)))
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in ours.values()):
        assert list(ours) == list(theirs), f"{CHANGED}: the parameters of {method} are {list(theirs)}"


def test_draws_come_from_the_random_numbers_that_hypothesis_seeds() -> None:
    from ackord.workload.hypothesis_backend import BACKEND, SeededHypothesisBackend

    sources = []

    @hypothesis.settings(backend=BACKEND, database=None, max_examples=20, deadline=None)
    @hypothesis.seed(5)
    @hypothesis.given(hypothesis.strategies.data())
    def draw(data: hypothesis.strategies.DataObject) -> None:
        data.draw(hypothesis.strategies.integers())
        provider = data.conjecture_data.provider
        if isinstance(provider, SeededHypothesisBackend):  # the simplest program comes from no backend
            sources.append(getattr(provider, "_random", None))

    draw()
    assert sources, f"{CHANGED}: the backend is not used"
    assert all(isinstance(source, random.Random) for source in sources), f"{CHANGED}: a provider has no _random"


def test_weighted_integers_have_their_weights_and_the_rest_is_spread_evenly() -> None:
    from ackord.workload.hypothesis_backend import SeededHypothesisBackend

    backend = SeededHypothesisBackend(None)
    backend._random = random.Random(1)
    drawn = Counter(backend.draw_integer(0, 9, weights={0: 0.25, 9: 0.125}) for _ in range(8_000))
    # A tenth of the rest falls on each number, on those with a weight too.
    expected = {0: 8_000 * (0.25 + 0.0625), 9: 8_000 * (0.125 + 0.0625), **dict.fromkeys(range(1, 9), 8_000 * 0.0625)}
    assert drawn.keys() == expected.keys()
    assert all(abs(drawn[n] - expected[n]) < 5 * expected[n] ** 0.5 for n in expected), drawn


def test_a_test_case_that_is_over_is_let_go() -> None:
    from ackord.workload.hypothesis_backend import BACKEND, SeededHypothesisBackend

    providers = []

    @hypothesis.settings(backend=BACKEND, database=None, max_examples=5, deadline=None)
    @hypothesis.seed(5)
    @hypothesis.given(hypothesis.strategies.data())
    def draw(data: hypothesis.strategies.DataObject) -> None:
        data.draw(hypothesis.strategies.integers())
        providers.append(data.conjecture_data.provider)

    draw()
    ours = [provider for provider in providers if isinstance(provider, SeededHypothesisBackend)]
    assert ours
    assert all(provider._cd is None for provider in ours), CHANGED


def test_hypothesis_internals_are_used_in_one_module_only() -> None:
    root = Path(ackord.__file__).parent
    users = [
        str(path.relative_to(root)) for path in root.rglob("*.py") if "hypothesis.internal" in path.read_text("utf-8")
    ]
    assert users == [MODULE]
