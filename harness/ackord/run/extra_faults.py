"""Add faults that a test names to a profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ..chaos.faults import load_faults
from ..chaos.profile import Profile
from ..contract.loading.validation_errors import explain_error
from ..errors import UnknownNameError, UsageError

__all__ = ["with_faults"]


def with_faults(profile: Profile, faults: Sequence[Any]) -> Profile:
    """Return ``profile`` with further faults: names, or objects as under a profile's ``faults``.

    Raises ``UnknownNameError`` or ``UsageError``.
    """
    if not faults:
        return profile
    known = load_faults()
    found = [{"fault": str(each)} if not isinstance(each, dict) else each for each in faults]
    for each in found:
        if each.get("fault") not in known:
            raise UnknownNameError("fault", str(each.get("fault")), known.names())
    document = {
        "name": profile.name,
        "incident": profile.incident,
        "phases": {"steady": {"orders": 1}, "disturb": {"orders": 1}},
        "workload": profile.workload,
        "exposes": profile.exposes,
        "faults": found,
    }
    try:
        made = Profile.model_validate(document)
    except ValidationError as error:
        problem = explain_error(error.errors(include_url=False)[0], document, ())
        place = ".".join(map(str, problem.path)) if hasattr(problem, "path") else "faults"
        expected = f"\n  expected: {problem.expected}" if problem.expected else ""
        raise UsageError(f"faults={list(faults)!r}: {place}: {problem.problem}{expected}") from None
    return profile.model_copy(update={"faults": [*profile.faults, *made.faults]})
