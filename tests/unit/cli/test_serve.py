"""Where a provider is served can be chosen."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from ackord.cli import app
from ackord.run import serve
from ackord.run.options.plan import RunPlan


@pytest.mark.parametrize("command", [["serve"], ["emulate", "reference"]])
def test_the_port_of_the_gateway_is_the_user_s(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[RunPlan] = []
    monkeypatch.setattr(serve, "serve_provider", lambda plan, announce: plans.append(plan))
    for words, port in (([], 0), (["--port", "4321"], 4321)):
        done = CliRunner().invoke(app, [*command, *words])
        assert done.exit_code == 0, done.output
        assert plans[-1].options.port == port
