"""Judge one guarantee under one profile as a test item. The profile is run when its first item is set up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .options import runs_of, suite_words

if TYPE_CHECKING:
    from ..core.result import ProfileResult

__all__ = ["GuaranteeFailed", "GuaranteeItem", "LeftOutItem", "stop_at"]


class GuaranteeItem(pytest.Function):
    """One guarantee under one profile. It is a function for pytest, so that fixtures of the user's run for it too."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        assert self.parent is not None
        self.profile = self.parent.name
        self.add_marker(pytest.mark.ackord_guarantee(guarantee=self.name, profile=self.profile))
        if self.config.pluginmanager.hasplugin("xdist"):
            # This keeps a profile's items on one worker under --dist loadgroup; other modes work too, but slower.
            self.add_marker(pytest.mark.xdist_group(f"ackord-{self.profile}"))
        self._result: ProfileResult | None = None

    def setup(self) -> None:
        super().setup()
        with stop_at():
            self._result = runs_of(self.config).result(str(self.path), self.profile)

    def runtest(self) -> None:
        from ..core.verdict import Result

        result = self._result
        assert result is not None
        verdict = result.verdict.of(self.name)
        self.user_properties += [
            ("guarantee", self.name),
            ("profile", self.profile),
            ("seed", result.verdict.seed),
            ("exposures", verdict.exposures),
            ("result", str(verdict.result)),
        ]
        if verdict.result is Result.NOT_APPLICABLE:
            pytest.skip(verdict.reason or f"the profile {self.profile} does not put this to the test")
        if verdict.result is not Result.HELD:
            from ..core.result import campaign_of
            from ..report.missing_evidence import next_step
            from ..run.held import explained

            step = next_step(verdict.missing, campaign_of([result], ""))
            raise GuaranteeFailed(explained(verdict, result.history, result.repeat, step))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        from ..errors import AckordError

        if isinstance(excinfo.value, GuaranteeFailed | AckordError):
            return suite_words(str(excinfo.value))
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.profile} / {self.name}"


class LeftOutItem(pytest.Item):
    """A profile that cannot run here: always skipped, so that its absence is seen."""

    def __init__(self, reason: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        assert self.parent is not None
        profile = self.parent.name
        self.add_marker(pytest.mark.ackord_guarantee(guarantee=self.name, profile=profile))
        self.add_marker(pytest.mark.skip(reason=f"the profile {profile} cannot run here: {reason}"))

    def runtest(self) -> None:
        raise AssertionError("it is skipped before")

    def reportinfo(self) -> tuple[Path, int, str]:
        assert self.parent is not None
        return self.path, 0, f"{self.parent.name} / {self.name}"


class GuaranteeFailed(Exception):
    """A guarantee did not hold; the text is the evidence, and the repeat command."""


class stop_at:
    """Fail with an error's message alone, and skip what fails only because an earlier item failed at the same."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        from ..errors import AckordError

        if not isinstance(error, AckordError):
            return
        from ..run.suite_runs import AlreadyFailed  # it is loaded already where one of Ackord's errors can be

        if isinstance(error, AlreadyFailed):
            raise pytest.skip.Exception(f"not run: {suite_words(str(error)).splitlines()[0]}") from None
        raise pytest.fail.Exception(suite_words(str(error)), pytrace=False) from None
