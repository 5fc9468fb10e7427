"""Judges that the amount, currency and payee in acknowledgements, queries and callbacks are those submitted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..core.event import CallbackReceived
from ..core.history import Exchange, OrderHistory
from ..core.operation import SUBMITS, Observation, OperationKind
from ..core.verdict import Result
from .base import NOTHING, Guarantee, JudgeContext, Judgement, finding
from .wording import amount, answer, callback, request

ID = "order-shown-as-submitted"


def judge(order: OrderHistory, ctx: JudgeContext) -> Judgement:
    submits = order.submits
    if not submits:
        return NOTHING
    first = submits[0]
    sent, currency, payee = first.sent_amount_minor, first.sent_currency, first.sent_payee
    if not ctx.promises.key_scoped_by_account:
        submits = [*submits, *(x for x in order.foreign if x.kind in SUBMITS)]  # the number may have become theirs
    others = len(submits) > 1 and any(x.fingerprint != first.fingerprint for x in submits)
    began_ns, exposures, wrong = first.begin_ns, 0, None
    refund, status, ack = OperationKind.REFUND, Observation.STATUS, Observation.ACK
    for x in order.exchanges:
        # Read by position, because this loop runs for every exchange of a run.
        minor, observation, shown_currency, shown_payee = x[11], x[8], x[20], x[21]
        if (observation is not status and observation is not ack) or (
            minor is None and shown_currency is None and shown_payee is None
        ):
            continue
        if x[2] is refund:
            continue  # it shows what is given back
        if x[7] is None or x[7] < began_ns:
            continue  # the number was not submitted yet: another guarantee judges that
        exposures += 1
        if (
            (minor != sent and minor is not None and sent)
            or (shown_currency is not None and shown_currency != currency and currency)
            or (shown_payee is not None and shown_payee != payee and payee)
        ) and not (others and _of_another_payload(submits, x)):
            wrong = x
            break
    if wrong is not None:
        text = f"{request(wrong)} was answered {answer(wrong)} and shows {_differs(first, wrong)}"
        return exposures, [finding(ID, order, Result.VIOLATED, text, [first, wrong])]
    for called in _callbacks(order):
        if called.amount_minor is None and called.currency is None and called.payee is None:
            continue
        exposures += 1
        if not _agrees(first, called) and not (others and _of_another_payload(submits, called)):
            text = f"{callback(called)} shows {_differs(first, called)}"
            return exposures, [finding(ID, order, Result.VIOLATED, text, [first], at_ns=called.at_ns)]
    return exposures, ()


def _callbacks(order: OrderHistory) -> Iterator[CallbackReceived]:
    """Yield the callbacks about the owner's order."""
    strangers = any(x.kind in SUBMITS for x in order.foreign)
    for called in order.callbacks:
        if called.observation is Observation.STATUS and called.account in (
            (order.account,) if strangers else (order.account, "")
        ):
            yield called


def _agrees(submit: Exchange, shown: Exchange | CallbackReceived) -> bool:
    """Return whether everything that is shown, and known of the submit, is what was sent."""
    return (
        (shown.amount_minor is None or not submit.sent_amount_minor or shown.amount_minor == submit.sent_amount_minor)
        and (shown.currency is None or not submit.sent_currency or shown.currency == submit.sent_currency)
        and (shown.payee is None or not submit.sent_payee or shown.payee == submit.sent_payee)
    )


def _of_another_payload(submits: Sequence[Exchange], shown: Exchange | CallbackReceived) -> bool:
    """Return whether it shows what another payload under this number had sent by then. Whether that payload may have
    had an effect is judged by ``conflicting-resubmission-refused``.
    """
    done_ns = shown.at_ns if isinstance(shown, CallbackReceived) else shown.complete_ns or 0
    return any(x.begin_ns <= done_ns and _agrees(x, shown) for x in submits)


def _differs(first: Exchange, shown: Exchange | CallbackReceived) -> str:
    if shown.amount_minor is not None and shown.amount_minor != first.sent_amount_minor:
        return f"{amount(shown.amount_minor)} instead of {amount(first.sent_amount_minor)}"
    if shown.currency is not None and shown.currency != first.sent_currency:
        return f"{shown.currency} instead of {first.sent_currency}"
    return f"the payee {shown.payee} instead of {first.sent_payee}"


GUARANTEE = Guarantee(
    ID,
    "An order is shown as it was submitted",
    "The amount, the currency and the payee that an acknowledgement, a query or a callback shows MUST be those that "
    "were submitted.",
    "The merchant reconciles against an amount or a payee that it never ordered, or does not notice that another sum "
    "is on its way.",
    judge,
    place="query.extract",
    exposure="An answer or a callback that shows the order's amount, currency or payee.",
)
