"""Spark on several workers: what comes out of a cluster is what this machine alone finds, and nothing is left on it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.core.history import RunHeader
from ackord.core.operation import Vantage
from ackord.host.spark_session import missing_for_spark
from ackord.scale.event_writer import write_tables

from ..benchmarks import reconcile
from ..benchmarks.audit import base, tiles
from ..benchmarks.judging import PROMISES
from ..waiting import until
from .spark_cluster import SparkCluster, spark_cluster

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(bool(missing_for_spark()), reason="pyspark or Java is not here: pip install 'ackord[spark]'"),
]
EVENTS, ORDERS = 1_000_000, 200_000
ENVIRONMENT = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    with spark_cluster(tmp_path_factory.mktemp("spark"), workers=2) as started:
        yield started


def ackord(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "ackord", *words]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env={**ENVIRONMENT, **variables}
    )


def parts_written(folder: Path) -> None:
    """Write events of which a thousandth break a guarantee, in more parts than there are workers."""
    header = RunHeader("bench", "storm", "provider", Vantage.PROVIDER, 1, PROMISES)
    write_tables(folder / "events", tiles(base(250_000), EVENTS), header, complete=True, buckets=4)


def test_an_audit_finds_byte_for_byte_what_this_process_finds(cluster: SparkCluster, tmp_path: Path) -> None:
    parts_written(tmp_path)
    here = ackord(tmp_path, "audit", "events", "--out", "here")
    there = ackord(tmp_path, "audit", "events", "--engine", cluster.master, "--out", "there")
    assert (here.returncode, there.returncode) == (1, 1), there.stderr
    found = (tmp_path / "there" / "result.json").read_text()
    assert found.replace(f" --engine {cluster.master}", "") == (tmp_path / "here" / "result.json").read_text()
    assert [g for p in json.loads(found)["profiles"] for g in p["guarantees"] if g["findings"]]


def test_a_reconciliation_finds_what_duckdb_finds(cluster: SparkCluster, tmp_path: Path) -> None:
    reconcile.generate(tmp_path, ORDERS, 1_000)
    words = ["reconcile", "orders.parquet", "lines.parquet", "--json"]
    here = ackord(tmp_path, *words, "--out", "here")
    there = ackord(tmp_path, *words, "--out", "there", "--engine", cluster.master)
    assert (here.returncode, there.returncode) == (1, 1), there.stderr
    assert there.stdout.replace(cluster.master, "duckdb") == here.stdout
    tables = sorted(path.name for path in (tmp_path / "here").glob("*.csv"))
    assert "missing.csv" in tables
    for name in tables:  # the rows of a class have no sequence
        both = [sorted((tmp_path / side / name).read_bytes().splitlines()) for side in ("here", "there")]
        assert both[0] == both[1], name


def findings(result: dict[str, Any]) -> list[Any]:
    return [(g["id"], g["result"], g["findings"]) for p in result["profiles"] for g in p["guarantees"]]


def test_a_campaign_s_runs_have_the_findings_that_their_journals_have_here(
    cluster: SparkCluster, tmp_path: Path
) -> None:
    words = ["paystack-transfers", "dwolla", "--target", "emulator", "--profile", "none", "--seeds", "1", "--jobs", "2"]
    done = ackord(tmp_path, "campaign", *words, "--engine", cluster.master, "--out", "runs")
    assert done.returncode in (0, 1), done.stderr
    for name in ("paystack-transfers-seed1", "dwolla-seed1"):
        told = json.loads((tmp_path / "runs" / name / "result.json").read_text())
        again = ackord(tmp_path, "audit", f"runs/{name}/none/journal.jsonl", "--json")
        assert findings(json.loads(again.stdout)) == findings(told)
    assert not left(cluster)


def left(cluster: SparkCluster) -> list[Path]:
    """The folders of runs on the workers."""
    return list(cluster.folder.glob("worker*/tmp/ackord-*/run-*"))


def test_a_campaign_that_is_interrupted_leaves_nothing_on_the_workers(cluster: SparkCluster, tmp_path: Path) -> None:
    words = ["campaign", "reference", "--profile", "none", "--seeds", "2", "--jobs", "2", "--engine", cluster.master]
    command = [sys.executable, "-P", "-m", "ackord", *words, "--out", "runs"]
    grid = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.DEVNULL)
    until(lambda: list(cluster.folder.glob("worker*/tmp/ackord-*/run-*/evidence")), "a run writes evidence", 120)
    grid.send_signal(signal.SIGINT)
    assert grid.wait(60) != 0
    until(lambda: not left(cluster), "the workers have removed the tasks' folders", 60)


def test_a_worker_without_this_ackord_is_told(cluster: SparkCluster, tmp_path: Path) -> None:
    """Python without site-packages stands for a worker's that lacks what the driver's has."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')
    python.chmod(0o755)
    header = RunHeader("bench", "storm", "provider", Vantage.PROVIDER, 1, PROMISES)
    write_tables(tmp_path / "events", tiles(base(1_000), 1_000), header, complete=True, buckets=1)
    done = ackord(tmp_path, "audit", "events", "--engine", cluster.master, PYSPARK_PYTHON=str(python))
    assert done.returncode == 4
    said = done.stderr.partition("ackord: ")[2]
    assert "Spark failed: " in said and "Traceback" not in said
