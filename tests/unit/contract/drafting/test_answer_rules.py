"""The rules of a draft: documented codes become conditions, and what is not documented stays a TODO."""

from __future__ import annotations

from ackord.contract.drafting.answer_rules import query_rules, scalar, submit_rules
from ackord.contract.drafting.error_codes import ErrorCode

TAKEN, BUSY = ErrorCode("$.code", "KEY_TAKEN"), ErrorCode("$.code", "in_flight")


def test_a_conflict_that_is_shown_is_told_by_its_code() -> None:
    rules = list(submit_rules([201], "", {201, 409, 422}, [TAKEN, BUSY]))
    assert (
        '    - {when: {status: 409, $.code: "in_flight"}, observation: IN_PROGRESS}   # TODO: guessed by the word'
        in rules
    )
    assert any('{status: 409, $.code: "KEY_TAKEN"}, observation: CONFLICT}' in rule for rule in rules)
    assert "    - {when: {status: [422]}, observation: REJECTED}" in rules


def test_a_conflict_of_which_nothing_is_shown_is_asked_for() -> None:
    (rule,) = [rule for rule in submit_rules([200], "", (), ()) if "CONFLICT" in rule]
    assert "{status: 409}, observation: CONFLICT}" in rule and "TODO: by which code in the body?" in rule


def test_several_codes_are_a_list() -> None:
    (rule,) = [
        rule for rule in submit_rules([200], "", (), [TAKEN, ErrorCode("$.code", "other")]) if "CONFLICT" in rule
    ]
    assert '$.code: ["KEY_TAKEN", other]' in rule


def test_an_unknown_order_is_told_by_its_code_or_is_absent_from_the_list() -> None:
    by_code, in_list = (
        list(query_rules("", {200, 404}, [ErrorCode("$.code", "none")], in_list=listed)) for listed in (False, True)
    )
    assert "    - {when: {status: 404, $.code: none}, observation: NOT_FOUND}" in by_code
    assert "    - {when: {status: 200, $row: {exists: false}}, observation: NOT_FOUND}" in in_list


def test_words_that_yaml_reads_as_something_else_are_quoted() -> None:
    assert [scalar(text) for text in ("paid", "no", "true", "A_B")] == ["paid", '"no"', '"true"', '"A_B"']
