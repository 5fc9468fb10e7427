"""``ackord policy``: list, check, schema."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from ackord.cli import app
from ackord.merchant.presets import PRESETS


def test_the_list_names_each_policy_and_its_source() -> None:
    out = CliRunner().invoke(app, ["policy", "list"]).output
    assert all(name in out for name in PRESETS.names())
    assert "source: Stripe" in out
    told = " ".join(out.split())
    assert "poll: {kind: ladder, waits: [1m, 2m, 5m, 10m]}" in told
    assert "honours_retry_after: true" in told


def test_a_file_is_checked(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("policies:\n  - {name: ours, buffer: 5s}\n")
    assert "ours: all is well" in CliRunner().invoke(app, ["policy", "check", str(file)]).output


def test_the_schema_describes_every_field() -> None:
    schema = json.loads(CliRunner().invoke(app, ["policy", "schema"]).output)
    fields = schema["$defs"]["MerchantPolicy"]["properties"]
    assert all(field.get("description") for field in fields.values())
