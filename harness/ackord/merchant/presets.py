"""Names the policies that payment teams use, and those that providers document as a merchant's duty.

The presets of the discussion pay again after what they read as a failure, because the payee is still owed the money:
that is how one misread answer becomes two payments.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..contract.base.field_types import Duration, StrictModel
from ..contract.loading.yaml_document import read_yaml, validate_document
from ..core.registry import Registry
from ..errors import UsageError
from .policy import MerchantPolicy
from .polling import ExponentialPolling, FixedPolling, LadderPolling

__all__ = ["PRESETS", "PolicyFile", "policies_of"]

PRESETS: Registry[MerchantPolicy] = Registry("merchant policy")

_D = Duration
_BACK_OFF = ExponentialPolling(kind="exponential", first=_D("500ms"), factor=2.0, most=_D("60s"), jitter=0.5)


def _preset(policy: MerchantPolicy) -> None:
    PRESETS.add(policy.name, policy)


def _ladder(*waits: str) -> LadderPolling:
    return LadderPolling(kind="ladder", waits=tuple(_D(wait) for wait in waits))


_preset(
    MerchantPolicy(
        name="naive",
        description='Takes "order not found", and a submit that got an error or no answer, for a failure, and pays '
        "again.",
        on_not_found="fail",
        poll=FixedPolling(every=_D("1s")),
        merge="last",
        on_timeout="fail",
        on_error="fail",
        on_duplicate="fail",
        callbacks="trust",
        verifies_answers=False,
        honours_retry_after=False,
    )
)
_preset(
    MerchantPolicy(
        name="buffered",
        description='Ignores "order not found" for 30 seconds after the submit, then takes it for a failure.',
        on_not_found="fail",
        buffer=_D("30s"),
        poll=FixedPolling(every=_D("5s")),
        merge="last",
        on_timeout="query",
        on_error="query",
        callbacks="ignore",
    )
)
_preset(
    MerchantPolicy(
        name="poller",
        description='Asks every ten seconds, and takes "order not found" for nothing until the next time.',
        on_not_found="ignore",
        poll=FixedPolling(first=_D("10s"), every=_D("10s")),
        merge="last",
        on_timeout="query",
        on_error="query",
        callbacks="ignore",
    )
)
_preset(
    MerchantPolicy(
        name="ordered",
        description='Believes the highest status it was ever shown; "order not found" fails only an order that was '
        "never shown.",
        on_not_found="fail",
        poll=FixedPolling(every=_D("1s")),
        merge="order",
        on_timeout="query",
        on_error="query",
        callbacks="verify",
    )
)
_preset(
    MerchantPolicy(
        name="command-instead-of-query",
        description="Submits the same order number again whenever it does not know, instead of asking.",
        on_not_found="resubmit",
        poll=FixedPolling(every=_D("1s")),
        merge="order",
        callbacks="ignore",
    )
)
_preset(
    MerchantPolicy(
        name="recommended",
        description="Waits with growing distances, believes the highest status, submits the same number again after "
        "a buffer, and never a new one before a failure is certain.",
        buffer=_D("5s"),
        poll=_BACK_OFF,
    )
)
_preset(
    MerchantPolicy(
        name="new-number-on-timeout",
        description="Sends a submit that got no answer again, under a new order number.",
        on_not_found="ignore",
        poll=FixedPolling(every=_D("1s")),
        on_timeout="resubmit-new",
        on_error="resubmit-new",
        callbacks="ignore",
    )
)
_preset(
    MerchantPolicy(
        name="razorpayx-duty",
        description="Submits again with the same key after 1, 2 and 5 minutes, asks for up to an hour, and fails "
        "what is not there after it.",
        source="RazorpayX, errors of payouts, Mark Failed Status",
        on_not_found="fail",
        buffer=_D("1h"),
        poll=_ladder("1m", "2m", "5m", "10m"),
        give_up_after=_D("4h"),
    )
)
_preset(
    MerchantPolicy(
        name="wechat-pay-duty",
        description="Asks again after some minutes, submits the original number again, and changes it only after an "
        "explicit failure.",
        source="WeChat Pay, transfers to a user: never change the number before the query says FAIL",
        on_not_found="resubmit",
        buffer=_D("1m"),
        poll=_ladder("1m", "5m", "10m"),
        on_timeout="query",
        on_error="query",
        give_up_after=_D("1d"),
    )
)
_preset(
    MerchantPolicy(
        name="alipay-duty",
        description="Asks after an unclear answer, and sends the identical request again for what is not found.",
        source="Alipay, single transfer: query after a time-out or SYSTEM_ERROR; resend the identical request",
        on_not_found="resubmit",
        poll=_ladder("5s", "10s", "30s", "1m"),
        on_timeout="query",
        on_error="query",
    )
)
_preset(
    MerchantPolicy(
        name="stripe-duty",
        description="Sends the same idempotency key again with exponential back-off after a time-out or an error.",
        source="Stripe, idempotent requests and error handling",
        on_not_found="resubmit",
        poll=ExponentialPolling(kind="exponential", first=_D("500ms"), factor=2.0, most=_D("8s"), jitter=0.5),
    )
)
_preset(
    MerchantPolicy(
        name="flutterwave-duty",
        description="Asks before it sends again: an error after a while does not always mean a failure.",
        source="Flutterwave, error and time-out handling",
        on_not_found="resubmit",
        buffer=_D("30s"),
        poll=_ladder("30s", "1m", "5m"),
        on_timeout="query",
        on_error="query",
    )
)
_preset(
    MerchantPolicy(
        name="checkout-duty",
        description="Waits 30 seconds before it sends the same key again.",
        source="Checkout.com, idempotency",
        on_not_found="resubmit",
        buffer=_D("30s"),
        poll=_ladder("30s"),
    )
)


class PolicyFile(StrictModel):
    """A file of policies of one's own."""

    policies: list[MerchantPolicy]


def policies_of(names: Sequence[str]) -> list[MerchantPolicy]:
    """Return policies by name, of YAML files, or all presets for ``all``.

    Raises ``UnknownNameError``, ``FileError``, and ``UsageError`` for a name that two policies have.
    """
    found: dict[str, MerchantPolicy] = {}
    for name in names:
        if name == "all":
            chosen = list(PRESETS)
        elif name.endswith((".yaml", ".yml")):
            chosen = validate_document(read_yaml(Path(name)), PolicyFile).policies
        else:
            chosen = [PRESETS.get(name)]
        for policy in chosen:
            if found.setdefault(policy.name, policy) != policy:
                raise UsageError(f"two policies are called {policy.name}. Expected one name for each")
    return list(found.values())
