"""Declared signatures: the schemes hmac and rsa, against published vectors; and what is wrong with
a message, in words.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ackord.contract.base.contract_error import ContractError
from ackord.contract.base.http_messages import HttpRequest, HttpResponse, TimestampNonce
from ackord.contract.signing.keys import emulator_key
from ackord.contract.spec.auth import Auth
from ackord.errors import FileError

from ..support import changed, loaded
from .support import ANSWER, MOMENT, REQUEST, header, merchant_of, sides, with_header

PLAIN = {"string": "${body}", "headers": {"X-Signature": "${signature}"}}
SENT = HttpRequest("POST", "/v1/orders?limit=5", (), b"")
STRIPE = {
    "secret": "whsec_1",
    "callback": {
        "string": "${timestamp}.${body}",
        "headers": {"Stripe-Signature": "t=${timestamp},v1=${signature}"},
        "tolerance": "5m",
    },
}


@pytest.mark.parametrize(
    ("key", "data", "digests"),
    [
        (
            "0b" * 20,
            b"Hi There",
            {
                "sha256": "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "sha512": "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            },
        ),
        (
            b"Jefe".hex(),
            b"what do ya want for nothing?",
            {
                "sha256": "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "sha512": "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
                "md5": "750c783e6ab0b503eaa86e310a5db738",
                "sha1": "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            },
        ),
        (
            "aa" * 20,
            b"\xdd" * 50,
            {
                "sha256": "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
                "sha512": "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
            },
        ),
        (
            "aa" * 131,
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            {"sha256": "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        ),
    ],
)
def test_the_vectors_of_the_specifications(key: str, data: bytes, digests: dict[str, str]) -> None:
    """RFC 4231 (sections 4.2, 4.3, 4.4, 4.7), RFC 2104 (its appendix) and RFC 2202 (section 3, case 2)."""
    for algorithm, digest in digests.items():
        merchant, provider = sides(hmac={"secret": key, "secret_form": "hex", "algorithm": algorithm, "request": PLAIN})
        signed = merchant.sign(SENT._replace(body=data), MOMENT)
        assert header(signed, "X-Signature") == digest
        assert provider.problem_of(signed) == ""


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("hex", "750c783e6ab0b503eaa86e310a5db738"),
        ("HEX", "750C783E6AB0B503EAA86E310A5DB738"),
        ("base64", "dQx4PmqwtQPqqG4xCl23OA=="),
        ("base64url", "dQx4PmqwtQPqqG4xCl23OA"),
    ],
)
def test_how_a_signature_is_written(encoding: str, expected: str) -> None:
    merchant, provider = sides(hmac={"secret": "Jefe", "algorithm": "md5", "encoding": encoding, "request": PLAIN})
    signed = merchant.sign(SENT._replace(body=b"what do ya want for nothing?"), MOMENT)
    assert header(signed, "X-Signature") == expected
    for other in (expected.swapcase(), expected + "=", expected[:-1], f" {expected}"):
        assert provider.problem_of(with_header(signed, "X-Signature", other)) != ""


def test_a_plain_digest_of_a_string_with_the_secret_in_it() -> None:
    """The MD5 of "message digest" is the example of RFC 1321."""
    declared = {"string": "${body} ${secret}", "headers": {"sign": "${signature}"}}
    merchant, provider = sides(hmac={"secret": "digest", "algorithm": "md5", "request": declared})
    signed = merchant.sign(SENT._replace(body=b"message"), MOMENT)
    assert header(signed, "sign") == "f96b697d7cb7938d525a2f31aaf161d0"
    assert provider.problem_of(signed) == ""


def test_every_variable() -> None:
    everything = (
        "${method}|${target}|${path}|${query}|${body}|${body.sha256}|${body.sha256.base64}|${body.sha512}|${body.md5}|"
        "${body.md5.base64}|${timestamp}|${nonce}|${key_id}|${header.X-Date}|${header.absent}|$${literal}"
    )
    headers = {"X-Time": "${timestamp}", "X-Nonce": "${nonce}", "X-Auth": "id=${key_id} d=${body.md5} s=${signature}"}
    settings = {"secret": "s", "key_id": "k.1", "request": {"string": everything, "headers": headers}}
    merchant, provider = sides(hmac=settings)
    request = HttpRequest("PUT", "/a?b=c", (("x-date", "today"),), b"{}")
    signed = merchant.sign(request, MOMENT)
    expected = (
        "PUT|/a?b=c|/a|b=c|{}|44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a|"
        "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=|"
        "27c74670adb75075fad058d5ceaf7b20c4e7786c83bae8a32f626f9782af34c9a33c2046ef60fd2a7878d378e29fec851806bbd9a67878f3a9f1cda4830763fd|"
        f"99914b932bd37a50b983c5e7c90ae93b|mZFLkyvTelC5g8XnyQrpOw==|1700000000|{MOMENT.nonce}|k.1|today||${{literal}}"
    )
    same_string = {"secret": "s", "request": {"string": "${body}", "headers": {"X-Auth": "${signature}"}}}
    by_hand = sides(hmac=same_string).merchant.sign(SENT._replace(body=expected.encode()), MOMENT)
    start, _, signature = header(signed, "X-Auth").rpartition("=")
    assert (start, signature) == ("id=k.1 d=99914b932bd37a50b983c5e7c90ae93b s", header(by_hand, "X-Auth"))
    assert provider.problem_of(signed) == ""
    for name, value in [
        ("X-Auth", header(signed, "X-Auth").replace("k.1", "k.2")),
        ("X-Auth", header(signed, "X-Auth").replace("d=9", "d=8")),
        ("X-Time", "1700000001"),
        ("X-Nonce", "another"),
        ("x-date", "tomorrow"),
    ]:
        assert provider.problem_of(with_header(signed, name, value)) != "", name


@pytest.mark.parametrize(
    ("variable", "shown", "later"),
    [
        ("timestamp", "1700000000", "1700000301"),
        ("timestamp.ms", "1700000000000", "1700000301000"),
        ("timestamp.iso", "2023-11-14T22:13:20Z", "2023-11-14T22:18:21Z"),
    ],
)
def test_the_age_of_a_message(variable: str, shown: str, later: str) -> None:
    declared = {
        "string": f"${{{variable}}}${{body}}",
        "headers": {"X-Time": f"${{{variable}}}", "X-Sign": "${signature}"},
        "tolerance": "5m",
    }
    merchant, provider = sides(hmac={"secret": "s", "request": declared})
    signed = merchant.sign(REQUEST, MOMENT)
    assert header(signed, "X-Time") == shown
    assert provider.problem_of(signed) == provider.problem_of(signed, MOMENT) == ""
    assert provider.problem_of(signed, TimestampNonce(MOMENT.unix_s + 300)) == ""
    assert (
        provider.problem_of(signed, TimestampNonce(MOMENT.unix_s + 301))
        == "its timestamp is 301 s old, more than 300 s"
    )
    assert (
        provider.problem_of(signed, TimestampNonce(MOMENT.unix_s - 301))
        == "its timestamp is 301 s ahead, more than 300 s"
    )
    assert "wrong" in provider.problem_of(with_header(signed, "X-Time", later), TimestampNonce(MOMENT.unix_s + 301))


def test_a_timestamp_that_cannot_be_read() -> None:
    declared = {
        "string": "${timestamp.iso}",
        "headers": {"X": "${timestamp.iso} ${signature}"},
        "tolerance": "5m",
    }
    merchant, provider = sides(hmac={"secret": "s", "request": declared})
    value = header(merchant.sign(REQUEST, MOMENT), "X")
    broken = with_header(REQUEST, "X", value.replace("2023-11-14T", "2023-99-14T"))
    assert provider.problem_of(broken, MOMENT) == "its timestamp cannot be read"


def test_stripe_s_callbacks() -> None:
    """The scheme is documented without a vector that holds its secret, so this goes there and back."""
    merchant, provider = sides(bearer="sk_test_1", hmac=STRIPE)
    callback = provider.sign_callback(HttpRequest("POST", "/hook", (), b'{"id": "evt_1"}'), MOMENT)
    value = header(callback, "Stripe-Signature")
    assert value.startswith("t=1700000000,v1=")
    assert merchant.problem_of_callback(callback, MOMENT) == ""

    def problem(value: str | None, at: TimestampNonce = MOMENT) -> str:
        return merchant.problem_of_callback(with_header(callback, "Stripe-Signature", value), at)

    time, _, signature = value.partition(",")
    assert problem(f"{time},v1={'0' * 64},{signature},v0=ab") == ""  # an old secret's signature beside the new one's
    assert problem(f"{signature}, {time}") == ""
    assert (
        problem(f"{time},v0={signature.removeprefix('v1=')}")
        == "the header Stripe-Signature does not have the form that the contract declares"
    )
    assert problem(f"{time},{signature},t=1700000001") == "it says two different things as its timestamp"
    assert problem(f"{time},v1={'0' * 64}") == "its signature is wrong"
    assert problem(None) == "it is not signed: the header Stripe-Signature is missing"
    assert "301 s old" in problem(value, TimestampNonce(MOMENT.unix_s + 301))
    for nonsense in ("", ",,,", "t=,v1=", "t=1,v1=é", "t=99999999999999999999,v1=00"):
        assert problem(nonsense) != ""


def test_a_secret_of_callbacks_only() -> None:
    declared = {"string": "${body}", "headers": {"X": "${signature}"}}
    settings = {"secret": "a", "callback_secret": "b", "request": declared, "callback": declared}
    merchant, provider = sides(hmac=settings)
    assert provider.sign_callback(REQUEST, MOMENT) == sides(hmac={"secret": "b", "request": declared}).merchant.sign(
        REQUEST, MOMENT
    )
    assert provider.problem_of(merchant.sign(REQUEST, MOMENT)) == ""
    assert merchant.problem_of_callback(provider.sign_callback(REQUEST, MOMENT)) == ""
    assert provider.sign(ANSWER, REQUEST, MOMENT) == ANSWER


def test_an_answer_speaks_of_its_request() -> None:
    declared = {
        "string": "${status} ${method} ${target} ${header.content-type}\n${body}",
        "headers": {"X": "${signature}"},
    }
    merchant, provider = sides(hmac={"secret": "s", "answer": declared})
    signed = provider.sign(ANSWER, REQUEST, MOMENT)
    assert merchant.problem_of(signed, REQUEST) == ""
    assert merchant.sign(REQUEST, MOMENT) == REQUEST
    assert "missing" in merchant.problem_of(ANSWER, REQUEST)
    for other in (
        signed._replace(status=201),
        signed._replace(body=b"{}"),
        signed._replace(headers={**signed.headers, "content-type": "text/html"}),
    ):
        assert merchant.problem_of(other, REQUEST) == "its signature is wrong"
    assert merchant.problem_of(signed, REQUEST._replace(target="/v1/other")) == "its signature is wrong"


def _rsa(**more: Any) -> dict[str, Any]:
    return {"private_key": "emulated-A", "provider_key": "emulated-B", "request": PLAIN, "answer": PLAIN, **more}


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "sha1"])
def test_rsa(algorithm: str) -> None:
    merchant, provider = sides(rsa=_rsa(algorithm=algorithm))
    signed = merchant.sign(REQUEST, MOMENT)
    assert provider.problem_of(signed) == ""
    assert "wrong" in provider.problem_of(signed._replace(body=b""))
    answer = provider.sign(ANSWER, REQUEST, MOMENT)
    assert merchant.problem_of(answer, REQUEST) == ""
    stolen = HttpResponse(200, {"x-signature": header(signed, "X-Signature")}, REQUEST.body)
    assert merchant.problem_of(stolen, REQUEST) == "its signature is wrong"  # the merchant's key is not the provider's


def test_keys_in_every_form(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as s

    key = emulator_key("merchant", "rsa")
    pem = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.TraditionalOpenSSL, s.NoEncryption()).decode()
    der = base64.b64encode(key.private_bytes(s.Encoding.DER, s.PrivateFormat.PKCS8, s.NoEncryption())).decode()
    (tmp_path / "merchant.pem").write_text(pem)
    expected = sides(rsa=_rsa()).merchant.sign(REQUEST, MOMENT)
    for form in (pem, pem.replace("\n", "\\n"), der, str(tmp_path / "merchant.pem")):
        assert sides(rsa=_rsa(private_key=form)).merchant.sign(REQUEST, MOMENT) == expected
    auth = "{rsa: {private_key: merchant.pem, request: {string: '${body}', headers: {X: '${signature}'}}}}"
    codec = loaded(tmp_path, changed("{bearer: sk_main}", auth)).codec
    signed = codec.merchants["main"].sign(REQUEST, MOMENT)  # the path is relative to the contract's file
    assert header(signed, "X") == header(expected, "X-Signature")


def _public(kind: str) -> str:
    from cryptography.hazmat.primitives import serialization as s

    public = emulator_key("provider", kind).public_key()
    return str(public.public_bytes(s.Encoding.PEM, s.PublicFormat.SubjectPublicKeyInfo).decode())


@pytest.mark.parametrize(
    ("settings", "place", "says"),
    [
        ({"private_key": "no-such.pem"}, "private_key", "cannot be read"),
        ({"private_key": "a\0b"}, "private_key", "cannot be read"),
        ({"private_key": str(Path(__file__).with_name("support.py"))}, "private_key", "holds no private key in PEM form"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE "
            "KEY-----"}, "private_key", "no private key"),
        ({"private_key": "MII" + "a" * 60}, "private_key", "no private key"),
        ({"private_key": _public("rsa")}, "private_key", "no private key"),
        ({"provider_key": "no-such.pem"}, "provider_key", "cannot be read"),
        ({"provider_key": _public("ec")}, "provider_key", "another algorithm"),
    ],
)  # fmt: skip
def test_keys_that_are_none(settings: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(ContractError) as failure:
        sides(rsa=_rsa(**settings))
    assert failure.value.path == ("rsa", place)
    assert says in failure.value.problem
    assert "secret" not in failure.value.problem + failure.value.expected


@pytest.mark.parametrize(
    ("algorithm", "kind", "needs"),
    [
        ("ES256", "ec-p384", "a key on the curve P-256"),
        ("ES384", "ec-p521", "a key on the curve P-384"),
        ("ES512", "ec", "a key on the curve P-521"),
        ("ES512", "rsa", "a key on the curve P-521"),
        ("EdDSA", "ec-p521", "an Ed25519 key"),
    ],
)
def test_a_key_on_another_curve(algorithm: str, kind: str, needs: str) -> None:
    with pytest.raises(ContractError) as failure:
        merchant_of(jws_detached={"algorithm": algorithm, "private_key": "emulated-A", "provider_key": _public(kind)})
    assert failure.value.path == ("jws_detached", "provider_key")
    assert (failure.value.problem, failure.value.expected) == ("this is a key for another algorithm", needs)


def test_a_key_behind_a_password() -> None:
    from cryptography.hazmat.primitives import serialization as s

    locked = emulator_key("merchant", "rsa").private_bytes(
        s.Encoding.PEM, s.PrivateFormat.PKCS8, s.BestAvailableEncryption(b"x")
    )
    with pytest.raises(ContractError, match="protected by a password"):
        sides(rsa=_rsa(private_key=locked.decode()))


def test_an_emulator_has_no_private_half_of_a_real_provider_s_key() -> None:
    from ackord.contract.spec.auth import merchant_side, provider_side

    auth = Auth.model_validate({"rsa": _rsa(provider_key=_public("rsa"))})
    assert merchant_side(auth).problem_of_callback(REQUEST) == ""
    with pytest.raises(ContractError, match="does not have the private half"):
        provider_side(auth)


def test_mistakes_in_a_contract_have_a_place(tmp_path: Path) -> None:
    auth = "{rsa: {private_key: none.pem, request: {string: '${body}', headers: {X: '${signature}'}}}}"
    with pytest.raises(FileError) as failure:
        loaded(tmp_path, changed("{bearer: sk_main}", auth))
    assert '"accounts.main.auth.rsa.private_key": the file of the private key cannot be read' in str(failure.value)
    assert failure.value.line == 5


@pytest.mark.parametrize(
    ("declared", "place", "says"),
    [
        ({"string": "${bdoy}"}, "string", 'Did you mean "body"?'),
        ({"string": "${body"}, "string", "closed by }"),
        ({"string": "${header.a b}"}, "string", "a header's name"),
        ({"string": "${signature}"}, "string", "not ${signature}"),
        ({"string": "${nonce}"}, "string", "${nonce} is signed, but no header carries it"),
        ({"headers": {}}, "headers", "at least 1 item"),
        ({"headers": {"X": "fixed"}}, "headers", "must stand in them, once"),
        ({"headers": {"X": "${signature}", "Y": "${signature}"}}, "headers", "once"),
        ({"headers": {"X": "${secret} ${signature}"}}, "X", "not ${secret}"),
        ({"headers": {"X Y": "${signature}"}}, "[key]", "a header's name"),
        ({"tolerance": "5m"}, "tolerance", "no header carries a ${timestamp}"),
    ],
)
def test_what_cannot_be_declared(declared: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(ValidationError) as failure:
        sides(hmac={"secret": "s", "request": PLAIN | declared})
    (error,) = failure.value.errors()
    assert place == error.get("ctx", {}).get("field", error["loc"][-1])
    assert says in error["msg"]


@pytest.mark.parametrize(
    ("auth", "says"),
    [
        ({"hmac": {"secret": "s"}}, "nothing is signed"),
        ({"rsa": {"private_key": "emulated-A"}}, "nothing is signed"),
        ({"rsa": {"request": PLAIN}}, "requests are signed, so it is needed"),
        ({"rsa": {"answer": PLAIN}}, "is verified with it, so it is needed"),
        ({"rsa": _rsa(request=PLAIN | {"string": "${secret}"})}, "${secret} has no value here"),
    ],
)
def test_settings_that_do_not_hang_together(auth: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as failure:
        Auth.model_validate(auth)
    assert says in str(failure.value)


def test_a_secret_that_is_not_in_its_form() -> None:
    for form in ("hex", "base64"):
        with pytest.raises(ContractError, match=f"this is not {form}"):
            sides(hmac={"secret": "not-that", "secret_form": form, "request": PLAIN})
    emulated = {"secret": "emulated-KEY", "secret_form": "hex", "request": PLAIN}
    assert sides(hmac=emulated).provider.problem_of(sides(hmac=emulated).merchant.sign(REQUEST, MOMENT)) == ""
