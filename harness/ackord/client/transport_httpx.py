"""Sends requests with httpx: TLS with own authorities and client certificates, decompression."""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Callable
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from ..contract.base.http_messages import HttpRequest, HttpResponse, combined_fields
from ..contract.signing import CertificateFiles
from .transport import NoResponse, why_unconnected

__all__ = ["HttpxTransport"]

_LONGEST_TRANSFER_S = 3600
"""Of an answer that is received piece by piece: one may drip for ever."""


@functools.cache
def _tls(ca: str, certificate: CertificateFiles | None) -> ssl.SSLContext:
    """Return the TLS settings, shared by all clients: reading the certificates takes 30 ms each time."""
    context = ssl.create_default_context(cafile=ca) if ca else httpx.create_ssl_context(trust_env=False)
    if certificate is not None:
        context.load_cert_chain(*certificate, password=lambda: b"")  # a key with a password fails and prompts nobody
    return context


class HttpxTransport:
    """A ``Transport`` over one ``httpx.AsyncClient``."""

    def __init__(
        self,
        base_url: str,
        *,
        answer_bytes: int,
        keep: bool = True,
        ca: str = "",
        certificate: CertificateFiles | None = None,
        host: str = "",
    ) -> None:
        """Open no connection yet.

        ``host``: the Host header, if it differs from ``base_url``. ``ca``: a PEM file of the only authorities to trust;
        empty: the system's. ``certificate``: the client certificate for mutual TLS.
        """
        self._client = httpx.AsyncClient(
            base_url=base_url,
            follow_redirects=False,
            trust_env=False,
            headers={"host": host} if host else None,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # takes none
            limits=httpx.Limits(max_connections=256, max_keepalive_connections=None if keep else 0),
            verify=_tls(ca, certificate),
        )
        self._answer_bytes = answer_bytes

    async def send(self, request: HttpRequest, *, timeout_ns: int) -> HttpResponse:
        try:
            async with asyncio.timeout(timeout_ns / 1e9):
                return await self._exchange(request)
        except TimeoutError:
            raise NoResponse(f"time-out after {timeout_ns // 1_000_000} ms") from None
        except httpx.ConnectError as error:
            raise why_unconnected(error) from None
        except (httpx.ReadError, httpx.WriteError):
            raise NoResponse("connection reset") from None
        except httpx.TransportError as error:
            raise NoResponse(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from None

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        chunks: list[bytes] = []
        size = 0
        truncated = False
        # The time-out bounds the whole exchange, not each read: a provider may drip bytes for ever.
        async with self._client.stream(
            request.method, request.target, headers=request.headers, content=request.body, timeout=None
        ) as answer:
            try:
                async for chunk in answer.aiter_bytes():
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > self._answer_bytes:
                        truncated = True
                        break
            except httpx.DecodingError:
                truncated = True
            headers = combined_fields(answer.headers.raw)
            return HttpResponse(answer.status_code, headers, b"".join(chunks)[: self._answer_bytes], truncated)

    async def receive(
        self, request: HttpRequest, take: Callable[[bytes], object], *, idle_ns: int, most_bytes: int
    ) -> HttpResponse:
        """Send the request, and give ``take`` the body of a successful answer as it comes, without undoing its
        ``Content-Encoding``.

        Returns the answer without its body, or with it (up to the transport's bound) if the status is no success.
        ``idle_ns``: how long nothing may come. Raises ``NoResponse``, also for a body of more than ``most_bytes``.
        """
        size, kept = 0, bytearray()
        idle = httpx.Timeout(idle_ns / 1e9)
        try:
            async with (
                asyncio.timeout(_LONGEST_TRANSFER_S),
                self._client.stream(
                    request.method, request.target, headers=request.headers, content=request.body, timeout=idle
                ) as answer,
            ):
                success = 200 <= answer.status_code < 300
                async for chunk in answer.aiter_raw():
                    size += len(chunk)
                    if size > (most_bytes if success else self._answer_bytes):
                        raise NoResponse(f"the answer is longer than {most_bytes if success else size - 1:,} bytes")
                    if success:
                        take(chunk)
                    else:
                        kept += chunk
                return HttpResponse(answer.status_code, combined_fields(answer.headers.raw), bytes(kept))
        except TimeoutError:
            raise NoResponse(f"time-out: it was not over after {_LONGEST_TRANSFER_S} s") from None
        except httpx.TimeoutException:
            raise NoResponse(f"time-out: nothing came for {idle_ns // 1_000_000} ms") from None
        except httpx.ConnectError as error:
            raise why_unconnected(error) from None
        except httpx.TransportError as error:
            raise NoResponse(f"the connection ended within the answer: {error}") from None

    async def close(self) -> None:
        await self._client.aclose()
