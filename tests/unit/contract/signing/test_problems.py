"""What is wrong with a message, scheme by scheme, in words; and settings that cannot be used."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pydantic import ValidationError

from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.signing import SCHEMES, Scheme
from ackord.contract.signing.alipay_rsa2 import members
from ackord.contract.signing.base import FixedHeaders
from ackord.contract.signing.basic import Basic
from ackord.contract.signing.bearer import SCHEME as BEARER
from ackord.contract.signing.bearer import FixedHeaderProvider
from ackord.contract.signing.oauth2 import AccessToken, OAuth2, OAuth2Provider, read_token, token_request
from ackord.contract.signing.unionpay import split_response
from ackord.contract.spec.auth import Auth, client_certificate, merchant_side, token_holder
from ackord.errors import FileError

from ..support import changed, loaded
from .cases import CASES
from .support import ANSWER, MOMENT, REQUEST, Sides, header, merchant_of, sides, with_header

LATER = TimestampNonce(MOMENT.unix_s + 301)


def made(name: str, **more: Any) -> Sides:
    """A case's sides, with more settings."""
    ((scheme, settings),) = CASES[name].auth.items()
    return sides(**{scheme: {**settings, **more}})


def refused(auth: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as failure:
        Auth.model_validate(auth)
    assert says in str(failure.value)


# wechatpay2


def test_wechatpay2() -> None:
    merchant, provider = made("wechatpay2")
    signed = merchant.sign(REQUEST, MOMENT)
    value = header(signed, "authorization")
    assert value.startswith('WECHATPAY2-SHA256-RSA2048 mchid="1900009191",nonce_str="')

    def problem(old: str, new: str, at: TimestampNonce | None = None) -> str:
        assert old in value
        return provider.problem_of(with_header(signed, "authorization", value.replace(old, new)), at)

    assert problem("mchid", "mchid", LATER) == "its timestamp is 301 s old, more than 300 s"
    assert problem('serial_no="1', 'serial_no="2').startswith("its serial_no is not 1DDE55AD")
    assert problem('mchid="1', 'mchid="2') == "its mchid is not 1900009191"
    assert problem("1700000000", "soon") == "its timestamp is not a number of seconds"
    assert problem("1700000000", "1700000001") == "its signature is wrong"
    for old, new in [("WECHATPAY2", "Bearer"), ("mchid", "nonce_str"), (',serial_no="', ',x="'), ('"', "'")]:
        assert problem(old, new).startswith("the header Authorization does not hold WECHATPAY2-SHA256-RSA2048")
    answer = provider.sign(ANSWER, signed, MOMENT)
    for name in ("wechatpay-timestamp", "wechatpay-nonce", "wechatpay-signature", "wechatpay-serial"):
        without = {key: value for key, value in answer.headers.items() if key != name}
        assert name in merchant.problem_of(answer._replace(headers=without), signed).lower()
    other = answer._replace(headers={**answer.headers, "wechatpay-serial": "X"})
    assert merchant.problem_of(other, signed) == "its serial number is not PUB_KEY_ID_1"
    assert merchant.problem_of(answer, signed, LATER) == "its timestamp is 301 s old, more than 300 s"


# alipay_rsa2


def test_alipay_rsa2_adds_what_every_request_needs() -> None:
    merchant, provider = made("alipay_rsa2")
    signed = merchant.sign(HttpRequest("POST", "/gateway.do", (), b"method=a.b&biz_content=%7B%7D"), MOMENT)
    fields = dict(parse_qsl(signed.body.decode()))
    assert fields.pop("sign")
    assert fields == {
        "method": "a.b", "biz_content": "{}", "app_id": "2021", "charset": "utf-8", "sign_type": "RSA2",
        "timestamp": "2023-11-15 06:13:20", "version": "1.0",
    }  # fmt: skip
    assert provider.problem_of(signed) == ""
    by_address = merchant.sign(HttpRequest("GET", "/gateway.do?method=a.b&app_id=2021", (), b""), MOMENT)
    assert by_address.target.startswith("/gateway.do?method=a.b&app_id=2021&charset=")
    assert provider.problem_of(by_address) == ""
    certificates = {"app_cert_sn": "c1", "alipay_root_cert_sn": "r1"}
    in_certificate_mode = made("alipay_rsa2", **certificates).merchant.sign(signed._replace(body=b"method=a.b"), MOMENT)
    assert certificates.items() <= dict(parse_qsl(in_certificate_mode.body.decode())).items()


def test_alipay_rsa2_s_requests() -> None:
    merchant, provider = made("alipay_rsa2")
    signed = merchant.sign(CASES["alipay_rsa2"].request("x"), MOMENT)

    def problem(old: bytes, new: bytes) -> str:
        assert old in signed.body
        return provider.problem_of(signed._replace(body=signed.body.replace(old, new)))

    assert problem(b"sign_type=RSA2", b"sign_type=RSA") == "its sign_type is not RSA2"
    assert problem(b"text=x", b"text=x&text=x") == "the parameter text is given twice"
    assert problem(b"text=x", b"text") == "its parameters are not a form"
    assert problem(b"&sign=", b"&sing=") == "it is not signed: the parameter sign is missing"
    assert problem(b"text=x", b"text=y") == "its signature is wrong"
    assert made("alipay_rsa2", app_id="2022").provider.problem_of(signed) == "its app_id is not 2022"
    with pytest.raises(ValueError, match="only a form"):
        merchant.sign(REQUEST, MOMENT)


def test_alipay_rsa2_s_answers() -> None:
    merchant, provider = made("alipay_rsa2", alipay_cert_sn="s1")
    request = HttpRequest("POST", "/gateway.do", (), b"method=a.b&app_id=2021")
    unseen = HttpRequest("", "", (), b"")
    answer = HttpResponse(200, {}, '{ "a_b_response" : {"b":1, "a": "für\\/" }\n}'.encode())
    signed = provider.sign(answer, request, MOMENT)
    assert json.loads(signed.body)["alipay_cert_sn"] == "s1"
    assert merchant.problem_of(signed, request) == merchant.problem_of(signed, unseen) == ""

    def problem(old: str, new: str) -> str:
        text = signed.body.decode()
        assert old in text
        return merchant.problem_of(signed._replace(body=text.replace(old, new).encode()), request)

    assert problem('"b":1, ', '"b":1,') == "its signature is wrong"  # the bytes are signed, not what they mean
    assert problem("a_b_response", "b_a_response") == "no member of it is the operation's response"
    assert problem('"sign"', '"sing"') == "it is not signed: the member sign is missing"
    assert problem('"s1"', '"s2"') == "its alipay_cert_sn is not s1"
    for old, new in [('"sign":', '"sign"'), ('"sign"', '"a_b_response"'), ("{ ", "[ "), ("}\n", "}}\n")]:
        assert problem(old, new) == "it is not a JSON object with each name once"
    error = provider.sign(HttpResponse(200, {}, b'{"error_response":{"code":"20000"}}'), request, MOMENT)
    assert merchant.problem_of(error, request) == ""
    two = provider.sign(HttpResponse(200, {}, b'{"a_response":{},"b_response":{}}'), unseen, MOMENT)
    assert merchant.problem_of(two, unseen) == "no member of it is the operation's response"
    for body in (b"<html>", b"[]", b'{"other": 1}'):
        assert provider.sign(HttpResponse(200, {}, body), request, MOMENT).body == body


def test_alipay_rsa2_in_gbk() -> None:
    """A second byte of GBK may be a backslash in ASCII: texts are cut as characters."""
    merchant, provider = made("alipay_rsa2", charset="gbk")
    body = '{"a_response": {"msg": "\u4e57"}}'.encode("gbk")
    assert b"\\" in body
    signed = provider.sign(HttpResponse(200, {}, body), HttpRequest("", "", (), b""), MOMENT)
    assert merchant.problem_of(signed, HttpRequest("", "", (), b"")) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", {}),
        (' {"a" : [1, {"b": "}"}] ,"c":"\\""} ', {"a": '[1, {"b": "}"}]', "c": '"\\""'}),
        ('{"a":1,}', None),
        ('{"a":1 "b":2}', None),
        ('{"a":1,"a":1}', None),
        ("{a:1}", None),
        ('{"a":1} x', None),
        ('{"a":1', None),
        ("", None),
        (None, None),
    ],
)
def test_the_members_of_an_object(text: str | None, found: dict[str, str] | None) -> None:
    assert members(text) == found


# wechat_v2, unionpay


def test_wechat_v2() -> None:
    merchant, provider = made("wechat_v2")
    signed = merchant.sign(HttpRequest("POST", "/", (), b"<xml><a>1 &lt; 2</a><empty/></xml>"), MOMENT)
    assert f"<nonce_str>{MOMENT.nonce}</nonce_str>".encode() in signed.body
    assert provider.problem_of(signed) == ""

    def problem(old: bytes, new: bytes) -> str:
        assert old in signed.body
        return provider.problem_of(signed._replace(body=signed.body.replace(old, new)))

    assert problem(b"<a>1", b"<a>2") == "its signature is wrong"
    assert problem(b"<empty/>", b"<![CDATA[]]><empty></empty>") == ""
    assert problem(b"<empty/>", b"<a>1</a>") == "the element a is given twice"
    assert problem(b"<empty/>", b"<b><c/></b>") == "its body is not flat XML"
    assert problem(b"<xml>", b"<!DOCTYPE xml [<!ENTITY e 'x'>]><xml>") == "its body is not flat XML"
    assert problem(b"sign>", b"sing>") == "it is not signed: the element sign is missing"
    for body in (b"", b"{}", b"<xml/>"):
        with pytest.raises(ValueError, match="only a flat XML body"):
            merchant.sign(HttpRequest("POST", "/", (), body), MOMENT)
        assert provider.sign(HttpResponse(200, {}, body), signed, MOMENT).body == body


def test_wechat_v2_where_answers_are_not_signed() -> None:
    merchant, provider = made("wechat_v2", answers=False, callbacks=False)
    answer = CASES["wechat_v2"].answer("x")
    assert provider.sign(answer, REQUEST, MOMENT) == answer
    assert provider.sign_callback(REQUEST, MOMENT) == REQUEST
    assert merchant.problem_of(answer, REQUEST) == merchant.problem_of_callback(REQUEST) == ""


def test_unionpay() -> None:
    merchant, provider = made("unionpay")
    signed = merchant.sign(HttpRequest("POST", "/", (), b"txnAmt=1&memo="), MOMENT)
    assert b"&certId=68759663125&signMethod=01&signature=" in signed.body

    def problem(old: bytes, new: bytes) -> str:
        assert old in signed.body
        return provider.problem_of(signed._replace(body=signed.body.replace(old, new)))

    assert problem(b"memo=", b"memo=x") == "its signature is wrong"
    assert problem(b"memo=", b"txnAmt=2") == "the field txnAmt is given twice"
    assert problem(b"memo=", b"memo") == "its body is not a form"
    assert problem(b"&signature=", b"&sig=") == "it is not signed: the field signature is missing"
    assert made("unionpay", cert_id="1").provider.problem_of(signed) == "its certId is not 1"
    with pytest.raises(ValueError, match="only a form"):
        merchant.sign(REQUEST, MOMENT)
    assert provider.sign(ANSWER, signed, MOMENT) == ANSWER


@pytest.mark.parametrize(
    ("body", "pairs"),
    [
        (b"a=1&b=x=y&c=", [("a", "1"), ("b", "x=y"), ("c", "")]),
        (b"a={b=1&c=[2&3]}&d=4", [("a", "{b=1&c=[2&3]}"), ("d", "4")]),
        (b"a=%41+b", [("a", "%41+b")]),
        (b"a&b=1", None),
        (b"", None),
        (b"\xff=1", None),
    ],
)
def test_the_fields_of_unionpay_s_answers(body: bytes, pairs: list[tuple[str, str]] | None) -> None:
    assert split_response(body) == pairs


# jws_detached, fspiop


def _with_protected(value: str, **changes: Any) -> str:
    protected, _, rest = value.partition(".")
    header_ = json.loads(base64.urlsafe_b64decode(protected + "=="))
    text = json.dumps({k: v for k, v in {**header_, **changes}.items() if v is not None}).encode()
    return f"{base64.urlsafe_b64encode(text).rstrip(b'=').decode()}.{rest}"


def test_jws_detached() -> None:
    iat = "http://openbanking.org.uk/iat"
    more = {"key_id": "k1", "claims": {iat: "${timestamp}", "iss": "me"}, "critical": [iat], "tolerance": "5m"}
    merchant, provider = made("jws_detached-PS256", **more)
    signed = merchant.sign(REQUEST, MOMENT)
    value = header(signed, "x-jws-signature")
    protected = json.loads(base64.urlsafe_b64decode(value.partition(".")[0] + "=="))
    assert protected == {
        "alg": "PS256",
        "kid": "k1",
        iat: MOMENT.unix_s,
        "iss": "me",
        "b64": False,
        "crit": [iat, "b64"],
    }

    def problem(new: str, at: TimestampNonce | None = MOMENT) -> str:
        return provider.problem_of(with_header(signed, "x-jws-signature", new), at)

    assert problem(value) == problem(value, None) == ""
    assert problem(value, LATER) == "its timestamp is 301 s old, more than 300 s"
    assert problem(_with_protected(value, alg="none")) == "its alg is not PS256"
    assert problem(_with_protected(value, kid="k2")) == "its kid is not k1"
    assert problem(_with_protected(value, crit=[iat, "b64", "exp"])) == "its crit names what is not understood"
    assert problem(_with_protected(value, crit="b64")) == "its crit names what is not understood"
    assert problem(_with_protected(value, crit=[iat])) == "its b64 is not false"
    assert problem(_with_protected(value, b64=True)) == "its b64 is not false"
    assert problem(_with_protected(value, **{iat: "soon"})) == f"its {iat} is missing, or no number"
    assert problem(_with_protected(value, iss="you")) == "its signature is wrong"
    for nonsense in ("", "..", "a.b.c", value.replace("..", "."), "W10..x", "e30=..x"):
        assert problem(nonsense) == "the header x-jws-signature is no detached signature"
    twice = base64.urlsafe_b64encode(b'{"alg":"PS256","alg":"none"}').rstrip(b"=").decode()
    assert problem(f"{twice}..x") == "the header x-jws-signature is no detached signature"


def test_a_message_without_a_body_has_no_jws() -> None:
    for name in ("jws_detached-RS256", "fspiop"):
        merchant, provider = made(name)
        empty = merchant.sign(REQUEST._replace(method="GET", body=b""), MOMENT)
        assert not any("signature" in key.lower() for key, _ in empty.headers)
        assert provider.problem_of(empty) == ""


def test_jws_detached_of_a_provider_that_signs_nothing() -> None:
    for more in ({"provider_key": None}, {"answers": False, "callbacks": False}):
        merchant, provider = made("jws_detached-RS256", **more)
        assert provider.sign(ANSWER, REQUEST, MOMENT) == ANSWER
        assert provider.sign_callback(REQUEST, MOMENT) == REQUEST
        assert merchant.problem_of(ANSWER, REQUEST) == merchant.problem_of_callback(REQUEST) == ""


def test_fspiop() -> None:
    merchant, provider = made("fspiop")
    signed = merchant.sign(REQUEST, MOMENT)
    signature = json.loads(header(signed, "FSPIOP-Signature"))

    def problem(**changes: Any) -> str:
        return provider.problem_of(with_header(signed, "FSPIOP-Signature", json.dumps({**signature, **changes})))

    protected = signature["protectedHeader"]
    assert problem(protectedHeader=_with_protected(protected, alg="HS256").rstrip(".")) == "its alg is not RS256"
    assert (
        problem(protectedHeader=_with_protected(protected, crit=[]).rstrip("."))
        == "its crit names what is not understood"
    )
    for changes in ({"protectedHeader": 1}, {"signature": None}, {"more": 1}, {"protectedHeader": "W10"}):
        assert "does not hold a signature" in problem(**changes)
    assert (
        provider.problem_of(signed._replace(target="/other")) == "its protected FSPIOP-URI is not that of the request"
    )
    assert provider.problem_of(with_header(signed, "FSPIOP-Source", None)) == "the header FSPIOP-Source is missing"
    assert provider.problem_of(with_header(signed, "FSPIOP-Source", "dfsp3")) == "its FSPIOP-Source is not dfsp1"
    assert "Date" in provider.problem_of(with_header(signed, "Date", "today"))
    own = merchant.sign(with_header(REQUEST, "FSPIOP-Source", "dfsp1"), MOMENT)
    assert header(own, "FSPIOP-Source") == "dfsp1"
    unverified = made("fspiop", provider_key=None, destination=None)
    assert unverified.provider.sign_callback(REQUEST, MOMENT) == REQUEST
    assert unverified.merchant.problem_of_callback(REQUEST) == unverified.merchant.problem_of(ANSWER, REQUEST) == ""


# http_message_signatures


def test_http_message_signatures() -> None:
    more = {"key_id": "k1", "provider_key_id": "p1", "tag": "t", "authority": "api.example.com", "tolerance": "5m"}
    covered = [
        "@method",
        "@target-uri",
        "@scheme",
        "@authority",
        "@query",
        '@query-param;name="a%20b"',
        "content-digest",
    ]
    merchant, provider = made(
        "http_message_signatures-ed25519",
        **more, request=covered, parameters=["alg", "created", "keyid", "tag", "nonce"], digest="sha-512",
    )  # fmt: skip
    signed = merchant.sign(REQUEST._replace(target="/?a+b=c~d&x=1"), MOMENT)
    assert header(signed, "content-digest").startswith("sha-512=:")
    inputs = header(signed, "Signature-Input")

    def problem(old: str, new: str, at: TimestampNonce | None = MOMENT) -> str:
        assert old in inputs
        return provider.problem_of(with_header(signed, "Signature-Input", inputs.replace(old, new)), at)

    assert problem("sig1", "sig1") == problem("sig1", "sig1", None) == ""
    assert problem("sig1", "sig1", LATER) == "its timestamp is 301 s old, more than 300 s"
    assert problem('"@method" ', "") == 'its signature does not cover "@method"'
    assert problem('"@method"', '"@method" "@method"') == 'the component "@method" is given twice'
    assert problem('"@method"', '"@method" "@status"') == "a request has no @status"
    assert problem('"@method"', '"@method" "@other"') == "the component @other is not known"
    assert problem('"@method"', '"@method" "date"') == "the header date is missing"
    assert problem('"@method"', '"@method" "x";sf') == 'the component "x";sf has parameters that are not known'
    assert problem('"@method"', '"@method" "@query-param";name="z"') == "the parameter z is missing"
    assert problem("sig1", "sig2") == "there is no signature called sig1"
    assert problem("k1", "k2") == "its keyid is not k1"
    assert problem('tag="t"', 'tag="u"') == "its tag is not t"
    assert problem('alg="ed25519"', 'alg="hmac-sha256"') == "its alg is not ed25519"
    assert problem(";created=1700000000", "") == "its signature does not say when it was created"
    assert problem(";created", ";expires=1699999999;created") == "its signature expired 1 s ago"
    assert problem("nonce", "nonec") == "its signature is wrong"
    for new in ("sig1=(", "sig1", ""):
        assert problem(inputs, new) == "the header Signature-Input cannot be read"
    two = with_header(signed, "Signature-Input", f'other=("@status");x, {inputs}')
    assert provider.problem_of(two, MOMENT) == ""
    assert provider.problem_of(with_header(signed, "Signature", "sig1=x")) == "the header Signature cannot be read"
    assert provider.problem_of(signed._replace(body=b"")) == "its Content-Digest is not that of its body"
    for value, says in [
        ("md5=:AA==:", "no algorithm that is known"),
        ("sha256=:AA==:", "no algorithm that is known"),
        ("sha-256=:AA==:", "not that of its body"),
    ]:
        assert says in provider.problem_of(with_header(signed, "Content-Digest", value))
    assert "several times" in provider.problem_of(signed._replace(target="/?a+b=c~d&a+b=1"))


def test_http_message_signatures_that_cannot_be_made() -> None:
    for request, says in [(["date"], "the header date is missing"), (["@authority"], "the host is not known")]:
        with pytest.raises(ValueError, match=says):
            made("http_message_signatures-ed25519", request=request).merchant.sign(REQUEST, MOMENT)
    answer = made("http_message_signatures-ed25519", answer=["@method"])
    with pytest.raises(ValueError, match="only ;req"):
        answer.provider.sign(ANSWER, REQUEST, MOMENT)


def test_http_message_signatures_in_headers_of_their_own() -> None:
    merchant, provider = made("http_message_signatures-gocardless", authority="api.example.com", request=["@authority"])
    signed = merchant.sign(REQUEST, MOMENT)
    for name in ("Gc-Signature-Input", "Gc-Signature"):
        without = provider.problem_of(with_header(signed, name, None))
        assert without == f"it is not signed: the header {name} is missing"
        assert provider.problem_of(with_header(signed, name, "?")) == f"the header {name} cannot be read"
    by_gateway = signed._replace(headers=(("Host", "127.0.0.1:8080"), *signed.headers))
    assert provider.problem_of(by_gateway) == ""
    other = made("http_message_signatures-gocardless", authority="api.example.org", request=["@authority"]).provider
    assert other.problem_of(by_gateway) == "its signature is wrong"


def test_what_a_message_without_a_body_covers() -> None:
    parts = ["@method", "content-type", "content-length", "content-digest"]
    merchant, provider = made("http_message_signatures-ed25519", request=parts)
    bare = REQUEST._replace(method="GET", headers=(), body=b"")
    signed = merchant.sign(bare, MOMENT)
    assert header(signed, "Signature-Input").startswith('sig1=("@method");')
    assert provider.problem_of(signed) == provider.problem_of(with_header(signed, "content-length", "0")) == ""
    assert "does not cover" in provider.problem_of(with_header(signed, "content-type", "text/plain"))
    assert "does not cover" in provider.problem_of(signed._replace(body=b"{}"))
    typed = merchant.sign(bare._replace(headers=(("content-type", "text/plain"),)), MOMENT)
    assert header(typed, "Signature-Input").startswith('sig1=("@method" "content-type");')
    assert provider.problem_of(typed) == ""


def test_http_message_signatures_of_requests_alone() -> None:
    merchant, provider = made("http_message_signatures-ed25519", answer=None, callback=None)
    assert provider.sign(ANSWER, REQUEST, MOMENT) == ANSWER
    assert provider.sign_callback(REQUEST, MOMENT) == REQUEST
    assert merchant.problem_of(ANSWER, REQUEST) == merchant.problem_of_callback(REQUEST) == ""


# oauth2, mtls, hook

CLIENT = {"token_path": "/token", "client_id": "id 1", "client_secret": "s&cret"}


@pytest.mark.parametrize("client_auth", ["basic", "body"])
def test_oauth2(client_auth: str) -> None:
    settings = OAuth2.model_validate({**CLIENT, "client_auth": client_auth, "scope": "payouts"})
    request = token_request(settings)
    fields = dict(parse_qsl(request.body.decode()))
    assert (request.method, request.target) == ("POST", "/token")
    assert fields["grant_type"] == "client_credentials" and fields["scope"] == "payouts"
    if client_auth == "basic":
        assert base64.b64decode(header(request, "authorization").split()[1]) == b"id+1:s%26cret"
    else:
        assert (fields["client_id"], fields["client_secret"]) == ("id 1", "s&cret")
    provider = OAuth2Provider(settings)
    token = read_token(provider.token_answer(request))
    assert token.expires_in_s == 3600
    holder = token_holder(merchant_of(oauth2=settings.model_dump()))
    assert holder is not None
    with pytest.raises(ValueError, match="no access token yet"):
        holder.sign(REQUEST, MOMENT)
    holder.token = token.text
    assert provider.problem_of(holder.sign(REQUEST, MOMENT)) == ""
    assert "holds no token" in provider.problem_of(with_header(REQUEST, "authorization", "Bearer other"))
    assert "missing" in provider.problem_of(REQUEST)
    strange = request._replace(headers=(), body=b"client_id=x&client_secret=y")
    with pytest.raises(ValueError, match=r"401, no access token was given \('invalid_client'\)"):
        read_token(provider.token_answer(strange))
    other_grant = request._replace(body=request.body.replace(b"client_credentials", b"password"))
    assert provider.token_answer(other_grant).status == 400


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b'{"access_token": "t"}', AccessToken("t", None)),
        (200, b'{"access_token": "t", "expires_in": "60"}', AccessToken("t", 60)),
        (200, b'{"access_token": "t", "expires_in": -1}', AccessToken("t", None)),
        (500, b'{"access_token": "t"}', "500, no access token was given"),
        (200, b'{"access_token": 1}', "no access token was given"),
        (200, b"<html>", "not a JSON object"),
        (200, b"[]", "not a JSON object"),
    ],
)
def test_reading_a_token(status: int, body: bytes, found: AccessToken | str) -> None:
    answer = HttpResponse(status, {}, body)
    if isinstance(found, AccessToken):
        assert read_token(answer) == found
    else:
        with pytest.raises(ValueError, match=found):
            read_token(answer)


def test_where_a_token_is_to_be_had() -> None:
    other = {"client_id": "i", "client_secret": "s"}
    for url, target in [("https://id.example.com/t?x=1", "/t?x=1"), ("https://id.example.com", "/")]:
        assert token_request(OAuth2.model_validate({**other, "token_url": url})).target == target
    refused({"oauth2": other}, "nowhere to ask for a token")
    refused({"oauth2": {**CLIENT, "token_url": "https://id.example.com"}}, "together")


def test_mtls(tmp_path: Path) -> None:
    for name in ("client.pem", "client.key"):
        (tmp_path / name).write_text("x")
    auth = "{bearer: sk, mtls: {certificate: client.pem, private_key: client.key}}"
    contract = loaded(tmp_path, changed("{bearer: sk_main}", auth)).contract
    account = contract.accounts["main"].auth
    assert client_certificate(account) == (tmp_path / "client.pem", tmp_path / "client.key")
    assert isinstance(merchant_side(account), FixedHeaders)
    (tmp_path / "client.key").unlink()
    with pytest.raises(FileError, match=r'"accounts.main.auth.mtls.private_key": there is no such file'):
        loaded(tmp_path, changed("{bearer: sk_main}", auth))
    emulated = Auth.model_validate({"mtls": {"certificate": "emulated-A", "private_key": "emulated-B"}})
    assert client_certificate(emulated) is client_certificate(None) is None
    both = sides(mtls={"certificate": "emulated-A", "private_key": "emulated-B"})
    assert both.provider.problem_of(both.merchant.sign(REQUEST, MOMENT)) == ""


@pytest.fixture
def outsider(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A scheme as another package would register it."""
    monkeypatch.setattr(SCHEMES, "_things", dict(SCHEMES._things))
    SCHEMES.add(
        "of-a-package",
        Scheme(
            name="of-a-package",
            about="A header.",
            settings=Basic,
            merchant=lambda settings: FixedHeaders(("x-user", settings.username)),
            provider=lambda settings: FixedHeaderProvider("x-user", settings.username),
        ),
    )
    yield


@pytest.mark.usefixtures("outsider")
def test_a_scheme_of_another_package() -> None:
    merchant, provider = sides(hook={"name": "of-a-package", "settings": {"username": "u"}})
    signed = merchant.sign(REQUEST, MOMENT)
    assert header(signed, "x-user") == "u"
    assert provider.problem_of(signed) == ""
    for settings, path in [({}, ("settings", "username")), ({"usernam": "u"}, ("settings", "usernam"))]:
        with pytest.raises(ContractError) as failure:
            sides(hook={"name": "of-a-package", "settings": settings})
        assert failure.value.path == ("hook", *path)


def test_a_hook_that_nobody_brings() -> None:
    with pytest.raises(ContractError, match='no signing scheme is called "nobody-s"') as failure:
        sides(hook={"name": "nobody-s"})
    assert failure.value.path == ("hook", "name") and "install the package" in failure.value.mend
    with pytest.raises(ContractError, match="takes no settings as a mapping"):
        sides(hook={"name": BEARER.name})


# settings


@pytest.mark.parametrize(
    ("auth", "says"),
    [
        ({"jws_detached": {"algorithm": "HS256"}}, "HS256 needs it"),
        ({"jws_detached": {"algorithm": "RS256"}}, "RS256 needs it"),
        ({"jws_detached": {"private_key": "emulated-A", "claims": {"alg": "none"}}}, "alg has a field of its own"),
        ({"jws_detached": {"private_key": "emulated-A", "tolerance": "5m"}}, "no claim is ${timestamp}"),
        ({"http_message_signatures": {"algorithm": "hmac-sha256"}}, "hmac-sha256 needs it"),
        ({"http_message_signatures": {"algorithm": "ed25519"}}, "ed25519 needs it"),
        ({"http_message_signatures": {"algorithm": "ed25519", "private_key": "x", "answer": []}}, "so it is needed"),
        (
            {"http_message_signatures": {"algorithm": "ed25519", "private_key": "x", "parameters": [], "tolerance": "5m"}},
            "no parameter created",
        ),
        ({"http_message_signatures": {"algorithm": "ed25519", "private_key": "x", "request": ["@Method"]}}, "in lower case"),
        ({"http_message_signatures": {"algorithm": "ed25519", "private_key": "x", "request": ["@query-param;name=a b"]}}, "in lower case"),
        ({"http_message_signatures": {"algorithm": "ed25519", "private_key": "x", "key_id": 'a"b'}}, "key_id"),
        ({"http_message_signatures": {"algorithm": "ed25519", "private_key": "x", "input_header": "signature"}}, "the header of the signatures"),
        ({"wechatpay2": {"mchid": "1"}}, "serial_no"),
        ({"oauth2": {**CLIENT, "token_path": "token"}}, "token_path"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used(auth: dict[str, Any], says: str) -> None:
    refused(auth, says)
