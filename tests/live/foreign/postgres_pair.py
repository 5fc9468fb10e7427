"""Starts and stops a PostgreSQL primary and its standby as an operator's script does, for a provider that is not ours.

``python -m tests.live.foreign.postgres_pair start FOLDER`` takes ports and password from the environment
(``PRIMARY_PORT``, ``STANDBY_PORT``, ``PGPASSWORD``) and the primary's address for the standby from
``ACKORD_LINK_REPLICATION``; words behind the folder are a command that fills the primary before the standby is copied
from it. ``stop FOLDER`` may be repeated. With ``SYNCHRONOUS`` in the environment a commit waits until the standby shows
it.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ackord.host.run_dir import RunDir
from ackord.providers.postgres.binaries import (
    clean_environment,
    find_binaries,
    run_as,
    runnable_by,
    unprivileged_owner,
)

OWNER = unprivileged_owner()
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
dynamic_shared_memory_type = mmap
fsync = off
shared_buffers = 16MB
max_wal_senders = 4
wal_keep_size = 64MB
"""


def run(folder: Path, *words: object) -> None:
    done = subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=(folder / "log").open("ab"),
        stderr=subprocess.STDOUT,
        env={**clean_environment(), "PGPASSWORD": os.environ.get("PGPASSWORD", "")},
        cwd=folder,
        **run_as(OWNER),
    )
    if done.returncode:
        sys.exit(f"{words[0]} failed: {(folder / 'log').read_text()[-400:]}")


def launch(folder: Path, bin_dir: Path, name: str, port: str) -> None:
    run(
        folder, bin_dir / "pg_ctl", "-D", folder / name, "-l", folder / f"{name}.log", "-o", f"-p {port}", "-w", "start"
    )


def start(folder: Path, *fill: str) -> None:
    bin_dir, _ = runnable_by(OWNER, find_binaries(None), RunDir.attach(folder))
    (folder / "bin").symlink_to(bin_dir)
    password = folder / "password"
    password.write_text(os.environ["PGPASSWORD"])
    if OWNER is not None:
        os.chown(folder, *OWNER)
        os.chown(password, *OWNER)
    primary, standby = folder / "primary", folder / "standby"
    run(folder, bin_dir / "initdb", "-D", primary, "-U", "postgres", f"--pwfile={password}", "-A", "md5", "--no-sync")
    with (primary / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    launch(folder, bin_dir, "primary", os.environ["PRIMARY_PORT"])
    if fill and (failed := subprocess.run(fill, stdin=subprocess.DEVNULL).returncode):
        sys.exit(f"{fill[0]} failed with {failed}")
    at = ("-h", "127.0.0.1", "-p", os.environ["PRIMARY_PORT"], "-U", "postgres")
    run(folder, bin_dir / "pg_basebackup", "-D", standby, *at, "-c", "fast", "--no-sync")
    host, port = os.environ["ACKORD_LINK_REPLICATION"].split(":")
    with (standby / "postgresql.auto.conf").open("a") as settings:
        password_word = f"password={os.environ['PGPASSWORD']}"
        settings.write(f"primary_conninfo = 'host={host} port={port} user=postgres {password_word}'\n")
    (standby / "standby.signal").touch()
    launch(folder, bin_dir, "standby", os.environ["STANDBY_PORT"])
    if os.environ.get("SYNCHRONOUS"):
        with (primary / "postgresql.conf").open("a") as settings:
            settings.write("synchronous_standby_names = '*'\nsynchronous_commit = remote_apply\n")
        run(folder, bin_dir / "pg_ctl", "-D", primary, "reload")


def stop(folder: Path) -> None:
    for name in ("standby", "primary"):
        if (folder / name / "postmaster.pid").exists():
            run(folder, folder / "bin" / "pg_ctl", "-D", folder / name, "-m", "immediate", "stop")
    for name in ("standby", "primary", "bin", "password"):
        path = folder / name
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
