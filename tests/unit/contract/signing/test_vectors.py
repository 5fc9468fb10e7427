"""Signatures that others made: the examples of specifications, documentation and official libraries."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.signing.algorithms import ALGORITHMS
from ackord.contract.signing.keys import emulator_key

from .support import header, merchant_of, sides

NOBODY = HttpRequest("GET", "/", (), b"")

# RFC 7515, appendix A; the key of A.2 by its modulus, those of A.3 and A.4 by their points.

JWS_PAYLOAD = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
JWS_SECRET = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
JWS_MODULUS = (
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
    "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
    "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
)
JWS_POINTS: dict[str, tuple[ec.EllipticCurve, str, str]] = {
    "ES256": (
        ec.SECP256R1(),
        "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    ),
    "ES512": (
        ec.SECP521R1(),
        "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    ),
}


def _integer(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


def _pem(key: Any) -> str:
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return str(pem.decode())


def _jws(algorithm: str) -> dict[str, Any]:
    if algorithm == "HS256":
        return {"algorithm": algorithm, "secret": JWS_SECRET, "secret_form": "base64url"}
    key: Any = rsa.RSAPublicNumbers(65537, _integer(JWS_MODULUS)).public_key()
    if algorithm in JWS_POINTS:
        curve, x, y = JWS_POINTS[algorithm]
        key = ec.EllipticCurvePublicNumbers(_integer(x), _integer(y), curve).public_key()
    return {"algorithm": algorithm, "private_key": "emulated-A", "provider_key": _pem(key)}


@pytest.mark.parametrize(
    ("algorithm", "protected", "payload", "signature"),
    [
        (
            "HS256",
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
            JWS_PAYLOAD,
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        (
            "RS256",
            "eyJhbGciOiJSUzI1NiJ9",
            JWS_PAYLOAD,
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1"
            "dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jz"
            "DwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe"
            "77Rw",
        ),
        (
            "ES256",
            "eyJhbGciOiJFUzI1NiJ9",
            JWS_PAYLOAD,
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
        (
            "ES512",
            "eyJhbGciOiJFUzUxMiJ9",
            b"Payload",
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3"
            "xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
        ),
    ],
)
def test_jws(algorithm: str, protected: str, payload: bytes, signature: str) -> None:
    """RFC 7515, appendices A.1 to A.4, detached as appendix F has it."""
    merchant = merchant_of(jws_detached=_jws(algorithm))
    answer = HttpResponse(200, {"x-jws-signature": f"{protected}..{signature}"}, payload)
    assert merchant.problem_of(answer, NOBODY) == ""
    assert merchant.problem_of(answer._replace(body=payload[:-1]), NOBODY) == "its signature is wrong"


def test_a_jws_over_a_payload_as_it_is() -> None:
    """RFC 7797, sections 4.1 and 4.2: the payload is `$.02`, the key that of RFC 7515, appendix A.1."""
    payload = NOBODY._replace(method="POST", body=b"$.02")
    merchant = merchant_of(jws_detached=_jws("HS256"))
    assert header(merchant.sign(payload, TimestampNonce()), "x-jws-signature") == (
        "eyJhbGciOiJIUzI1NiJ9..5mvfOroL-g7HyqJoozehmsaqmvTYGEq5jTI1gVvoEoQ"
    )
    merchant, provider = sides(jws_detached=_jws("HS256") | {"b64": False})
    signed = merchant.sign(payload, TimestampNonce())
    assert header(signed, "x-jws-signature") == (
        "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY"
    )
    assert provider.problem_of(signed) == ""


def test_the_curve_p_384() -> None:
    """RFC 6979, A.2.6, with SHA-384: no specification of signed messages has an example on this curve."""
    x = "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13"
    y = "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720"
    r = "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46"
    s = "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"
    key = ec.EllipticCurvePublicNumbers(int(x, 16), int(y, 16), ec.SECP384R1()).public_key()
    verify = ALGORITHMS["ecdsa-p384-sha384"].verify
    verify(key, b"sample", bytes.fromhex(r + s))
    for message, signature in [(b"simple", r + s), (b"sample", s + r), (b"sample", r + s + "00")]:
        with pytest.raises(InvalidSignature):
            verify(key, message, bytes.fromhex(signature))


# RFC 9421, appendix B.

B2_REQUEST = HttpRequest(
    "POST",
    "/foo?param=Value&Pet=dog",
    (
        ("Host", "example.com"),
        ("Date", "Tue, 20 Apr 2021 02:07:55 GMT"),
        ("Content-Type", "application/json"),
        (
            "Content-Digest",
            "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:",
        ),
        ("Content-Length", "18"),
    ),
    b'{"hello": "world"}',
)
B2_ANSWER = HttpResponse(
    200,
    {
        "date": "Tue, 20 Apr 2021 02:07:56 GMT",
        "content-type": "application/json",
        "content-digest": "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:",
        "content-length": "23",
    },
    b'{"message": "good dog"}',
)
RSA_PSS = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----"""
ECC_P256 = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----"""
ED25519 = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----"""
SHARED = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="


@pytest.mark.parametrize(
    ("covered", "more", "signature"),
    [
        (
            [],
            ';keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
            "d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG"
            "52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVro"
            "gUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ"
            "98Xw9Q==",
        ),
        (
            ["@authority", "content-digest", '@query-param;name="Pet"'],
            ';keyid="test-key-rsa-pss";tag="header-example"',
            "LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT"
            "8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBS"
            "pqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTu"
            "gEjHSw==",
        ),
        (
            ["date", "@method", "@path", "@query", "@authority", "content-type", "content-digest", "content-length"],
            ';keyid="test-key-rsa-pss"',
            "bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fU"
            "xN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA"
            "1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKE"
            "gM4cUA==",
        ),
    ],
    ids=["B.2.1", "B.2.2", "B.2.3"],
)
def test_requests_signed_by_rsa_pss(covered: list[str], more: str, signature: str) -> None:
    """RFC 9421, B.2.1 to B.2.3, with test-key-rsa-pss."""
    settings = {
        "algorithm": "rsa-pss-sha512",
        "private_key": "emulated-A",
        "provider_key": RSA_PSS,
        "label": "sig-b2",
        "provider_key_id": "test-key-rsa-pss",
        "callback": covered,
    }
    merchant = merchant_of(http_message_signatures=settings)
    names = [f'"{name}"' if ";" not in name else '"@query-param";name="Pet"' for name in covered]
    signed = B2_REQUEST._replace(
        headers=(
            *B2_REQUEST.headers,
            ("Signature-Input", f"sig-b2=({' '.join(names)});created=1618884473{more}"),
            ("Signature", f"sig-b2=:{signature}:"),
        )
    )
    assert merchant.problem_of_callback(signed) == ""
    for wrong in (
        signed._replace(headers=(("Host", "example.org"), *signed.headers[1:])),
        signed._replace(target="/foo?param=Value&Pet=cat"),
    ):
        assert (merchant.problem_of_callback(wrong) == "its signature is wrong") is bool(covered)


def test_an_answer_signed_by_ecdsa() -> None:
    """RFC 9421, B.2.4, with test-key-ecc-p256."""
    covered = ["@status", "content-type", "content-digest", "content-length"]
    settings = {
        "algorithm": "ecdsa-p256-sha256",
        "private_key": "emulated-A",
        "provider_key": ECC_P256,
        "label": "sig-b24",
        "answer": covered,
    }
    merchant = merchant_of(http_message_signatures=settings)
    signed = B2_ANSWER._replace(
        headers={
            **B2_ANSWER.headers,
            "signature-input": 'sig-b24=("@status" "content-type" "content-digest" '
            '"content-length");created=1618884473;keyid="test-key-ecc-p256"',
            "signature": "sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:",
        }
    )
    assert merchant.problem_of(signed, B2_REQUEST) == ""
    assert merchant.problem_of(signed._replace(status=201), B2_REQUEST) == "its signature is wrong"


@pytest.mark.parametrize(
    ("settings", "covered", "expected"),
    [
        (
            {"algorithm": "hmac-sha256", "secret": SHARED, "secret_form": "base64", "label": "sig-b25", "key_id": "test-shared-secret"},
            ["date", "@authority", "content-type"],
            "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
        ),
        (
            {"algorithm": "ed25519", "private_key": ED25519, "label": "sig-b26", "key_id": "test-key-ed25519"},
            ["date", "@method", "@path", "@authority", "content-type", "content-length"],
            "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
        ),
    ],
    ids=["B.2.5", "B.2.6"],
)  # fmt: skip
def test_requests_signed_without_chance(settings: dict[str, Any], covered: list[str], expected: str) -> None:
    """RFC 9421, B.2.5 and B.2.6: these algorithms make the very signature of the example."""
    more = {"request": covered, "parameters": ["created", "keyid"]}
    merchant, provider = sides(http_message_signatures=settings | more)
    signed = merchant.sign(B2_REQUEST, TimestampNonce(1618884473))
    names = " ".join(f'"{name}"' for name in covered)
    assert header(signed, "Signature-Input") == (
        f'{settings["label"]}=({names});created=1618884473;keyid="{settings["key_id"]}"'
    )
    assert header(signed, "Signature") == expected
    assert provider.problem_of(signed) == ""


# GoCardless.


@pytest.mark.parametrize(
    ("request_", "covered", "lines"),
    [
        (HttpRequest("GET", "/test?a=b", (), b""), "", ""),
        (
            HttpRequest("POST", "/test?a=b", (("Content-Type", "application/json"),), b"test content"),
            ' "content-digest" "content-type" "content-length"',
            '"content-digest": sha256=:auinVVUgn9bEQVfArtgBbnY/9DWhnPGG92hjFAFD/3I=:\n"content-type": '
            'application/json\n"content-length": 12\n',
        ),
    ],
    ids=["without a body", "with a body"],
)
def test_gocardless_s_requests(request_: HttpRequest, covered: str, lines: str) -> None:
    """What the tests of its official Node.js library expect (apiRequestSigning.test.ts); the signature, which chance is
    in, is verified by hand.
    """
    settings = {
        "algorithm": "ecdsa-p521-sha512-der",
        "private_key": "emulated-A",
        "key_id": "PublicKeyId",
        "signature_header": "Gc-Signature",
        "input_header": "Gc-Signature-Input",
        "label": "sig-1",
        "parameters": ["keyid", "created", "nonce"],
        "digest": "sha256",
        "authority": "api.example.com",
        "request": ["@method", "@authority", "@request-target", "content-digest", "content-type", "content-length"],
    }
    merchant, provider = sides(http_message_signatures=settings)
    signed = merchant.sign(request_, TimestampNonce(123, "nonce"))
    params = f'("@method" "@authority" "@request-target"{covered});keyid="PublicKeyId";created=123;nonce="nonce"'
    assert header(signed, "Gc-Signature-Input") == f"sig-1={params}"
    start = f'"@method": {request_.method}\n"@authority": api.example.com\n"@request-target": /test?a=b\n'
    base = f'{start}{lines}"@signature-params": {params}'
    signature = base64.b64decode(header(signed, "Gc-Signature").removeprefix("sig-1=:").removesuffix(":"))
    key = emulator_key("merchant", "ec-p521").public_key()
    key.verify(signature, base.encode(), ec.ECDSA(hashes.SHA512()))
    length = ("Content-Length", str(len(request_.body)))  # as a client adds it, and its own address
    arrived = signed._replace(headers=(("Host", "127.0.0.1:8080"), length, *signed.headers))
    assert provider.problem_of(arrived) == ""


# WeChat Pay.


@pytest.mark.parametrize(
    ("algorithm", "sign"),
    [
        ("MD5", "9A0A8659F005D6984697E2CA0A9CF3B7"),
        ("HMAC-SHA256", "6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6"),
    ],
)
def test_wechat_pay_s_api_v2(algorithm: str, sign: str) -> None:
    """The example of its documentation, chapter 4.3 (签名算法)."""
    body = (
        "<xml><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><device_info>1000</device_info><body>test</body>"
        "<nonce_str>ibuaiVcKdpRxkhJA</nonce_str></xml>"
    )
    merchant, provider = sides(wechat_v2={"key": "192006250b4c09247ec02edce69f6a2d", "algorithm": algorithm})
    signed = merchant.sign(HttpRequest("POST", "/pay", (), body.encode()), TimestampNonce())
    assert signed.body.decode() == body.replace("</xml>", f"<sign>{sign}</sign></xml>")
    assert provider.problem_of(signed) == ""


CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIDVzCCAj+gAwIBAgIJANfOWdH1ItcBMA0GCSqGSIb3DQEBCwUAMEIxCzAJBgNV
BAYTAlhYMRUwEwYDVQQHDAxEZWZhdWx0IENpdHkxHDAaBgNVBAoME0RlZmF1bHQg
Q29tcGFueSBMdGQwHhcNMjEwNDI3MDg1NTIzWhcNMzEwNDI1MDg1NTIzWjBCMQsw
CQYDVQQGEwJYWDEVMBMGA1UEBwwMRGVmYXVsdCBDaXR5MRwwGgYDVQQKDBNEZWZh
dWx0IENvbXBhbnkgTHRkMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA
2VCTd91fnUn73Xy9DLvt/V62TVxRTEEstVdeRaZ3B3leO0pldE806mXO4RwdHXag
HQ4vGeZN0yqm++rDsGK+U3AH7kejyD2pXshNP9Cq5YwbptiLGtjcquw4HNxJQUOm
DeJf2vg6byms9RUipiq4SzbJKqJFlUpbuIPDpSpWz10PYmyCNeDGUUK65E5h2B83
4uxl1zNLYQCrkdBzb8oUxwYeP5a2DNxmjL5lsJML7DGr5znsevnoqGRwTm9fxCGf
y8wus7hwKz6clt3Whmmda7UAdb1c08hEQFVRbF14AR73xbnd8N0obCWJPCbzMCtk
aSef4FdEEgEXJiw0VAJT8wIDAQABo1AwTjAdBgNVHQ4EFgQUT1c7nd/SUO76HSoZ
umNUJv1R5PwwHwYDVR0jBBgwFoAUT1c7nd/SUO76HSoZumNUJv1R5PwwDAYDVR0T
BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOCAQEAfTjxKRQMzNB/U6ZoCUS+BSNfa2Oh
0plMN6ZuzwiVVZwg1jywvv5yv04koS7Pd4i9E4gt9ZBUQXlpq+A3oOCEEHNRR6b2
kyazGRM7s0OP5X21WrbpSmKmU6K7hkfx30yYs08LVs/Q8DIhvaj1FCFeJzUCzYn/
fHMq4tsbKO0dKAeydPM/nrUZBmaYQVKMVOORGLFjFKVO7JV6Kq/R86ouhjEPgJOe
2xulNBUcjicqtZlBdEh/PWCYP2SpGVDclKm8jeo175T3EVAkdKzzmfpxtMmnMlmq
cTJOU9TxuGvNASMtjj7pYIerTx+xgZDXEVBWFW9PjJ0TV06tCRsgSHItgg==
-----END CERTIFICATE-----"""
NOTICE = (
    '{"id":"3119dfba-e649-5eec-ab1e-3412bc4d2e17","create_time":"2021-06-24T16:37:26+08:00","resource_type":"encrypt-resource",'
    '"event_type":"PAYSCORE.USER_OPEN_SERVICE","summary":"签约成功","resource":{"original_type":"payscore",'
    '"algorithm":"AEAD_AES_256_GCM","ciphertext":"YDS3lKPaC4Y52Gf3uhft5qUBlIa8b428AWTtTauHQfQrRw+X1WpiuHIDy0vo1Vd6VEq67aVyq'
    "PdDYMkRVSDaZL3iZttevRMOoPKMifozg6XPWjIZumks/GpT48lI4NizyeaqLBokNebthah3o1H76qSlO9NkDjp9bzmKLEYYH9TEklFUpsvPqOTOcgSLg"
    'h21YJXYR7dEBXFgRLiNIKRgO5JdXh1hccRUAlyVWxE54PXpnQ==","associated_data":"payscore","nonce":"Kj7QIyUiYx1q"}}'
)


def test_wechat_pay_s_api_v3() -> None:
    """A notice from the tests of its official Go library (wechatpay-go, core/notify), signed for a certificate.

    The documentation itself shows signatures, but no key that could verify them. The notice's resource is encrypted
    with a key of 16 characters, where the interface takes 32 only, so opening resources is tested there and back.
    """
    settings = {
        "mchid": "1234567890",
        "serial_no": "1",
        "private_key": "emulated-A",
        "platform_key": CERTIFICATE,
        "platform_serial": "D7CE59D1F522D701",
    }
    merchant = merchant_of(wechatpay2=settings)
    headers = (
        ("Wechatpay-Nonce", "EcZ9Cmy4Xyx1i6RlJQzLcCyEqDa26NBz"),
        ("Wechatpay-Timestamp", "1624523846"),
        ("Wechatpay-Serial", "D7CE59D1F522D701"),
        (
            "Wechatpay-Signature",
            "tJHIiIS9eB2hAYstmAmbbD3ZE5LiIm/Ug5tuL4fC0YOFRWIHV39UFIZXC0e9Wl6lBu6sKvkqDkzpqzBsVHyXFlbYZTOQrVdG4b6LfTnK4mikv9++"
            "ixJMd3vTf2yCqvBkh98zs3Ds5zsYQakzbcwhmw4fMJs4nPLws28H0UW9FjDR//rxELLwXvV1VEA1IBLX70xptjL8hrfUjEE8kkry6yNJTHZRU8CA"
            "c7qHli2Ng1V1qb9ARbK8A3ThmFmPQvRGrapI/jS2laKKgYUmfdEdkNO6B2Cke5e8VTxY406ArAmQ90GAihDwIcb16TQMnzCMBoutnwZKNiKRACrF"
            "mtxw2Q==",
        ),
    )
    notice = HttpRequest("POST", "/notice", headers, NOTICE.encode())
    assert merchant.problem_of_callback(notice, TimestampNonce(1624523846)) == ""
    assert "wrong" in merchant.problem_of_callback(notice._replace(body=NOTICE[:-1].encode()))
    assert "301 s old" in merchant.problem_of_callback(notice, TimestampNonce(1624523846 + 301))
