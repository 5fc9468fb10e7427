"""Compile one request of a contract: it renders a template context as an HTTP request."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...core.key_promises import ByteForm
from ...errors import dotted
from ..base.contract_error import ContractError, DocumentPath
from ..base.http_messages import HttpRequest
from ..base.template import Template, field_template, in_address, in_header, split_text, text_template
from ..base.variables import CAPTURED, GIVEN, TemplateContext, getter_of
from ..body import JSON
from ..signing import FixedHeaders, MerchantSide
from ..spec.requests import RequestSpec

__all__ = ["RequestRenderError", "RequestRenderer"]


class RequestRenderError(ContractError, ValueError):
    """A request cannot be written or signed; ``path`` is the place in the contract that asks for it.

    ``given`` says that it is the provider's doing: a value of an answer stands in the way, and another order's may not.
    """

    def __init__(
        self, path: DocumentPath, problem: str, *, expected: str = "", mend: str = "", given: bool = False
    ) -> None:
        super().__init__(path, problem, expected, mend)
        self.given = given


class RequestRenderer:
    """One request's templates."""

    __slots__ = ("_at", "_body", "_encoding", "_fixed", "_headers", "_method", "_path", "_query", "_signers", "host")

    def __init__(
        self,
        request: RequestSpec,
        merchants: Mapping[str, MerchantSide],
        allowed: Collection[str],
        at: DocumentPath,
        *,
        accept: str = JSON.content_type,
    ) -> None:
        """``merchants`` sign, by account; ``accept`` is the type of the answers. Raises ``TemplateProblem``."""
        self.host = request.host or ""
        self._at = at
        self._method = request.method
        self._path = text_template(request.path, allowed, (*at, "path"), in_address)
        self._query = [
            (in_address(name), field_template(text, allowed, (*at, "query", name)))
            for name, text in request.query.items()
        ]
        encoding = request.encoding
        self._encoding = encoding
        self._body = None if encoding is None else encoding.renderer(request.body, allowed, (*at, encoding.name))
        own = {name.lower() for name in request.headers}
        fixed = [] if "accept" in own else [("accept", accept)]
        if encoding is not None and "content-type" not in own:
            fixed.append(("content-type", encoding.content_type))
        self._headers: list[tuple[str, Template, list[str]]] = []
        """Each with the names of its variables."""
        for name, text in request.headers.items():
            path = (*at, "headers", name)
            template = text_template(text, allowed, path, in_header)
            if template.constant:
                fixed.append((name, template.render(TemplateContext("", ""))))
            else:
                self._headers.append((name, template, split_text(text, allowed, path).names))
        self._fixed = {
            name: (*fixed, *merchant.headers) if isinstance(merchant, FixedHeaders) else tuple(fixed)
            for name, merchant in merchants.items()
        }
        self._signers = {name: m for name, m in merchants.items() if not isinstance(m, FixedHeaders)}

    def render(self, template_context: TemplateContext, form: ByteForm | None = None) -> HttpRequest:
        """``form``: in what the body's bytes differ from the usual ones. Raises ``RequestRenderError``."""
        target = self._path.render(template_context)
        if self._query:
            pairs = [
                f"{name}={t.render(template_context)}" for name, t in self._query if not t.absent(template_context)
            ]
            if pairs:
                target = f"{target}?{'&'.join(pairs)}"
        headers = self._fixed[template_context.account]
        if self._headers:
            headers = (
                *headers,
                *(
                    (name, self._header(name, t, names, template_context))
                    for name, t, names in self._headers
                    if not t.absent(template_context)
                ),
            )
        request = HttpRequest(self._method, target, headers, self.body(template_context, form))
        signer = self._signers.get(template_context.account)
        if signer is None:
            return request
        try:
            return signer.sign(request, template_context.timestamp_nonce)
        except ValueError as why:
            raise RequestRenderError(
                ("accounts", template_context.account, "auth"),
                f"it cannot sign {dotted(self._at)}: {why}",
                expected="a request of the kind that the scheme signs",
                mend="give the request what is to be signed, or the account another scheme",
            ) from None

    def body(self, template_context: TemplateContext, form: ByteForm | None = None) -> bytes:
        """Render the body, before it is signed; ``form`` as in ``render``."""
        body = b"" if self._body is None else self._body(template_context)
        return body if form is None or self._encoding is None else self._encoding.equivalent(body, form)

    def _header(self, name: str, template: Template, names: list[str], template_context: TemplateContext) -> str:
        try:
            return template.render(template_context)
        except ValueError:
            variable = next(v for v in names if _stands_in_the_way(v, template_context))
            raise RequestRenderError(
                (*self._at, "headers", name),
                f"${{{variable}}} cannot stand in a header",  # its value may be a secret
                expected="a value of printable ASCII",
                mend="let the value stand in the body or the address, where it is encoded",
                given=variable in GIVEN or variable.startswith(CAPTURED),
            ) from None


def _stands_in_the_way(variable: str, template_context: TemplateContext) -> bool:
    try:
        in_header(getter_of(variable)(template_context))
    except ValueError:
        return True
    return False
