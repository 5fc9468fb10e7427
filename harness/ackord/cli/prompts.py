"""Asks the questions of ``ackord contract new`` at a terminal, when no input is given."""

from __future__ import annotations

import json
import sys

import typer

from ..contract.base.http_messages import HttpRequest
from ..contract.drafting.draft import DraftInput
from ..contract.drafting.value_roles import ExampleExchange
from ..errors import UsageError

__all__ = ["ask"]

_NUMBER = "ORDERNUMBER0001"


def ask() -> DraftInput:
    """Ask the questions. Raises ``UsageError`` without a terminal."""
    if not sys.stdin.isatty():
        raise UsageError("there is nothing to make a draft from.\n  mend: give --openapi, --curl, --har or --postman")
    origin = typer.prompt("The sandbox's address", default="https://api.sandbox.example.com").rstrip("/")
    submit = typer.prompt("The path that orders are submitted to (POST)", default="/v1/payouts")
    field = typer.prompt(
        "The field of the body that holds your own order number; empty: a header does", default="reference"
    )
    amount = typer.prompt("The field that holds the amount", default="amount")
    minor = typer.confirm("Is that in minor units, such as cents?", default=True)
    query = typer.prompt(
        "The path that an order is asked for at (GET), with NUMBER for your own number", default=f"{submit}/NUMBER"
    )
    body = {amount: 1999 if minor else "19.99", "currency": "EUR"} | ({field: _NUMBER} if field else {})
    auth = (("Authorization", "Bearer TODO"),)
    own = () if field else (("Idempotency-Key", _NUMBER),)
    return DraftInput(
        ExampleExchange(origin, HttpRequest("POST", submit, (*auth, *own), json.dumps(body).encode())),
        ExampleExchange(origin, HttpRequest("GET", query.replace("NUMBER", _NUMBER), auth, b"")),
        "your answers",
    )
