"""Faults that a package brings, each one class: listed, validated, injected and proven without a change to anything
else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from ackord.chaos.faults import FAULTS, load_faults
from ackord.errors import UsageError

FAULTS_OF_ACME = '''\
from typing import ClassVar, Literal
from pydantic import Field
from ackord.chaos.faults import CountedFault, EdgeFault, LinkFault, Seam
from ackord.chaos.faults.edge_actions import DelayRequest, ReplaceAnswer, response_of
from ackord.chaos.faults.links import lag_shown
from ackord.chaos.links.kinds import LatencyToxic


class Stutter(LinkFault):
    """The standby is late by a fixed time, twice over."""

    seam: ClassVar[Seam] = Seam.REPLICATION
    heals: ClassVar[str] = "The link is made clean again."
    takes_hold_late: ClassVar[bool] = True
    fault: Literal["stutter"] = Field(description="The fault's name.")
    half_ms: float = Field(ge=1, description="Half of the lag, in milliseconds.")

    def toxics(self, number):
        return [LatencyToxic(name=f"stutter_{number}_{half}", latency_ms=self.half_ms) for half in "ab"]

    async def evidence(self, run, armed):
        return lag_shown(run, armed, 2 * self.half_ms)


class HolidayBank(CountedFault):
    """The bank declines everything."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "The bank opens again."
    counter: ClassVar[str] = "declines"
    calm: ClassVar[dict] = {"decline_share": 0.0}
    fault: Literal["holiday-bank"] = Field(description="The fault's name.")

    def change(self, settings, run):
        settings["decline_share"] = 1.0


class Maintenance(EdgeFault):
    """A query takes a little longer, and its answer is a page of the maintenance team."""

    queries_only: ClassVar[bool] = True
    fault: Literal["maintenance"] = Field(description="The fault's name.")
    delay_ms: int = Field(ge=1, description="How much longer, in milliseconds.")

    def on_request(self, request, random):
        return [DelayRequest(self.delay_ms * 1_000_000, detail={"ms": self.delay_ms})]

    def on_answer(self, answer):
        page = response_of(503, "<p>back soon</p>")
        return ReplaceAnswer(page, detail={"instead_of": answer.status}) if answer.status == 200 else None


class Broken(EdgeFault):
    """A fault whose author made a mistake."""

    fault: Literal["broken"] = Field(description="The fault's name.")

    def on_answer(self, answer):
        return ReplaceAnswer(response_of(503, "no"), detial={})


class Homeless(LinkFault):
    """A link fault of another seam."""

    seam: ClassVar[Seam] = Seam.CHANNEL
    heals: ClassVar[str] = "Never."
    fault: Literal["homeless"] = Field(description="The fault's name.")
'''

PROFILE = """\
name: acme
incident: A holiday, with a slow link.
phases: {disturb: {orders: 20}}
workload: {plain: 1, poll: 1}
machine: false
faults:
  - {fault: stutter, half_ms: 15}
  - {fault: holiday-bank}
  - {fault: maintenance, delay_ms: 2, share: 0.3}
exposes: [acknowledged-order-visible]
"""


def install(site: Path, *classes: str) -> None:
    """Leave a package as pip does."""
    info = site / "acme_faults-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "acme_faults.py").write_text(FAULTS_OF_ACME)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-faults\nVersion: 1.0\n")
    points = "".join(f"{name.lower()} = acme_faults:{name}\n" for name in classes)
    (info / "entry_points.txt").write_text(f"[ackord.faults]\n{points}")


def certify(folder: Path, profile: str, name: str = "acme") -> subprocess.CompletedProcess[str]:
    path = folder / f"{name}.yaml"
    path.write_text(profile)
    command = [sys.executable, "-m", "ackord", "certify", "reference", "--profile", str(path)]
    return subprocess.run(
        [*command, "--seed", "3", "--budget", "quick", "--out", str(folder / "out")],
        env={**os.environ, "PYTHONPATH": str(folder / "site")},
        capture_output=True,
        text=True,
    )


def test_faults_of_a_package_at_a_link_the_bank_and_the_edge_are_injected_and_proven(tmp_path: Path) -> None:
    install(tmp_path / "site", "Stutter", "HolidayBank", "Maintenance")
    done = certify(tmp_path, PROFILE)
    assert done.returncode == 0, done.stdout + done.stderr
    journal = (tmp_path / "out" / "acme" / "journal.jsonl").read_text()
    for fault in ("stutter", "holiday-bank"):
        changes = [change for change in ("armed", "effective", "healed") if told(journal, fault, change)]
        assert changes == ["armed", "effective", "healed"]
    fired = [json.loads(line) for line in journal.splitlines() if '"fired"' in line and '"maintenance"' in line]
    assert {"ms": 2} in [each["detail"] for each in fired]
    assert {"instead_of": 200} in [each["detail"] for each in fired]
    assert "back soon" in journal


def told(journal: str, fault: str, change: str) -> bool:
    return any(f'"{fault}"' in line and f'"{change}"' in line for line in journal.splitlines())


def test_a_fault_that_raises_ends_the_run_and_is_named(tmp_path: Path) -> None:
    install(tmp_path / "site", "Broken")
    faults = "  - {fault: broken}\nexposes"
    done = certify(tmp_path, PROFILE[: PROFILE.index("  - {fault")] + faults + PROFILE.partition("exposes")[2])
    assert done.returncode == 4, done.stdout + done.stderr
    assert "the fault broken raised TypeError" in done.stderr
    assert "acme_faults.py:" in done.stderr
    assert "HELD" not in done.stdout


def test_parameters_of_a_package_s_fault_are_held_to_its_model(tmp_path: Path) -> None:
    install(tmp_path / "site", "Stutter", "HolidayBank", "Maintenance")
    done = certify(tmp_path, PROFILE.replace("half_ms: 15", "half_ms: 0"))
    assert done.returncode != 0
    assert "acme.yaml:7" in done.stdout + done.stderr
    assert "half_ms" in done.stdout + done.stderr


def test_a_class_that_its_seam_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "site", "Homeless")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setattr(FAULTS, "_things", dict(FAULTS._things))
    monkeypatch.setattr(FAULTS, "_outsiders_loaded", False)
    with pytest.raises(UsageError, match="Homeless must derive from the base class of the faults of its seam"):
        load_faults()


def test_the_package_of_the_docs_brings_a_fault_that_fires_and_a_report_that_is_written(tmp_path: Path) -> None:
    guide = Path(__file__).parents[2] / "docs" / "PLUGINS.md"
    if not guide.is_file():
        pytest.skip("the docs are in a checkout only")
    shown = re.findall(r"^<!-- package: (\S+) -->\n```\w+\n(.*?)^```", guide.read_text(), re.MULTILINE | re.DOTALL)
    files = dict(shown)
    info = tmp_path / "site" / "acme_chaos-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-chaos\nVersion: 1.0\n")
    groups = tomllib.loads(files["pyproject.toml"])["project"]["entry-points"]
    (info / "entry_points.txt").write_text(
        "".join(f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items()) for group, names in groups.items())
    )
    (tmp_path / "site" / "acme_chaos.py").write_text(files["acme_chaos.py"])
    done = certify(tmp_path, files["throttled.yaml"].replace("orders: 60", "orders: 20"), "throttled")
    assert done.returncode == 0, done.stdout + done.stderr
    journal = (tmp_path / "out" / "throttled" / "journal.jsonl").read_text()
    fired = [json.loads(line)["detail"] for line in journal.splitlines() if '"change":"fired"' in line]
    assert {"ms": 20} in fired
    assert {"instead_of": 200} in fired
    assert '"429 RATE_LIMITED"' in journal
    assert "| acknowledged-order-not-failed | HELD |" in (tmp_path / "out" / "verdicts.md").read_text()
