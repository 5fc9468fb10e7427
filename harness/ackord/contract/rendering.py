"""One request of a contract, compiled: a subject in, a request as it will be sent out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .encodings import CONTENT_TYPES, body_renderer
from .requests import Request
from .signing import FixedHeaders, MerchantSide
from .template import Path_, Template, field_template, in_address, in_header, text_template
from .variables import Subject
from .wire import WireRequest

__all__ = ["RequestRenderer"]


class RequestRenderer:
    """One request's templates."""

    __slots__ = ("_body", "_fixed", "_headers", "_method", "_path", "_query", "_signers", "plane")

    def __init__(
        self,
        request: Request,
        merchants: Mapping[str, MerchantSide],
        allowed: Collection[str],
        at: Path_,
        *,
        accept: str = "json",
    ) -> None:
        """``merchants`` sign, by account; ``accept`` is the format of the answers. Raises ``TemplateProblem``."""
        self.plane = request.plane or ""
        self._method = request.method
        self._path = text_template(request.path, allowed, (*at, "path"), in_address)
        self._query = [
            (in_address(name), field_template(text, allowed, (*at, "query", name)))
            for name, text in request.query.items()
        ]
        self._body = body_renderer(request, allowed, at)
        own = {name.lower() for name in request.headers}
        fixed = [] if "accept" in own else [("accept", CONTENT_TYPES[accept])]
        if self._body is not None and "content-type" not in own:
            fixed.append(("content-type", CONTENT_TYPES[request.encoding]))
        self._headers: list[tuple[str, Template]] = []
        for name, text in request.headers.items():
            template = text_template(text, allowed, (*at, "headers", name), in_header)
            if template.constant:
                fixed.append((name, template.render(Subject("", ""))))
            else:
                self._headers.append((name, template))
        self._fixed = {
            name: (*fixed, *merchant.headers) if isinstance(merchant, FixedHeaders) else tuple(fixed)
            for name, merchant in merchants.items()
        }
        self._signers = {name: m for name, m in merchants.items() if not isinstance(m, FixedHeaders)}

    def render(self, subject: Subject) -> WireRequest:
        target = self._path.render(subject)
        if self._query:
            pairs = [f"{name}={t.render(subject)}" for name, t in self._query if not t.absent(subject)]
            if pairs:
                target = f"{target}?{'&'.join(pairs)}"
        headers = self._fixed[subject.account]
        if self._headers:
            headers = (
                *headers,
                *((name, t.render(subject)) for name, t in self._headers if not t.absent(subject)),
            )
        body = b"" if self._body is None else self._body(subject)
        request = WireRequest(self._method, target, headers, body)
        signer = self._signers.get(subject.account)
        return request if signer is None else signer.sign(request, subject.moment)
