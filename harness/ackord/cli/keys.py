"""Defines ``ackord keys``: the keys with which certificates are signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["register"]

keys = typer.Typer(help="Keys with which certificates are signed.", no_args_is_help=True)


@keys.command("new")
def new(
    out: Annotated[
        Path, typer.Option(help="The private key's file; the public key is written beside it, as NAME.pub.pem.")
    ] = Path("key.pem"),
) -> None:
    """Make an Ed25519 key, in PEM and for your eyes only; nothing is written over. Give the public key to whoever is to
    verify your certificates, by another way than the certificates.
    """
    from ..certificate.keys import make_keys

    made = make_keys(out)
    print(f"private key  {made.private}  (keep it: whoever has it signs in your name)")
    print(f"public key   {made.public}")
    print(f"fingerprint  {made.fingerprint}")


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")
