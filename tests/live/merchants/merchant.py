"""A small shop: pays some orders through the provider at ACKORD_PROVIDER_URL, `naive` or `right`. Python and requests.

The naive one takes a 404, an error or silence for a failure, and pays under a new number at once. The right one waits,
asks again, and sends the same number again. `naive-list` and `right-list` look into the provider's list of movements
first: to the naive one, what is not in it after a second was not paid; the right one asks for the order itself.
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


def listed(number):
    """Whether a number is in the list of movements."""
    try:
        answer = requests.get(f"{URL}/v1/movements", headers=HEADERS, timeout=1)
        return any(movement["order_no"] == number for movement in answer.json()["movements"])
    except (requests.RequestException, ValueError, KeyError):
        return False


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


def pay_naive_by_list(order):
    for attempt in (1, 2, 3):
        number = f"shop-{order:04}-{attempt}"
        submit(order, number)
        for _ in range(5):
            time.sleep(0.2)
            if listed(number):
                say(number, "paid")
                return
        say(number, "failed")


def pay_right_by_list(order):
    number = f"shop-{order:04}-1"
    submit(order, number)
    time.sleep(0.5)
    if not listed(number):  # that says nothing: the list may be old
        pay_right(order)
    else:
        say(number, "paid")


pay = {
    "naive": pay_naive, "right": pay_right, "naive-list": pay_naive_by_list, "right-list": pay_right_by_list
}[sys.argv[1]]  # fmt: skip
if sys.argv[1].endswith("-list"):
    listed("")  # it looks into the list regularly, so there was a last time
first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
orders = range(first, first + int(sys.argv[2]))
with ThreadPoolExecutor(6) as pool:
    list(pool.map(pay, orders))
