"""Fuzzing target: mutated chaos profiles. Whatever is in a file, the loader refuses it with words or takes it."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

import yaml

from ackord.chaos.profile import profile_names, read_profile
from ackord.core.seed import Seed
from ackord.errors import UsageError

from .fuzz import Finding, main, resident_bytes
from .mutate import changed, mutated

LIMIT_S = 5.0
TOKENS = [
    *(
        b": ",
        b"- ",
        b"\n",
        b"\n  ",
        b"\t",
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b"#",
        b"'",
        b'"',
        b"|",
        b">",
        b"---\n",
        b"...\n",
        b"\x00",
    ),
    *(
        b"&a ",
        b"*a",
        b"<<: *a\n",
        b"!!python/object/apply:os.getcwd []",
        b"!!binary x",
        b"!!set {a}",
        b"? ",
        b"%YAML 9.9\n",
    ),
    *(
        b"null",
        b"~",
        b"yes",
        b"-1",
        b"1e999",
        b".nan",
        b".inf",
        b"0x10",
        b"1_000",
        b"2026-01-01",
        b"12:30:45",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(b"fault: storm\n", b"share: 2\n", b"after: -1s\n", b"[" * 300, b"{a: " * 200, "\u2028".encode(), b"a: &x [*x]\n"),
    b"l: &l [x,x]\nm: &m [*l,*l,*l,*l]\nn: &n [*m,*m,*m,*m]\no: &o [*n,*n,*n,*n]\np: &p [*o,*o,*o,*o]\nq: "
    b"[*p,*p,*p,*p]\n",
]


class Profiles:
    def start(self, rng: random.Random) -> None:
        self._rng = rng
        self._texts = {name: read_profile(name).path.read_bytes() for name in profile_names()}
        self._folder = tempfile.TemporaryDirectory()

    def step(self) -> int:
        for _ in range(20):
            self._try(*self._next())
        return 20

    def _next(self) -> tuple[str, bytes]:
        rng = self._rng
        name = rng.choice(list(self._texts))
        text = self._texts[name]
        if rng.random() < 0.5:
            return name, mutated(rng, text, TOKENS)
        data = yaml.safe_load(text)
        for _ in range(rng.randint(1, 3)):
            data = changed(rng, data)
        return name, yaml.safe_dump(data, allow_unicode=True).encode("utf-8", "surrogatepass")

    def _try(self, name: str, text: bytes) -> None:
        path = Path(self._folder.name) / f"{name}.yaml"
        path.write_bytes(text)
        begin = time.process_time()
        try:
            profile = read_profile(path).profile
            for fault in profile.drawn(Seed(self._rng.randrange(9))).faults:
                fault.schedule()
                fault.said()
            profile.needs(), profile.requires()
        except UsageError as refused:
            if not str(refused).strip():
                raise Finding("refused without a word", text) from refused
        except Exception as error:
            raise Finding(f"{type(error).__name__}: {error}", text) from error
        if time.process_time() - begin > LIMIT_S:
            raise Finding(f"loading took {time.process_time() - begin:.0f} s of the processor", text)

    def memory_bytes(self) -> int:
        return resident_bytes()

    def stop(self) -> None:
        self._folder.cleanup()


if __name__ == "__main__":
    sys.exit(main(["--target", "profile", *sys.argv[1:]]))
