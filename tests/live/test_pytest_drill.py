"""The fixture ``drill``: a merchant in a test, or its command, is judged by its calls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .small_provider import CONTRACT, small_provider

pytest_plugins = ["pytester"]


@pytest.fixture
def contract(pytester: pytest.Pytester) -> Iterator[Path]:
    path = pytester.path / "mine.yaml"
    with small_provider() as url:
        path.write_text(CONTRACT.format(url=url))
        yield path


PAY = """
import json, os, sys, urllib.request

def pay(url, number, amount=500):
    body = json.dumps({"amount": amount, "currency": "EUR", "payee": "p"}).encode()
    headers = {"authorization": "Bearer sk_main", "content-type": "application/json", "x-order-number": number}
    request = urllib.request.Request(url + "/orders", method="POST", data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)["status"]

if __name__ == "__main__":
    numbers = sys.argv[1:]
    for number in numbers:
        try:
            print(number, "is", pay(os.environ["PAY_URL"], number).lower(), flush=True)
            break
        except OSError:
            print(number, "is failed", flush=True)
"""


def test_merchants_in_tests(pytester: pytest.Pytester, contract: Path) -> None:
    pytester.makepyfile(pay=PAY)
    pytester.makepyfile(
        test_mine="""
import shlex
import sys
from pathlib import Path
import pytest
from pay import pay

pytestmark = pytest.mark.ackord(contract="mine.yaml", faults=[{"fault": "lost-answer", "quota": 1}])
COMMAND = [sys.executable, str(Path(__file__).with_name("pay.py"))]
PATTERN = r"(?P<order>\\\\S+) is (?P<outcome>paid|failed)"

def test_right(drill):
    with drill.running(reports=True):
        with pytest.raises(OSError):
            pay(drill.url, "right-000001")
        assert pay(drill.url, "right-000001") == "PAID"
        drill.report("paid", order="right-000001")
    drill.assert_held("merchant-pays-once", "merchant-settles", "merchant-never-fails-unsettled")

def test_its_own_failure_is_what_is_told(drill):
    with drill.running():
        assert pay(drill.url, "own-00000001") == "nonsense"

def test_naive_command(drill):
    drill.run([*COMMAND, "naive-000001", "naive-000002"], env=["PAY_URL"], report_pattern=PATTERN)
    drill.assert_held("merchant-pays-once")

def test_right_command(drill):
    result = drill.run([*COMMAND, "right-000003", "right-000003"], env=["PAY_URL"])
    assert result.verdict.of("merchant-pays-once").result == "HELD"
    drill.assert_held()

def test_books_that_cannot_be_read(drill):
    books = shlex.join([sys.executable, "-c", "print('oops')"])
    drill.run([*COMMAND, "right-000005", "right-000005"], env=["PAY_URL"], verify_cmd=books)
    drill.assert_held("merchant-pays-once")

def test_nothing(drill):
    drill.run([sys.executable, "-c", "pass"])
    drill.assert_held()
"""
    )
    result = pytester.runpytest_subprocess(
        "-p", "no:xdist", "-p", "no:randomly", "-W", "error", "-v", "test_mine.py", timeout=120
    )
    result.stdout.fnmatch_lines(
        [
            "*::test_right PASSED*",
            "*::test_its_own_failure_is_what_is_told FAILED*",
            "*::test_naive_command FAILED*",
            "*::test_right_command PASSED*",
            "*::test_books_that_cannot_be_read FAILED*",
            "*::test_nothing FAILED*",
            "*OSError*",
            "E  *VIOLATED  merchant-pays-once*",
            "E  *Order naive-000002 of account main*",
            "E  *active fault*lost-answer*fired on submit*",
            "E  *repeat with*pytest test_mine.py::test_naive_command*",
            "E  *a line of --verify-cmd is not JSON*",
            "E  *nothing was put to the test*",
        ]
    )
    assert len(list(pytester.path.rglob("tests/*/report.html"))) == 5
