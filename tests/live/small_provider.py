"""A provider in one thread of a test, with its contract. Orders whose number begins with ``stale`` cannot be found the
first time they are asked for; everything else is correct.

It imports nothing of Ackord, so that it can be copied beside the tests of a session of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

CONTRACT = """
provider: small-provider
about: A provider in one thread
version: 1
environment: sandbox
base_url: "{url}"
order_no: {{alphabet: "0-9A-Za-z-", length: [8, 40]}}
accounts:
  main: {{auth: {{bearer: sk_main}}}}
  other: {{auth: {{bearer: sk_other}}}}
submit:
  request:
    method: POST
    path: /orders
    json: {{amount: "${{amount.minor}}", currency: "${{currency}}", payee: "${{payee}}"}}
    headers: {{X-Order-Number: "${{order_no}}"}}
  answers:
    - {{when: {{status: 200}}, observation: ACK}}
    - {{when: {{status: 409}}, observation: CONFLICT}}
  extract: {{state: $.status}}
query:
  request: {{method: GET, path: "/orders/${{order_no}}"}}
  answers:
    - {{when: {{status: 200}}, observation: STATUS}}
    - {{when: {{status: 404, $.code: NO_ORDER}}, observation: NOT_FOUND}}
  extract: {{state: $.status}}
ledger:
  account: main
  request: {{method: GET, path: /movements}}
  rows: $.movements
  extract: {{movement_id: $.id, order_no: $.order_no, amount_minor: $.amount}}
states: {{PAID: SUCCEEDED}}
promises:
  not_found: forbidden
  settles_within: 1s
  on_same_payload: replay_current
  on_other_payload: reject
  key_scope: [account]
limits: {{timeout: 2s, orders: 20000, amount_minor: 5000}}
"""


def handler() -> type[BaseHTTPRequestHandler]:
    orders: dict[tuple[str, str], str] = {}
    asked: set[str] = set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            key = self.headers["authorization"], self.headers["x-order-number"]
            same = orders.setdefault(key, body) == body
            self.answer(200 if same else 409, {"status": "PAID"} if same else {"code": "OTHER_PAYLOAD"})

        def do_GET(self) -> None:
            number = self.path.rpartition("/")[2]
            if self.path.startswith("/movements"):
                rows = [
                    {"id": f"m{i}", "order_no": number, "amount": json.loads(body)["amount"]}
                    for i, ((who, number), body) in enumerate(orders.items())
                    if who == self.headers["authorization"]
                ]
                self.answer(200, {"movements": rows})
            elif (self.headers["authorization"], number) not in orders:
                self.answer(404, {"code": "NO_ORDER"})
            elif number.startswith("stale") and number not in asked:
                asked.add(number)
                self.answer(404, {"code": "NO_ORDER"})
            else:
                self.answer(200, {"status": "PAID"})

        def answer(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None: ...

    return Handler


@contextmanager
def small_provider(port: int = 0) -> Iterator[str]:
    """Serve on loopback; yields the address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
