"""Shows what was broken, grouped by cause, the cause first: for each guarantee up to three orders, each explained in a
paragraph and drawn over time.
"""

from __future__ import annotations

from ...core.result import CampaignResult
from ...core.verdict import Finding
from ...guarantees.merchant.catalogue import guarantee_named
from ..campaign_summary import BrokenGuarantee, broken_by_cause
from ..explanation import REPEAT, Explainer, Explanation
from ..format import MEANINGS, count
from .markup import code, details, safe
from .order_items import PageAllowance, item_list, order_items
from .order_lanes import order_lanes
from .order_record import OrderRecord, OrderRecords

__all__ = ["ORDERS", "findings_section"]

ORDERS = 3
"""Orders of a guarantee that are shown; more are counted."""
_PARAGRAPH = ("how stale", "active fault", "replication", "why not worse", "what it costs", "safe with it")
_LEADS = {
    "how stale": "",
    "active fault": "Active fault: ",
    "replication": "",
    "why not worse": "",
    "what it costs": "What it costs: ",
    "safe with it": "Safe with it: ",
}


class _Histories:
    """What explains and draws the findings of each profile, made once."""

    def __init__(self, groups: list[list[BrokenGuarantee]]) -> None:
        self._explainers: dict[str, Explainer] = {}
        self._records: dict[str, OrderRecords] = {}
        shown: dict[str, list[Finding]] = {}
        for b in (b for group in groups for b in group):
            self._explainers.setdefault(b.label, Explainer(b.profile.history, repeat=b.profile.repeat))
            shown.setdefault(b.label, []).extend(b.verdict.findings[:ORDERS])
        histories = {b.label: b.profile.history for group in groups for b in group}
        for label, findings in shown.items():
            found = [(f, self._explainers[label].order_of(f)) for f in findings]
            self._records[label] = OrderRecords(histories[label], found)

    def explanation(self, label: str, finding: Finding) -> Explanation:
        return self._explainers[label].explain(finding)

    def record(self, label: str, finding: Finding) -> OrderRecord:
        return self._records[label].of(finding, self._explainers[label].order_of(finding))


def findings_section(result: CampaignResult) -> str:
    """Return the section; empty if nothing was broken."""
    groups = broken_by_cause(result)
    if not groups:
        return ""
    histories, allowance = _Histories(groups), PageAllowance()
    cards = "".join(_group(n, group, result, histories, allowance) for n, group in enumerate(groups, 1))
    out = ""
    if allowance.left_out:
        out = (
            f'<p class="soft">Of {count(allowance.left_out, "exchange")} the raw answer is not on this page; the '
            "journals have it.</p>"
        )
    lead = "one cause" if len(groups) == 1 else f"{len(groups)} causes"
    return f'<section id="findings"><h2>What was broken: {lead}</h2>{_how_to_read()}{cards}{out}</section>'


def _how_to_read() -> str:
    swatches = (
        ("ok", "ok"),
        ("missing", "NOT_FOUND"),
        ("failed", "FAILED, or refused for good"),
        ("other", "another answer"),
        ("none", "no answer"),
        ("call", "callback"),
        ("money", "movement of money"),
        ("fault", "fault in force"),
    )
    items = "".join(
        f'<li><svg width="18" height="12" aria-hidden="true"><rect x="1" y="1" width="16" height="10" class="{name}"/>'
        f"</svg> {said}</li>"
        for name, said in swatches
    )
    lines = "".join(
        f'<li><svg width="18" height="12" aria-hidden="true"><line x1="9" x2="9" y1="0" y2="12" class="{name}"/></svg> '
        f"{said}</li>"
        for name, said in (
            ("ack", "acknowledged (times count from here)"),
            ("alarm", "contradicted it"),
            ("cut", "idle time cut short"),
        )
    )
    return details("How to read the drawings", f'<ul class="legend">{items}{lines}</ul>', open_=True)


def _group(
    n: int, group: list[BrokenGuarantee], result: CampaignResult, histories: _Histories, allowance: PageAllowance
) -> str:
    cause, *followers = group
    parts = [_guarantee(f"f{n}", cause, result, histories, allowance, "h3")]
    for i, b in enumerate(followers, 1):
        known = guarantee_named(b.guarantee)
        title = safe(known.title if known else b.guarantee)
        head = f'{_badge(b)} {title} <span class="soft">follows from the cause above; {_extent(b)}</span>'
        parts.append(details(head, _guarantee(f"f{n}-{i}", b, result, histories, allowance, "h4"), classes="follower"))
    return f'<article class="card" aria-label="Cause {n}">{"".join(parts)}</article>'


def _badge(b: BrokenGuarantee) -> str:
    return f'<strong class="badge {b.verdict.result.value.lower()}">{b.verdict.result.value}</strong>'


def _extent(b: BrokenGuarantee) -> str:
    under = ", ".join(safe(label, 60) for label in b.labels[:6]) + (
        f" and {len(b.labels) - 6} more" if len(b.labels) > 6 else ""
    )
    orders = count(b.verdict.violations, "order")
    most = f" under {safe(b.label, 60)}, the most of {len(b.labels)} profiles" if len(b.labels) > 1 else ""
    return f"{orders} broke it{most}, on {count(b.verdict.exposures, 'exposure')}" + (
        f"; broken under {under}" if len(b.labels) > 1 else f", under {under}"
    )


def _guarantee(
    anchor: str,
    b: BrokenGuarantee,
    result: CampaignResult,
    histories: _Histories,
    allowance: PageAllowance,
    level: str,
) -> str:
    known = guarantee_named(b.guarantee)
    title = safe(known.title if known else b.guarantee)
    head = f"<{level}>{_badge(b)} {title}</{level}>"
    parts = [
        head,
        f'<p class="soft">{code(b.guarantee, 80)}: {_extent(b)}. {b.verdict.result.value} means: '
        f"{MEANINGS[b.verdict.result]}.</p>",
    ]
    if known is not None:
        parts.append(f"<blockquote>{safe(known.clause, 600)}{_place(b, result)}</blockquote>")
    shown = b.verdict.findings[:ORDERS]
    for i, finding in enumerate(shown, 1):
        parts.append(_order(f"{anchor}-o{i}", b, finding, histories, allowance, open_=i == 1))
    rest = b.verdict.violations - len(shown)
    if rest > 0:
        parts.append(
            f"<p>{count(rest, 'more order')} broke it under {safe(b.label, 60)}; the journal has them all.</p>"
        )
    return "".join(parts)


def _place(b: BrokenGuarantee, result: CampaignResult) -> str:
    if not result.contract_file:
        return ""
    return f' <span class="soft">{safe(result.contract_file)}:{result.line_of(b.guarantee)}</span>'


def _order(
    anchor: str,
    b: BrokenGuarantee,
    finding: Finding,
    histories: _Histories,
    allowance: PageAllowance,
    *,
    open_: bool,
) -> str:
    told = histories.explanation(b.label, finding)
    whose = f" of account {safe(told.account, 60)}" if told.account else ""
    gist = f'<span class="soft gist">{safe(finding.summary)}</span>'
    summary = f"Order {code(finding.order, 80)}{whose} {gist}"
    body = [
        f"<p>{_paragraph(told)}</p>",
        _repeat(told),
        f'<p class="soft">{safe(told.clock)} Under profile {safe(b.label, 60)}.</p>',
        _drawing(anchor, b, finding, histories, allowance),
    ]
    return details(summary, "".join(body), classes="order", open_=open_)


def _drawing(anchor: str, b: BrokenGuarantee, finding: Finding, histories: _Histories, allowance: PageAllowance) -> str:
    if not allowance.take_order():
        return '<p class="soft">It is not drawn: this page draws no more orders. The journal has it.</p>'
    record = histories.record(b.label, finding)
    items = order_items(record, b.profile.history.header.options, allowance)
    lanes = order_lanes(record, items, anchor) or "<p>Its exchanges are not in this record.</p>"
    return lanes + item_list(items, anchor, _left_out(record))


def _paragraph(told: Explanation) -> str:
    """Return what happened, with which fault, and what it costs."""
    said = [f"{told.opening}."]
    label = ""
    for name, paragraph in told.paragraphs():
        label = name or label  # further faults have no label of their own
        if label in _PARAGRAPH:
            lead = _LEADS[label]
            text = f"{lead}{paragraph}" if lead else paragraph[:1].upper() + paragraph[1:]
            said.append(text.rstrip(".") + ".")
    return " ".join(safe(text, 700) for text in said)


def _repeat(told: Explanation) -> str:
    return f"<p>{REPEAT.capitalize()} {code(told.repeat)}</p>" if told.repeat else ""


def _left_out(record: OrderRecord) -> str:
    said = [
        count(n, f"more {what}")
        for n, what in (
            (record.left_out, "exchange"),
            (record.callbacks_left_out, "callback"),
            (record.movements_left_out, "movement"),
        )
        if n
    ]
    return f"Not shown of this order: {', '.join(said)}; the journal has them." if said else ""
