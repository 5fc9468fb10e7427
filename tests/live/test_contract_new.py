"""A draft from the reference provider's own OpenAPI document, with its TODOs done, certifies the reference provider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ackord import cli
from ackord.providers.reference.api import ServiceHolder, build_app

STATES = {
    "ACCEPTED": "RECEIVED",
    "PROCESSING": "PROCESSING",
    "PAID": "SUCCEEDED",
    "FAILED": "FAILED",
    "DECLINED": "DECLINED",
    "CANCELLED": "CANCELLED",
    "RETURNED": "RETURNED",
}
EDITS = {
    "  # other:": "  other:",
    "key_retention: unpublished": "settles_within: 10s",
}


def test_a_draft_from_its_openapi_document_certifies_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *a: None)
    monkeypatch.setenv("PROVIDER_KEY", "sk_main")
    monkeypatch.setenv("PROVIDER_OTHER_KEY", "sk_other")

    def run(*words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["ackord", *words])
        try:
            cli.main()
        except SystemExit as ended:
            return int(ended.code or 0), capsys.readouterr().out
        return 0, capsys.readouterr().out

    Path("openapi.json").write_text(json.dumps(build_app(ServiceHolder()).openapi()))
    assert run("contract", "new", "--openapi", "openapi.json", "--out", "mine.yaml")[0] == 0
    assert run("contract", "check", "mine.yaml", "--no-smoke")[0] == 0
    text = Path("mine.yaml").read_text()
    for word, state in STATES.items():
        assert f'"{word}": {state}   # TODO: guessed from the word' in text
    for old, new in EDITS.items():
        assert old in text, old
        text = text.replace(old, new)
    Path("mine.yaml").write_text(text)
    code, out = run("contract", "check", "mine.yaml", "--target", "reference")
    assert code == 0, out
    code, out = run("certify", "mine.yaml", "--target", "reference", "--profile", "none", "--seed", "7")
    assert code == 0, out
