"""From a stranger's OpenAPI document to a certified contract: the draft, and a short list of edits, as a newcomer makes
them. The correct provider is HELD, and each of its planted defects is found.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ackord import cli
from ackord.core.verdict import Result
from ackord.run.options.run_options import RunOptions
from ackord.run.resolve import load_profile, make_plan
from ackord.run.session import Session

from ...tiers import gate, suite_seed
from ..loopback_server import changed
from .strangers import ACCOUNTS, KEYS, ArchipelagoPayouts, RupeeTransfers

HERE = Path(__file__).parent / "documents"
OTHER = ("  # other:", "  other:")
PROMISES = ("key_retention: unpublished", "key_retention: null\n  settles_within: 5s")

ARCHIPELAGO = (
    ('{username: "${env:PROVIDER_USER}", password: "${env:PROVIDER_KEY}"}}}\n  #', '{username: "${env:PROVIDER_KEY}"}}}\n  #'),
    ('{username: "${env:PROVIDER_OTHER_USER}", password: "${env:PROVIDER_OTHER_KEY}"}', '{username: "${env:PROVIDER_OTHER_KEY}"}'),
    OTHER,
    ('"PENDING_COMPLIANCE_ASSESSMENT": UNKNOWN', '"PENDING_COMPLIANCE_ASSESSMENT": RECEIVED'),
    ('"COMPLIANCE_REJECTED": UNKNOWN', '"COMPLIANCE_REJECTED": DECLINED'),
    ('"REQUESTED": UNKNOWN', '"REQUESTED": PROCESSING'),
    PROMISES,
    ("[promises.not_found, promises.on_same_payload, promises.on_other_payload]", "[promises.not_found]"),
    (
        "\nstates:",
        """
ledger:
  request: {method: GET, path: /v2/payouts, query: {reference_id: "${order_no}"}}
  rows: $.data
  extract: {movement_id: $.id, order_no: $.reference_id, amount_major: $.amount, currency: $.currency, kind: $.status}
  kinds: {ACCEPTED: neither, REQUESTED: neither, SUCCEEDED: payout, FAILED: neither, CANCELLED: neither, REVERSED: neither}

states:""",
    ),
)  # fmt: skip
RUPEE = (
    OTHER,
    ('"APPROVAL_PENDING": UNKNOWN', '"APPROVAL_PENDING": RECEIVED'),
    ('"MANUALLY_REJECTED": UNKNOWN', '"MANUALLY_REJECTED": DECLINED'),
    PROMISES,
    ("[promises.not_found, promises.on_same_payload, promises.on_other_payload]", "[promises.not_found]"),
)
STRANGERS = {
    "archipelago": (ArchipelagoPayouts, ARCHIPELAGO, 19),
    "rupee": (RupeeTransfers, RUPEE, 18),
}
"""Each with its edits, and how many TODOs its draft has."""
CAUGHT = [
    ("archipelago", "late", "acknowledged-order-visible"),  # at most UNSAFE: the document does not promise it
    ("archipelago", "twice", "resubmission-moves-money-once"),
    ("archipelago", "altered", "conflicting-resubmission-refused"),
    ("rupee", "failed-first", "acknowledged-order-not-failed"),
    ("rupee", "rounded", "order-shown-as-submitted"),
    ("rupee", "another-id", "provider-id-stable"),
]


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("signal.signal", lambda *a: None)
    for name, value in {**KEYS, **ACCOUNTS}.items():
        monkeypatch.setenv(name, value)


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["ackord", *words])
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def filled_in(name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """The contract of the draft and its edits, and the number of TODOs that were open."""
    stranger, edits, _ = STRANGERS[name]
    code, out = run(
        capsys, monkeypatch, "contract", "new", "--openapi", str(HERE / stranger.documented), "--out", "mine.yaml"
    )
    assert code == 0, out
    code, out = run(capsys, monkeypatch, "contract", "check", "mine.yaml", "--no-smoke")
    open_todos = re.search(r"open TODOs: (\d+)", out)
    assert code == 0 and open_todos is not None, out
    text = changed(Path("mine.yaml").read_text(), *edits)
    Path("mine.yaml").write_text(re.sub(r"\s*# TODO.*|(?<=\.) What says TODO.*", "", text))
    return "mine.yaml", int(open_todos[1])


@pytest.mark.parametrize("name", STRANGERS)
def test_a_newcomer_s_way_from_a_document_to_a_certified_contract(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    contract, open_todos = filled_in(name, capsys, monkeypatch)
    assert open_todos == STRANGERS[name][2]
    with STRANGERS[name][0]() as provider:
        code, out = run(capsys, monkeypatch, "contract", "check", contract, "--target", provider.url)
        assert code == 0 and "WRONG" not in out and "TODO" not in out, out
        words = ("--target", provider.url, "--profile", "none", "--seed", str(suite_seed()))
        code, out = run(capsys, monkeypatch, "certify", contract, *words)
    assert code == 0 and "HELD:" in out, out


@pytest.mark.parametrize(
    ("name", "defect", "guarantee"),
    gate(CAUGHT, [("archipelago", "late"), ("rupee", "rounded")], lambda case: case[:2]),
)
def test_a_stranger_s_defect_is_found(
    name: str, defect: str, guarantee: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    contract, _ = filled_in(name, capsys, monkeypatch)
    with STRANGERS[name][0](defect) as provider:
        options = RunOptions(
            contract, target=provider.url, profiles=["none"], seed=suite_seed(), out=tmp_path / "out", budget="quick"
        )
        with Session(make_plan(options)) as session:
            verdict = session.run(load_profile("none")).verdict
    expected = Result.UNSAFE if guarantee == "acknowledged-order-visible" else Result.VIOLATED
    assert verdict.of(guarantee).result is expected
