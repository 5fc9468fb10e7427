"""Fuzzing target: mutated contracts, and what a taken one makes of mutated answers. The loader refuses with a line or
takes it; reading never raises.
"""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from ackord.contract.base.http_messages import HttpResponse
from ackord.contract.codec.codec import Codec, Payment, ResponseContext
from ackord.contract.loading.loader import PlaceholderEnv, load_contract, shipped
from ackord.core.operation import OperationKind
from ackord.errors import UsageError

from .fuzz import Finding, main, resident_bytes
from .mutate import changed, mutated
from .profiles import TOKENS as YAML_TOKENS

LIMIT_S = 5.0
TOKENS = [
    *YAML_TOKENS,
    *(b"${order_no}", b"${", b"$${", b"${nobody}", b"${env:HOME}", b"${now:%Y|+99:99}", b"${captured.x}", b"${amount.major}"),
    *(b"$.a.b[0]", b"$.a[*]", b"$row", b"$row.id", b"/xml/a[1]/@b", b"header.x-a", b"{from: $.a, regex: '(a+)+$'}"),
    *(b"{regex: '[a-z]*x'}", b"{exists: true}", b"{empty: true}", b"is: NOT_FOUND", b"is: DEFERRED", b"state: FAILED"),
    *(b"format: xml\n", b"format: form\n", b"xml: {a: {'@b': c}}", b"form: {a: [b]}", b"rows: $.data\n", b"ours: {$row: x}\n"),
]  # fmt: skip
BODIES = [
    b'{"status": "PAID", "id": "p1", "amount": 5, "data": [{"id": "p1"}]}',
    b"<xml><code>0</code><row id='1'>a</row></xml>",
    b"status=PAID&id=p1&a[b]=c",
    b"",
    b"\x1f\x8b\x08\x00",
]
ANSWER_TOKENS = [
    *(b"{", b"}", b"[", b"]", b'"', b",", b"null", b"NaN", b"1e999", b"\\ud800", b"9" * 400, b"[" * 2000, b"a" * 5000),
    *(b"<a>", b"</a>", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"<![CDATA[", b"%", b"%ff", b"&", b"=", b"\x00"),
]  # fmt: skip
PAYMENT = ("n-1/&<x>=", 1999, "EUR", 'Zoë "Z" <&>')


class Contracts:
    def start(self, rng: random.Random) -> None:
        self._rng = rng
        self._texts = [path.read_bytes() for path in sorted(shipped("contracts").glob("*.yaml"))]
        self._folder = tempfile.TemporaryDirectory()

    def step(self) -> int:
        for _ in range(10):
            self._try(self._next())
        return 10

    def _next(self) -> bytes:
        rng = self._rng
        text = rng.choice(self._texts)
        if rng.random() < 0.5:
            return mutated(rng, text, TOKENS)
        data: Any = yaml.safe_load(text)
        for _ in range(rng.randint(1, 3)):
            data = changed(rng, data)
        return yaml.safe_dump(data, allow_unicode=True, sort_keys=False).encode("utf-8", "surrogatepass")

    def _try(self, text: bytes) -> None:
        path = Path(self._folder.name) / "contract.yaml"
        path.write_bytes(text)
        begin = time.process_time()
        try:
            self._use(load_contract(path, env=PlaceholderEnv()).codec)
        except UsageError as refused:
            if not str(refused).startswith(str(path)) or "\n" in str(refused).partition("\n  ")[0]:
                raise Finding(f"refused without its place, or not in one line: {refused}", text) from refused
        except Exception as error:
            raise Finding(f"{type(error).__name__}: {error}", text) from error
        if time.process_time() - begin > LIMIT_S:
            raise Finding(f"it took {time.process_time() - begin:.0f} s of the processor", text)

    def _use(self, codec: Codec) -> None:
        """A taken contract has to work: its requests are made, and whatever is answered has a reading."""
        rng = self._rng
        payment = Payment(PAYMENT[0], codec.contract.owner, *PAYMENT[1:])
        for make in (codec.submit, lambda one: codec.query(one, "p/1"), codec.fingerprint):
            with contextlib.suppress(ValueError):  # a header cannot hold it, or it cannot be signed
                make(payment)
        for _ in range(3):
            body = mutated(rng, rng.choice(BODIES), ANSWER_TOKENS)
            headers = {"content-type": rng.choice(["application/json", "text/html", ""])}
            if rng.random() < 0.1:
                headers["content-encoding"] = rng.choice(["gzip", "deflate", "br"])
            answer = HttpResponse(rng.choice([200, 202, 404, 409, 500, -1]), headers, body)
            for kind in (OperationKind.SUBMIT, OperationKind.QUERY):
                codec.read(kind, answer, ResponseContext(payment.order_no, "p1", payment.account))
            if codec.has_ledger:
                codec.read_ledger_page(answer)

    def memory_bytes(self) -> int:
        return resident_bytes()

    def stop(self) -> None:
        self._folder.cleanup()


if __name__ == "__main__":
    sys.exit(main(["--target", "contract", *sys.argv[1:]]))
