"""A shop that pays through Stripe's own library for Python, sent to ACKORD_PROVIDER_URL.

Arguments: what it makes (`payouts` or `charges`), the idempotency key (`own`: the order's number, `auto`: what the
library makes up), how often it calls the library for one order, the library's retries (`default` or a number), how many
orders, and how their numbers begin. Whatever the library raises is a failure to it; then it calls it again.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import stripe

what, key, calls, retries, count, prefix = sys.argv[1:]
options = {} if retries == "default" else {"max_network_retries": int(retries)}
client = stripe.StripeClient("sk_test_12345", base_addresses={"api": os.environ["ACKORD_PROVIDER_URL"]}, **options)
service = getattr(client.v1, what)


def pay(number):
    params = {"amount": 1000, "currency": "eur", "metadata": {"order_no": number}}
    if what == "charges":
        params["source"] = "tok_visa"
    for _ in range(int(calls)):
        try:
            made = service.create(params, {"idempotency_key": number} if key == "own" else {})
            service.retrieve(made.id)
        except stripe.StripeError as error:
            print(f"{number}: {error.code or type(error).__name__}", flush=True)
        else:
            return "paid"
    return "failed"


def report(order):
    number = f"{prefix}-{order:04}"
    print(f"order {number}: {pay(number)}", flush=True)


with ThreadPoolExecutor(int(count)) as pool:
    list(pool.map(report, range(1, int(count) + 1)))
