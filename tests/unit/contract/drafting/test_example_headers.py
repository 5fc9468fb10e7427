from __future__ import annotations

from ackord.contract.base.http_messages import HttpRequest
from ackord.contract.drafting.example_headers import made_anew, own_headers


def request(**headers: str) -> HttpRequest:
    return HttpRequest("GET", "/", tuple((name.replace("_", "-"), value) for name, value in headers.items()), b"")


def test_what_every_client_sends_and_what_is_secret_is_left_out() -> None:
    sent = request(Accept="*/*", X_Api_Key="hush", Api_Version="7", Content_Type="application/json")
    assert list(own_headers(sent)) == [("Api-Version", "7")]


def test_a_signature_is_made_anew_and_so_is_a_time_that_differs() -> None:
    first = request(X_Sign="a", X_Time="1790000000", Api_Version="7", X_Lifetime="60")
    second = request(X_Sign="a", X_Time="1790000009", Api_Version="8", X_Lifetime="60")
    assert made_anew(first, second) == ["X-Sign", "X-Time"]
    assert made_anew(first, first) == ["X-Sign"]
