"""A run that cannot go on ends soon, keeps what was judged, and says that it is not all."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ackord.report import REPORTS
from ackord.run.session import Session

from .small_payouts import TINY, Asked, Certify, Reply, SmallPayouts, contract_at

LONG = TINY.replace("tiny", "long").replace("orders: 12", "orders: 390")
LONG = LONG.replace("{plain: 1, resubmit: 1}", "{late-resubmit: 1}")


def result_in(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "out" / "result.json").read_text())
    return data


def profile_file(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("end", ["dies", "hangs"])
def test_a_provider_that_is_gone_ends_the_run_and_what_was_judged_is_kept(
    certify: Certify, tmp_path: Path, end: str
) -> None:
    tiny, long = profile_file(tmp_path, "tiny", TINY), profile_file(tmp_path, "long", LONG)

    def mortal(asked: Asked, reply: Reply) -> Reply:
        if len(provider.orders()) > 60:
            provider.hangs = True
            if end == "dies":
                provider.die()
        return reply

    with SmallPayouts(mortal) as provider:
        code, said = certify(provider, *(word for path in (tiny, long, "none") for word in ("--profile", path)))
    assert code == 4
    assert "the provider stopped answering" in said
    data = result_in(tmp_path)
    assert [(p["profile"], p["result"]) for p in data["profiles"]] == [("tiny", "HELD"), ("long", "INCONCLUSIVE")]
    assert data["profiles"][1]["cut_short"].startswith("the provider stopped answering")
    assert (data["result"], data["exit_code"], data["not_run"]) == ("INCONCLUSIVE", 4, ["none"])
    assert len(provider.asked) < 2000


def test_a_violation_that_was_seen_before_the_end_stands(certify: Certify, tmp_path: Path) -> None:
    def forgetful(asked: Asked, reply: Reply) -> Reply:
        if len(provider.orders()) > 30:
            provider.die()
        return Reply(404, {"error": "not_found"}) if asked.method == "GET" else reply

    with SmallPayouts(forgetful) as provider:
        code, said = certify(provider, "--budget", "standard", "--profile", profile_file(tmp_path, "long", LONG))
    assert code == 4
    assert "VIOLATED: the run ended early" in said
    assert result_in(tmp_path)["result"] == "VIOLATED"


def test_the_time_limit_ends_a_run(certify: Certify, tmp_path: Path) -> None:
    with SmallPayouts() as provider:
        long = profile_file(tmp_path, "long", LONG)
        code, said = certify(provider, "--profile", long, "--time-limit", "2s")
        unlimited, _ = certify(provider, "--time-limit", "5m")
    assert code == 4
    assert "took longer than --time-limit 2s" in said
    assert unlimited == 0


def test_a_provider_that_answers_little_is_not_gone(certify: Certify) -> None:
    def unreliable(asked: Asked, reply: Reply) -> Reply | None:
        return reply if asked.count < 10 or asked.count % 3 else None

    with SmallPayouts(unreliable) as provider:
        code, said = certify(provider)
    assert "stopped answering" not in said
    assert code != 4


def test_ctrl_c_judges_what_is_finished(tmp_path: Path) -> None:
    tiny, long = profile_file(tmp_path, "tiny", TINY), profile_file(tmp_path, "long", LONG)
    with SmallPayouts() as provider:
        command = [sys.executable, "-P", "-m", "ackord", "certify", contract_at(tmp_path), "--target", provider.url]
        command += ["--profile", tiny, "--profile", long, "--seed", "1", "--out", str(tmp_path / "out")]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "COLUMNS": "200"}
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith(("long: disturb", "long: steady")):
                    break
            process.send_signal(signal.SIGINT)
            said = process.stdout.read()
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "INCONCLUSIVE: the run ended early (it was interrupted); until then, 1 profile held" in said
    data = result_in(tmp_path)
    assert [(p["profile"], p["result"]) for p in data["profiles"]] == [("tiny", "HELD"), ("long", "INCONCLUSIVE")]
    assert data["exit_code"] == 130
    assert (tmp_path / "out" / "junit.xml").exists()


def test_an_interruption_before_anything_was_begun_is_reported(
    certify: Certify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(session: Session) -> Session:
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "__enter__", interrupted)
    with SmallPayouts() as provider:
        code, said = certify(provider)
    assert code == 130 and "interrupted" in said
    data = result_in(tmp_path)
    assert (data["result"], data["exit_code"], data["not_run"]) == ("INCONCLUSIVE", 130, ["tiny"])
    assert {path.name for path in (tmp_path / "out").iterdir()} == {report.file for report in REPORTS if report.file}
