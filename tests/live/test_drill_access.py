"""A drill of a client that insists on HTTPS and of one whose provider's host is fixed: both are judged, and what the
proxy refused is said.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ackord.core.event import Begin
from ackord.core.operation import Vantage
from ackord.core.verdict import Result
from ackord.drill.drill import Drill, drill_plan
from ackord.drill.settings import DrillSettings
from ackord.run.options.run_options import RunOptions
from ackord.run.session import Session

from .small_payouts import SmallPayouts, contract_at

MERCHANT = """
import os, time, requests

def pay(base, number):
    client = requests.Session()
    client.headers["authorization"] = "Bearer sk_main"
    client.post(f"{base}/payouts", json={"reference": number, "amount": 700 + len(base), "to": number}).raise_for_status()
    for _ in range(200):
        answer = client.get(f"{base}/payouts/{number}")
        if answer.status_code == 200 and answer.json()["status"] == "paid":
            return
        time.sleep(0.05)

assert os.environ["ACKORD_PROVIDER_URL"].startswith("https://")
pay(os.environ["ACKORD_PROVIDER_URL"], "order-over-https")
pay("https://api.example.com", "order-by-proxy")
try:
    requests.get("https://elsewhere.example/")
except requests.exceptions.ProxyError:
    pass
"""


def test_both_are_judged_and_what_the_proxy_refused_is_said(tmp_path: Path) -> None:
    (tmp_path / "merchant.py").write_text(MERCHANT)
    (tmp_path / "behind.yaml").write_text(
        "name: behind\nincident: Reads lag.\ndefault: false\nsubject: integration\n"
        "faults: [{fault: stale-reads, least_ms: 200, most_ms: 200}]\n"
    )
    settings = DrillSettings(command=[sys.executable, str(tmp_path / "merchant.py")])
    with SmallPayouts() as provider:
        options = RunOptions(
            contract_at(tmp_path), target=provider.url, profiles=[str(tmp_path / "behind.yaml")], seed=1,
            tls=True, proxy_host="api.example.com", out=tmp_path / "out",
        )  # fmt: skip
        plan = drill_plan(options, settings)
        with Session(plan) as session:
            result = Drill(session, settings, echo=False).run(plan.profiles[0])
        submitted = {asked.body["reference"] for asked in provider.asked if asked.method == "POST"}
    assert {"order-over-https", "order-by-proxy"} <= submitted
    seen = {e.order for e in result.history.events if isinstance(e, Begin) and e.vantage is Vantage.MERCHANT}
    assert {"order-over-https", "order-by-proxy"} <= seen
    assert result.verdict.of("merchant-pays-once").result is Result.HELD
    assert result.verdict.of("merchant-pays-once").exposures >= 2
    assert any("the proxy refused elsewhere.example:443" in note for note in result.verdict.notes)
    assert "--tls --proxy-host api.example.com" in result.repeat
