"""A small shop: pays some orders through the provider at ACKORD_PROVIDER_URL, `naive` or `right`. Python and requests.

The naive one takes a 404, an error or silence for a failure, and pays under a new number at once. The right one waits,
asks again, and sends the same number again.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import requests

URL = os.environ["ACKORD_PROVIDER_URL"]
HEADERS = {"Authorization": "Bearer sk_main"}
ENDS = {"PAID": "paid", "FAILED": "failed", "DECLINED": "failed", "CANCELLED": "failed", "RETURNED": "failed"}


def call(method, path, body=None):
    """The answer's code, the order's status in it, and how long to wait; 0: nothing came that can be read."""
    try:
        answer = requests.request(method, URL + path, headers=HEADERS, json=body, timeout=1)
        retry_after = float(answer.headers.get("Retry-After", 0))
        status = answer.json().get("status", "") if answer.ok else ""
        return answer.status_code, status, retry_after
    except (requests.RequestException, ValueError):
        return 0, "", 0.0


def submit(order, number):
    body = {"order_no": number, "amount": 100 + order, "currency": "EUR", "payee": f"payee-{order}"}
    return call("POST", "/v1/orders", body)


def query(number):
    return call("GET", f"/v1/orders/{number}")


def say(number, outcome):
    print(f"order {number}: {outcome}", flush=True)


def pay_naive(order):
    for attempt in (1, 2, 3):
        number = f"shop-{order:04}-{attempt}"
        code, status, _ = submit(order, number)
        while code in (200, 202) and status not in ENDS:
            code, status, _ = query(number)
            time.sleep(0.2)
        outcome = ENDS.get(status, "failed")
        say(number, outcome)
        if outcome == "paid":
            return


def pay_right(order):
    number = f"shop-{order:04}-1"
    wait_s, deadline = 0.05, time.monotonic() + 60
    code, status, retry_after = submit(order, number)
    while status not in ENDS and time.monotonic() < deadline:
        time.sleep(max(wait_s, retry_after))
        wait_s = min(2 * wait_s, 2)
        if code in (200, 202):
            code, status, retry_after = query(number)
        else:  # not found, an error, silence: none of them says that it failed, and the number makes it safe to repeat
            code, status, retry_after = submit(order, number)
    say(number, ENDS.get(status, "open"))


pay = {"naive": pay_naive, "right": pay_right}[sys.argv[1]]
first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
orders = range(first, first + int(sys.argv[2]))
with ThreadPoolExecutor(6) as pool:
    list(pool.map(pay, orders))
