"""Holds what the exchanges of one edge share: settings, rules, memory, what waits, and the ports that a driver made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...contract.base.http_messages import HttpRequest
from ...errors import UnknownNameError, UsageError
from ..faults.edge_views import LARGEST_BODY_BYTES, RequestView
from .acknowledgement import AcknowledgementRules
from .awaited_callbacks import AwaitedCallbacks
from .barriers import Barriers
from .delay_queue import DelayQueue, TimerProtocol
from .http1.chunked import ChunkScanner
from .http1.head import RequestHead, ResponseHead
from .identity import RequestIdentity, read_identity
from .ports import AlarmPort, ForwardedRequest, NodePort, RecorderPort
from .reorder_buffer import ReorderBuffers
from .response_history import ResponseHistory
from .rules import FaultError, RuleSet

if TYPE_CHECKING:
    from .provider_words import ProviderWords
    from .request_recognition import RequestRecognition

__all__ = ["EdgeState", "ProxySettings", "header_pairs"]

ROTATE = "rotate"


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """Settings of an edge."""

    name: str
    upstreams: Mapping[str, tuple[str, int]]
    """Node to address."""
    default_node: str
    """The node of requests that name none; ``rotate``: each in turn."""
    port: int = 0
    """Port for merchants on 127.0.0.1; 0: any free port."""
    record_body_bytes: int = 16_384
    record_headers: Sequence[str] = ()
    """Headers of responses that records keep beside the usual ones; ``*``: all."""
    record_request_headers: Sequence[str] = ()
    """Headers of requests that records keep beside the usual ones; ``*``: all, also those that hold secrets."""
    acknowledgement: Mapping[str, Any] | None = None
    """Which answers acknowledge an order, from ``Codec.acknowledgement``; ``None``: every 2xx to a submit."""
    contract: Mapping[str, Any] | None = None
    """``path`` of the contract by which the requests of foreign merchants are recognised and answers are made up, and
    ``emulated``: whether its credentials are placeholders; ``None``: those requests are not recognised.
    """
    max_held_bytes: int = 1 << 20
    """Requests up to this size are buffered whole. Larger ones are streamed and cannot be copied."""
    hold_timeout_ms: float = 2000.0
    finish_timeout_ms: float = 30_000.0
    """Time for the provider to finish an answer that nobody waits for."""
    idle_timeout_ms: float = 120_000.0
    """A merchant's connection is closed after being idle this long while the merchant is awaited."""
    max_connections: int = 10_000
    """Most connections of merchants; further ones are answered with 503 and closed."""
    upstream_tls: Mapping[str, Any] | None = None
    """TLS to the nodes, see ``tls.upstream_tls``; ``None``: plain."""
    merchant_tls: Mapping[str, Any] | None = None
    """TLS towards merchants, see ``tls.merchant_tls``; ``None``: plain."""

    def __post_init__(self) -> None:
        if not self.upstreams:
            raise UsageError(f"edge {self.name}: no upstream. Expected at least one node with its address")
        if self.default_node != ROTATE and self.default_node not in self.upstreams:
            raise UnknownNameError("node", self.default_node, [*self.upstreams, ROTATE])
        if not self.idle_timeout_ms > 0:
            raise UsageError(f"edge {self.name}: idle_timeout_ms is {self.idle_timeout_ms!r}. Expected more than 0")
        if self.max_connections < 1:
            raise UsageError(f"edge {self.name}: max_connections is {self.max_connections!r}. Expected 1 or more")


class EdgeState:
    """The state that the exchanges of one edge share. ``request`` makes what a ``ProxiedExchange`` is made of."""

    def __init__(
        self,
        settings: ProxySettings,
        now_ns: Callable[[], int],
        timer: TimerProtocol,
        alarm: Callable[[int, Callable[[], None]], AlarmPort],
        recorder: RecorderPort,
        pools: Mapping[str, NodePort],
        acknowledgement: AcknowledgementRules,
    ) -> None:
        """``alarm(delay_ns, action)`` is for bounds, which are mostly cancelled; ``timer`` for what faults delay."""
        self.settings = settings
        self.now_ns = now_ns
        self.alarm = alarm
        self.recorder = recorder
        self.pools = pools
        self.holds = Barriers()
        self.pauses = DelayQueue(timer, now_ns)
        self.awaited = AwaitedCallbacks()
        self.windows = ReorderBuffers()
        self.memory = ResponseHistory()
        """Heads and bodies of answers to queries, while a rule needs them."""
        self.acknowledgement = acknowledgement
        self.rules = RuleSet(0, [])
        self.recognition: RequestRecognition | None = None
        self.words: ProviderWords | None = None
        if settings.contract is not None:
            self.recognition, self.words = _by_contract(settings.contract)
        self.remembers = self.recognition is not None
        """Whether answers must be looked at."""
        self.in_flight = 0
        """Exchanges that are not over, at the provider's side."""
        self._arrivals = 0
        self._default_node = settings.default_node
        self._nodes = list(settings.upstreams)

    def request(
        self, head: RequestHead, body: bytes, content: bytes, who: RequestIdentity | None = None
    ) -> ForwardedRequest:
        """Resolve the request's identity, its node and the faults that hit it. ``who``: it is identified already.

        Raises ``UsageError`` if its ``ackord-*`` headers are invalid.
        """
        self._arrivals = arrival = self._arrivals + 1
        if who is None:
            who = read_identity(head.ackord_headers, arrival)
            if self.recognition is not None and not who.key:
                content_whole = _content(head, body) or b""
                asked = HttpRequest(head.method, head.target, tuple(header_pairs(head)), content_whole)
                who = self.recognition.identify(who, asked)
        node = who.node
        if not node:
            node = self._default_node
            if node == ROTATE:
                node = self._nodes[(arrival - 1) % len(self._nodes)]
        elif node not in self.pools:
            raise UnknownNameError("node", node, self.pools)
        rules = self.rules
        plan = None
        if rules.rules or who.inject:
            try:
                plan = rules.plan(who, node, self.now_ns(), lambda: _shown(head, body))
            except FaultError as failed:
                self.recorder.failed(failed.fault, failed.error, self.now_ns())
        # Made as a plain tuple is: to call the class costs twice as much.
        return tuple.__new__(ForwardedRequest, (who, node, plan, head, head.forward + body, content))

    def set_rules(self, seed: int, rules: Sequence[Mapping[str, Any]]) -> None:
        """Replace all rules, and release what a removed rule holds back.

        Raises ``UsageError`` for an invalid rule, and then keeps the old rules.
        """
        self.rules = RuleSet(seed, rules, self.rules)
        self.remembers = self.rules.remembers or self.recognition is not None
        if not self.rules.remembers:
            self.memory.forget()
        self.pauses.let_go(self.rules.sources)

    def ended(self) -> None:
        """An exchange is over."""
        self.in_flight -= 1


def _by_contract(settings: Mapping[str, Any]) -> tuple[RequestRecognition, ProviderWords]:
    # Only an edge for foreign merchants needs the contract's models, whose import takes half a second.
    from .provider_words import ProviderWords
    from .request_recognition import RequestRecognition, contract_of

    loaded = contract_of(settings)
    return RequestRecognition(loaded), ProviderWords(loaded)


def header_pairs(head: RequestHead | ResponseHead) -> list[tuple[str, str]]:
    """Return the headers that are passed on, names in lower case."""
    lines = head.forward[:-4].split(b"\r\n")[1:]
    pairs = (line.partition(b":") for line in lines)
    return [(name.decode("latin-1").lower(), value.strip().decode("latin-1")) for name, _, value in pairs]


def _shown(head: RequestHead, body: bytes) -> RequestView:
    return RequestView(head.method, head.target, lambda: header_pairs(head), lambda: _content(head, body))


def _content(head: RequestHead, body: bytes) -> bytes | None:
    """The content of a body as it was on the wire; ``None`` if it is too large or not held whole."""
    if len(body) > 2 * LARGEST_BODY_BYTES:
        return None
    if not head.chunked:
        return body if len(body) == head.body_bytes else None
    scanner, pieces = ChunkScanner(), list[bytes]()
    scanner.scan(body, 0, pieces.append)
    return b"".join(pieces) if scanner.done else None
