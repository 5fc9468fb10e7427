"""Deal out a run's orders, with numbers that the contract allows and that no other run of the provider used."""

from __future__ import annotations

from bisect import bisect_left

from ..client.operation_request import OperationRequest
from ..contract.base.variables import as_uuid
from ..contract.codec.codec import Payment
from ..contract.spec.order_numbers import OrderNumberFormat
from ..core.amount_range import AmountRange
from ..core.operation import SUBMITS
from ..core.sandbox_trigger import TRIGGER, TriggerPromise
from ..core.seed import Seed
from ..errors import UsageError
from .order import MOST_REFUNDS, NodePolicy, WorkloadOrder
from .order_allowance import OrderAllowance, OrderLimitReached

__all__ = ["OrderFactory"]

_LARGEST_ORDINAL = 9_999_999
"""Order numbers leave room for so many orders of one run, and for their refunds."""
_FIRST_REFUND = 5_000_000
"""The first number of a refund."""
_AMOUNTS = AmountRange(100, 5000)
_TELLING_TOKEN, _TELLING_PREFIX = 5, 12
"""How long a run's token, or a number's beginning, must be to tell that a number comes from this run."""


class OrderFactory:
    """Deals out orders with numbers that the contract allows, and that no other run of this provider used.

    ``run_token`` keeps runs apart. For a provider that is started fresh it is derived from the seed, so that a seed
    means the same numbers, and with them the same keyed decisions inside the provider; for one that lives on it has to
    come from the clock.
    """

    def __init__(
        self,
        seed: Seed,
        run_token: str,
        *,
        form: OrderNumberFormat,
        account: str,
        other_account: str = "",
        currencies: tuple[str, ...] = ("EUR",),
        amounts: AmountRange = _AMOUNTS,
        allowance: OrderAllowance | None = None,
        other_payload_pays: bool = False,
        policy: NodePolicy = "single",
        nodes: tuple[str, ...] = (),
        salt: str = "",
        created_s: int = 0,
        refunds_parts: bool = True,
    ) -> None:
        """Deal out nothing yet.

        ``allowance``: how many orders there may be; ``None``: any number. ``other_payload_pays``: whether the same
        number with another amount is another order. ``created_s``: when the run's orders were made, in seconds since
        1970. ``refunds_parts``: whether a part of an order can be given back.
        """
        self._seed = seed
        self._form = form
        letters = "".join(dict.fromkeys(form.alphabet))
        self._digits = "0123456789" if set("0123456789") <= set(letters) else letters
        self._min_length = max(0, form.length[0] - len(form.prefix))
        self._max_length = form.length[1] - len(form.prefix)
        self._created_s = created_s
        self._account = account
        self._other_account = other_account
        self._currencies = currencies
        self.amounts = amounts
        self.allowance = allowance or OrderAllowance(_LARGEST_ORDINAL)
        self._other_payload_pays = other_payload_pays
        self._refunds_parts = refunds_parts
        self._counted: set[tuple[str, str, int]] = set()
        self._policy = policy
        self._nodes = nodes
        self._salt = salt
        room = len(self._written(_LARGEST_ORDINAL))
        own = "".join(c for c in run_token if c in form.alphabet)[: max(0, self._max_length - room)]
        self._own = run_token if form.uuid else own
        self._token = self._own.strip("-").casefold()
        self._numbers: dict[str, Payment] = {}
        self._folded: list[str] = []
        """The numbers without regard to case, sorted, made when they are first needed."""
        self.dealt = 0

    def owns(self, order_no: str) -> bool:
        """Whether a number is one of this run's."""
        return order_no in self._numbers

    def adopt(self, payment: Payment) -> WorkloadOrder:
        """Return an order that another client submitted, so that the run settles it and reads its movements.

        It may be asked for; nothing is undecided about it, so nobody submits it once more.
        """
        self._numbers[payment.order_no] = payment
        return WorkloadOrder(payment, 0, self._other_account, self._policy, self._nodes, self._salt, writes=1)

    def resembles(self, order_no: str) -> bool:
        """Whether a number that this run did not deal is made of one that it did: in other letters, cut off, or
        lengthened. What tells is the run's token, or a long beginning.
        """
        if order_no in self._numbers:
            return False
        if len(self._folded) != len(self._numbers):
            self._folded = sorted(number.casefold() for number in self._numbers)
        folded = order_no.strip().casefold()
        if len(self._token) >= _TELLING_TOKEN and self._token in folded:
            return True
        at = bisect_left(self._folded, folded)
        after = self._folded[at] if at < len(self._folded) else ""
        return bool(folded) and (after == folded or (len(folded) >= _TELLING_PREFIX and after.startswith(folded)))

    @property
    def payments(self) -> list[Payment]:
        """Return the payments that were dealt, in order."""
        return list(self._numbers.values())

    def number(self, ordinal: int) -> str:
        """Return an ordinal's order number: prefix, zeros (or the alphabet's first letter) for the length, ordinal."""
        if self._form.uuid:
            return as_uuid(f"{self._own}{ordinal}")
        width = max(6, self._min_length - len(self._own))
        number = (self._own + self._written(ordinal).rjust(width, self._digits[0]))[-self._max_length :]
        return self._form.prefix + number

    def _written(self, ordinal: int) -> str:
        """The ordinal in digits that the alphabet has."""
        text = ""
        while ordinal or not text:
            ordinal, digit = divmod(ordinal, len(self._digits))
            text = self._digits[digit] + text
        return text

    def create_order(self, *, amount_minor: int | None = None, payee: str | None = None) -> WorkloadOrder:
        """Deal out the next order. Raises ``OrderLimitReached`` beyond the contract's limits, ``UsageError`` for an
        amount that is no whole number.
        """
        if amount_minor is not None and type(amount_minor) is not int:
            raise UsageError(
                f"amount_minor={amount_minor!r}: no whole number of minor units.\n"
                "  expected: money without a fraction, such as 1999 for 19.99 EUR"
            )
        ordinal = self.dealt + 1
        if amount_minor is None:
            amount_minor = self.amounts.at(self._seed.pick(self.amounts.count, "amount", ordinal))
        order_no = self.number(ordinal)
        payee = payee or f"payee-{ordinal % 97}"
        currency = self._currencies[ordinal % len(self._currencies)]
        payment = Payment(order_no, self._account, amount_minor, currency, payee, self._created_s)
        if not self._admits(payment):
            raise OrderLimitReached(f"all {self.allowance.most} orders that limits.orders allows are used up")
        self.dealt = ordinal
        self._numbers[order_no] = payment
        return WorkloadOrder(
            payment, ordinal, self._other_account, self._policy, self._nodes, self._salt, self.amounts,
            refund_number=lambda nth: self.number(_FIRST_REFUND + ordinal * MOST_REFUNDS + nth),
            refunds_parts=self._refunds_parts,
        )  # fmt: skip

    def relative(self, order: WorkloadOrder, order_no: str, *, by_minor: int) -> WorkloadOrder | None:
        """Deal out an order whose number is made of another one's, with another amount, and the same ordinal.

        ``None``: a character of it may not stand in a number, or the limits allow no more orders.
        """
        if not (self._form.uuid or set(order_no) <= set(self._form.alphabet + self._form.prefix)):
            return None
        amount_minor = self.amounts.other(order.payment.amount_minor, by_minor)
        payment = order.payment._replace(order_no=order_no, amount_minor=amount_minor)
        if order_no in self._numbers or not self._admits(payment):
            return None
        self._numbers[order_no] = payment
        salt = f"{self._salt}r{by_minor}."
        return WorkloadOrder(payment, order.ordinal, "", self._policy, self._nodes, salt, self.amounts)

    def may_pull(self, trigger: TriggerPromise) -> bool:
        """Whether the limits allow an order that pulls the trigger."""
        return trigger.amount_minor is None or trigger.amount_minor in self.amounts

    def pull(self, order: WorkloadOrder, trigger: TriggerPromise) -> None:
        """Let an order that was not sent yet pull a trigger, by its amount, its payee or its headers."""
        payment = order.payment
        order.payment = payment._replace(
            amount_minor=trigger.amount_minor or payment.amount_minor, payee=trigger.payee or payment.payee
        )
        order.variation, order.stays_open = f"{TRIGGER}{trigger.name}", trigger.stays_open
        self._numbers[payment.order_no] = order.payment

    def admits(self, call: OperationRequest) -> bool:
        """Return whether the limits allow an operation. The first submit of another order counts as one.

        Raises ``OrderLimitReached`` for an amount outside the limits.
        """
        if call.refund is not None and call.refund.amount_minor not in self.amounts:
            refused_minor = call.refund.amount_minor
            raise OrderLimitReached(f"limits allow amounts of {self.amounts}, and a refund is of {refused_minor}")
        return call.kind not in SUBMITS or self._admits(call.payment)

    def _admits(self, payment: Payment) -> bool:
        if payment.amount_minor not in self.amounts:
            raise OrderLimitReached(f"limits allow amounts of {self.amounts}, and this one is {payment.amount_minor}")
        key = (payment.account, payment.order_no, payment.amount_minor if self._other_payload_pays else 0)
        if key not in self._counted:
            if not self.allowance.take():
                return False
            self._counted.add(key)
        return True
