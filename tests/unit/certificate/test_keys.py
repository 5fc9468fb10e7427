"""Keys are for their owner's eyes, and are never written over."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from ackord.certificate.keys import fingerprint, make_keys, read_private_key, read_public_key
from ackord.errors import FileError


def test_a_pair_of_keys_is_made_and_read(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "deep" / "key.pem")
    assert made.public == tmp_path / "deep" / "key.pub.pem"
    private, public = read_private_key(made.private), read_public_key(made.public)
    assert fingerprint(private.public_key()) == fingerprint(public) == made.fingerprint
    assert made.private.stat().st_mode & 0o777 == 0o600
    assert b"BEGIN PRIVATE KEY" in made.private.read_bytes()


@pytest.mark.parametrize("taken", ["key.pem", "key.pub.pem"])
def test_nothing_is_written_over(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("mine")
    with pytest.raises(FileError, match="exists already"):
        make_keys(tmp_path / "key.pem")
    assert [p.name for p in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "mine"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "key.pem").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileError, match="exists already"):
        make_keys(tmp_path / "key.pem")
    assert not (tmp_path / "elsewhere").exists()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "key.pem")
    made.private.chmod(0o640)
    with pytest.raises(FileError, match="chmod 600"):
        read_private_key(made.private)


def test_the_wrong_half_is_told(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "key.pem")
    with pytest.raises(FileError, match="this is a private key"):
        read_public_key(made.private)
    with pytest.raises(FileError, match="no private key"):
        read_private_key(made.public)


def test_other_keys_and_other_files_are_told(tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1())
    private, public, sealed = tmp_path / "ec.pem", tmp_path / "ec.pub.pem", tmp_path / "sealed.pem"
    private.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(other.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    sealed.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")))
    for path, said in ((private, "of another kind"), (sealed, "no private key"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(FileError, match=said):
            read_private_key(path)
    with pytest.raises(FileError, match="of another kind"):
        read_public_key(public)
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    with pytest.raises(FileError, match="no public key"):
        read_public_key(junk)


def test_the_fingerprint_is_that_of_other_tools(tmp_path: Path) -> None:
    made = make_keys(tmp_path / "key.pem")
    try:
        der = subprocess.run(
            ["openssl", "pkey", "-pubin", "-in", made.public, "-outform", "DER"], capture_output=True, check=True
        ).stdout
    except FileNotFoundError:
        pytest.skip("there is no openssl here")
    digest = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.split()[0].decode()
    assert digest == made.fingerprint
