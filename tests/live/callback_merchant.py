"""A merchant of Paystack's transfers that takes callbacks: blindly, or by asking for the order. Or one that writes an
order down when its submit is answered, drops what is called about others, and then leaves them open (``forgets``) or
pays them again (``pays-again``); its right twin writes an order down before it is sent (``writes-first``).

``python callback_merchant.py HOW PORT ORDERS``; it takes callbacks at any path of ``127.0.0.1:PORT``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOW, PORT, ORDERS = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
OUTCOMES = {"success": "paid", "failed": "failed", "reversed": "failed"}
PATIENCE_S = 3.0
PAYEE = {"type": "nuban", "name": "Smith Taplo", "account_number": "01000000010", "bank_code": "058"}


def call(method: str, path: str, document: dict[str, Any] | None = None) -> Any:
    body = None if document is None else json.dumps({**document, "currency": "NGN"}).encode()
    headers = {"authorization": "Bearer emulated-paystack_secret_key", "content-type": "application/json"}
    request = urllib.request.Request(os.environ["ACKORD_PROVIDER_URL"] + path, body, headers, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["data"]


class Books:
    def __init__(self) -> None:
        self._outcomes: dict[str, str] = {}
        self._changed = threading.Condition()

    def book(self, order: str, status: str) -> None:
        with self._changed:
            if status in OUTCOMES and order not in self._outcomes:
                self._outcomes[order] = OUTCOMES[status]
                print(f"order {order}: {OUTCOMES[status]}", flush=True)
                self._changed.notify_all()

    def wait(self, orders: list[str]) -> list[str]:
        """Wait until all are booked, for some time; return those that are not."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._outcomes) == len(orders), PATIENCE_S)
            return [order for order in orders if order not in self._outcomes]


BOOKS = Books()
WRITTEN_DOWN: set[str] = set()


def ask(order: str) -> None:
    BOOKS.book(order, call("GET", f"/transfer/verify/{order}")["status"])


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        data = json.loads(self.rfile.read(int(self.headers["content-length"])))["data"]
        if HOW == "query":
            ask(data["reference"])
        elif HOW == "blind" or data["reference"] in WRITTEN_DOWN:
            BOOKS.book(data["reference"], data["status"])
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    recipient = call("POST", "/transferrecipient", PAYEE)["recipient_code"]
    orders = [f"{HOW}-payout-of-invoice-{n:04d}" for n in range(ORDERS)]

    def pay(order: str, n: int) -> None:
        if HOW == "writes-first":
            WRITTEN_DOWN.add(order)
        transfer = {"source": "balance", "amount": 1000 + n, "recipient": recipient, "reference": order}
        call("POST", "/transfer", {**transfer, "reason": f"invoice {n}"})
        WRITTEN_DOWN.add(order)

    for n, order in enumerate(orders):
        pay(order, n)
    left = BOOKS.wait(orders)
    for order in left:  # no callback came
        if HOW == "query":
            ask(order)
        elif HOW == "forgets":
            print(f"order {order}: open", flush=True)
        elif HOW == "pays-again":
            pay(f"{order}-again", orders.index(order))


if __name__ == "__main__":
    main()
