"""The package of docs/PLUGINS.md, installed: a contract whose signature, bodies and statement YAML cannot describe,
served and read.
"""

from __future__ import annotations

import asyncio
import copy
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ackord.client.callback_listener import listen
from ackord.contract import extractors, signing
from ackord.contract.base import statement_parser
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.codec.codec import Period
from ackord.core.clock import RealClock
from ackord.core.operation import Observation, OperationKind
from ackord.core.payment_state import PaymentState
from ackord.host.run_dir import RunDir

from .stated_rows import stated_rows
from .test_emulator import CONTRACT, Emulated, payment
from .test_reference import until

PLUGINS = Path(__file__).parents[2] / "docs" / "PLUGINS.md"

pytestmark = pytest.mark.skipif(not PLUGINS.is_file(), reason="the package is in a checkout's docs only")


def contract() -> dict[str, Any]:
    """The form bank, which answers and calls in lines, and states in records."""
    lines = {"hook": {"name": "acme"}}
    data = copy.deepcopy(CONTRACT)
    data["accounts"] = {
        name: {"auth": {"hook": {"name": "acme", "settings": {"token": name}}}} for name in data["accounts"]
    }
    for part in (data["submit"], data["query"], *data["callbacks"]):
        part["format"] = lines
    for answer, found in zip(data["query"]["answers"], ("yes", "no"), strict=True):
        answer["when"]["$.found"] = found
    statement = data["statement"]
    del statement["csv"], statement["download"], statement["link_expires"]
    statement["hook"] = {"name": "acme", "settings": {"sign": ": "}}
    return data


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package as pip leaves it, here and in every process that is started from here."""
    example = PLUGINS.read_text().partition("<!-- hooks -->\n")[2]
    points = tomllib.loads(example.partition("```toml\n")[2].partition("```")[0])["project"]["entry-points"]
    site = tmp_path / "site"
    info = site / "acme_ackord-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "acme_ackord.py").write_text(example.partition("```python\n")[2].partition("```")[0])
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-ackord\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "".join(f"[{group}]\n{name} = {where}\n" for group, named in points.items() for name, where in named.items())
    )
    monkeypatch.syspath_prepend(site)
    monkeypatch.setenv("PYTHONPATH", str(site))
    for registry in (signing.SCHEMES, extractors.EXTRACTORS, statement_parser.PARSERS):
        monkeypatch.setattr(registry, "_things", dict(registry._things))
        monkeypatch.setattr(registry, "_outsiders_loaded", False)


@pytest.fixture
def served(installed: None, tmp_path: Path) -> Iterator[Emulated]:
    called: list[HttpRequest] = []

    def take(request: HttpRequest) -> HttpResponse:
        called.append(request)
        return HttpResponse(200, {}, b"")

    with RunDir.create() as run, listen(take) as address:
        emulated = Emulated(run, tmp_path, address, called, contract())
        try:
            yield emulated
        finally:
            emulated.close()


def test_it_is_served_and_read(served: Emulated) -> None:
    order = payment()
    assert served.query(order).observation is Observation.NOT_FOUND
    taken = served.submit(order)
    assert (taken.observation, taken.state) == (Observation.ACK, PaymentState.RECEIVED)
    until(lambda: served.query(order).state is PaymentState.SUCCEEDED, "it is paid")
    unsigned = served.codec.query(order)._replace(headers=())
    assert served.send(OperationKind.QUERY, unsigned).observation is not Observation.STATUS

    def called() -> list[PaymentState]:
        read = [served.codec.callbacks.read(call, {}, TimestampNonce()) for call in list(served.called)]
        return [call.reading.state for call in read if call is not None]

    until(lambda: called()[-1:] == [PaymentState.SUCCEEDED], "it is called out")
    assert b"state=done" in served.called[-1].body

    now_s, origin = RealClock.unix_s(), f"http://127.0.0.1:{served.started['nodes']['B']}"

    def booked() -> list[tuple[str, str, int]]:
        rows = asyncio.run(stated_rows(served.codec, origin, Period(now_s - 60, now_s + 60)))
        return [(row.order_no, row.account, row.amount_minor) for row in rows]

    until(lambda: booked() == [(order.order_no, "main", 1999)], "it is stated")
