"""Lists what was wrong once, what is right, and the tests that show both; ``python -m tests.findings`` writes the table
into docs/EVIDENCE.md, and ``test_findings`` holds it current.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

__all__ = ["BEGIN", "END", "EVIDENCE", "FINDINGS", "FormerFault", "table", "verdicts_in"]

EVIDENCE = Path(__file__).parents[1] / "docs" / "EVIDENCE.md"
BEGIN, END = "<!-- findings -->\n", "<!-- /findings -->\n"


class FormerFault(NamedTuple):
    """One kind of fault that Ackord had."""

    kind: str
    before: str
    """What it said; a fact that was recorded, which nothing shows today."""
    now: str
    """What it says; its verdicts and exit codes must be among those that the tests expect."""
    tests: tuple[str, ...]
    """``FILE::TEST`` below ``tests``: the case, and its correct twin if that is a test of its own."""


def _f(kind: str, before: str, now: str, *tests: str) -> FormerFault:
    return FormerFault(kind, before, now, tests)


_MONEY = "live/test_money_at_an_address.py"
_KNOWS = "live/test_knowledge_of_orders.py"
_SILENT = "live/test_nothing_is_silent.py"
_USABLE = "unit/core/test_usable_answers.py"
_FORGED = "simulated/test_forged_journals.py"
_TOXICS = "live/test_toxics_server.py"
_PYTEST = "live/test_pytest_sessions.py"
_OWN = "live/test_pytest_fixtures.py"
_TWIN = f"{_MONEY}::test_what_is_paid_as_ordered_is_held"
_KEPT = f"{_KNOWS}::test_a_provider_that_keeps_its_word_holds"

FINDINGS = (
    _f("refused for good, cancelled or FAILED, and paid", "HELD", "VIOLATED",
       f"{_MONEY}::test_what_is_wrong_with_the_money_is_found", _TWIN),
    _f("SUCCEEDED without a payout; another amount, account or number paid", "HELD", "VIOLATED",
       f"{_MONEY}::test_what_is_wrong_with_the_money_is_found", _TWIN),
    _f("another amount or identifier shown than ordered and acknowledged", "HELD, or another cause", "VIOLATED",
       f"{_MONEY}::test_what_is_wrong_with_the_money_is_found", _TWIN),
    _f("a payout under a number that has nothing to do with the run's", "silent",
       "told; VIOLATED where the contract says that nobody else pays",
       f"{_MONEY}::test_a_payout_under_an_unknown_number_is_told_and_where_nobody_else_pays_it_is_found"),
    _f("ledger rows whose identifiers are not unique", "HELD over a double payout", "INCONCLUSIVE, with the reason",
       f"{_MONEY}::test_rows_with_one_identifier_are_no_ledger", _TWIN),
    _f("DUPLICATE, and never found again", "HELD", "VIOLATED",
       f"{_KNOWS}::test_a_number_that_is_called_a_duplicate_and_never_found", _KEPT),
    _f("a number that an error burnt or locked", "HELD", "VIOLATED",
       f"{_KNOWS}::test_a_number_that_an_error_burnt_or_locked_for_ever", _KEPT),
    _f("queries that meet errors for ever after healing", "not judged", "VIOLATED",
       f"{_KNOWS}::test_queries_that_meet_errors_for_ever_or_until_the_provider_recovers"),
    _f("a plain refusal where a replay or a pointer is promised", "HELD", "VIOLATED; UNSAFE if declared",
       f"{_KNOWS}::test_a_plain_refusal_where_the_answer_is_promised",
       f"{_KNOWS}::test_a_plain_refusal_that_is_declared_is_unsafe"),
    _f("a copy made by the gateway is refused as a replay", "VIOLATED (false alarm)", "HELD",
       f"{_KNOWS}::test_refusing_a_copy_that_the_gateway_made_is_correct"),
    _f("the provider's identifier is the merchant's number", "VIOLATED (false alarm)", "HELD",
       f"{_KNOWS}::test_the_merchant_s_number_may_be_the_identifier"),
    _f("one fact under several headlines", "the consequence first", "the cause first, once",
       "unit/guarantees/test_causes.py::test_a_fact_is_named_once"),
    _f("callbacks that no order of arrival explains", "not judged", "VIOLATED",
       "unit/guarantees/test_callback_agrees_with_query.py::test_case"),
    _f("orders that were not asked again", "called lost", "censored",
       "unit/core/test_landing.py::test_an_order_that_was_not_asked_again_is_censored_and_not_lost",
       "unit/core/test_landing.py::test_an_order_is_lost_only_if_a_whole_run_asked_for_it_to_its_end"),
    _f("answers that are unreadable or not genuine, orders that are refused", "HELD", "INCONCLUSIVE, with the share",
       f"{_SILENT}::test_answers_that_cannot_be_read_are_told_and_nothing_holds",
       f"{_SILENT}::test_orders_that_are_refused_are_told_and_nothing_holds",
       f"{_USABLE}::test_queries_that_cannot_be_read_are_told_and_above_the_limit_nothing_holds",
       f"{_USABLE}::test_answers_that_can_all_be_used_leave_no_doubt"),
    _f("requests that got no answer at all", "HELD", "INCONCLUSIVE, with the share, unless a fault took the answer",
       f"{_USABLE}::test_queries_without_an_answer_are_told_and_above_the_limit_nothing_holds",
       f"{_USABLE}::test_silence_that_a_fault_of_the_run_made_is_no_shortfall"),
    _f("profiles that cannot run at this target", "silent", "listed; `--require` makes it exit 3",
       f"{_SILENT}::test_a_required_profile_that_cannot_run_makes_the_run_inconclusive",
       f"{_SILENT}::test_what_is_required_and_was_judged_is_a_pass"),
    _f("a declared node that is never asked", "HELD", "INCONCLUSIVE (exit 3)",
       f"{_SILENT}::test_a_declared_node_that_was_never_asked_is_not_judged",
       "unit/core/test_result.py::test_a_declared_node_that_no_profile_asked_is_a_doubt"),
    _f("a declared host that is never asked, or that no request names", "HELD", "INCONCLUSIVE (exit 3)",
       f"{_SILENT}::test_a_host_that_was_never_asked_is_told",
       "unit/core/test_result.py::test_a_host_that_no_request_names_or_that_was_never_asked_is_a_doubt"),
    _f("a ledger that shows no movement of any order", "HELD", "INCONCLUSIVE, with the reason",
       "unit/core/test_usable_answers.py::"
       "test_a_ledger_that_shows_no_movement_of_any_order_proves_nothing_of_their_money",
       "unit/core/test_usable_answers.py::test_a_ledger_that_may_well_be_empty_is_believed"),
    _f("a ledger in which what left is negative", "VIOLATED (false alarm)", "read by its sign, or unreadable",
       "unit/contract/codec/test_codec.py::test_the_sign_of_an_amount_may_tell_which_way_it_went",
       "unit/contract/codec/test_codec.py::test_a_negative_amount_without_that_cannot_be_read"),
    _f("no ledger", "a mere dot", "a sentence, in the last line too",
       f"{_SILENT}::test_without_a_ledger_the_last_line_says_that_money_was_not_judged"),
    _f("a hook without any effect", "effective", "INCONCLUSIVE",
       "live/test_hooks.py::test_a_hook_s_own_success_proves_nothing",
       "live/test_hooks.py::test_a_profile_uses_the_hook_and_the_run_takes_it_back"),
    _f("bytes sent unasked on an idle connection", "the answer to the next request", "the connection is closed",
       "unit/chaos/gateway/test_upstream.py::test_an_idle_connection"),
    _f("a part of the reference is killed from outside", "VIOLATED, or no end", "exit 4, the part named, nothing left",
       "live/test_ending.py::test_a_part_that_dies_by_itself_ends_the_run_and_is_named"),
    _f("the code of a package's fault raises", "HELD", "exit 4, with file and line",
       "live/test_outside_faults.py::test_a_fault_that_raises_ends_the_run_and_is_named",
       "live/test_outside_faults.py::test_faults_of_a_package_at_a_link_the_bank_and_the_edge_are_injected_and_proven"),
    _f("limits on orders and amounts", "248 movements where 20 were allowed", "kept by everything that sends",
       "live/test_limits.py::test_no_more_orders_and_no_other_amounts_than_the_limits_allow",
       "live/test_limits.py::test_least_amount_and_step_are_kept"),
    _f("live keys from the environment", "accepted", "refused whatever the flags",
       "unit/run/test_production_guard.py::test_a_live_key_from_the_environment_is_refused_whatever_the_flags",
       "unit/run/test_production_guard.py::test_a_sandbox_s_key_and_the_emulator_need_no_such_word"),
    _f("a stranger's contract runs commands", "without asking", "refused without `--allow-hooks`",
       "unit/run/options/test_hook_guard.py::test_it_is_refused_with_its_line_and_the_flag",
       "unit/run/options/test_hook_guard.py::test_contracts_that_come_with_ackord_need_no_leave"),
    _f("a ledger without an end", "over two minutes", "bounded, with the reason",
       "live/test_endless_answers.py::test_a_ledger_without_an_end_cannot_be_read",
       "live/test_endless_answers.py::test_its_correct_twin_is_read"),
    _f("secrets in answers, checks, hooks and targets", "shown", "masked or refused",
       "live/test_secrets.py::test_a_provider_that_gives_back_what_it_was_sent",
       "live/test_secrets.py::test_a_hook_that_fails_says_so_without_it",
       "live/test_secrets.py::test_user_and_password_of_the_target_are_refused_and_not_shown"),
    _f("a second run into the same folder", "old results beside new", "removed first, or written beside",
       "unit/run/test_evidence.py::test_an_earlier_run_s_results_go_and_nothing_else",
       "unit/run/test_evidence.py::test_a_run_without_a_folder_of_its_own_writes_beside_an_earlier_one"),
    _f("a full disk, `>/dev/full`, a closed pipe", "traceback, exit 1", "one sentence, exit 4",
       "live/test_full_disk.py::test_a_full_device_as_standard_output",
       "live/test_full_disk.py::test_a_disk_that_fills_up_during_a_run",
       "live/test_full_disk.py::test_an_output_that_is_read_ends_well"),
    _f("a forged journal whose hashes were made anew", "HELD", "refused, with the line",
       f"{_FORGED}::test_a_forged_journal_is_refused", f"{_FORGED}::test_a_journal_as_it_was_written_is_judged"),
    _f("promises taken out of a journal's header", "HELD", "refused",
       f"{_FORGED}::test_promises_that_are_not_the_contract_s_are_refused"),
    _f("a wrong key, format or clock", "4,000 refused operations, exit 3", "one error after a handful of requests",
       "live/test_preflight.py::test_a_wrong_key_is_one_error_of_the_user_s",
       "live/test_preflight.py::test_a_clock_that_is_off_is_told_beside_the_refusal",
       "live/test_preflight.py::test_a_provider_that_refuses_some_orders_is_judged_all_the_same"),
    _f("a provider that dies, hangs or refuses in the middle", "exit 3 after 11,000 operations",
       "exit 4, what was judged is kept",
       "live/test_cut_short.py::test_a_provider_that_is_gone_ends_the_run_and_what_was_judged_is_kept",
       "live/test_cut_short.py::test_a_provider_that_answers_little_is_not_gone"),
    _f("Ctrl-C", "finished profiles dropped", "judged and kept, exit 130",
       "live/test_cut_short.py::test_ctrl_c_judges_what_is_finished"),
    _f("pytest: items beside `--contract`", "lost, ours or the user's", "none lost, pytest 8 and 9",
       f"{_PYTEST}::test_no_item_is_lost"),
    _f("pytest: profiles that cannot run", "silent", "skipped items with the reason, and a line at the end",
       f"{_PYTEST}::test_profiles_that_cannot_run_are_skipped_items_and_are_told_at_the_end",
       f"{_PYTEST}::test_profiles_that_were_chosen_leave_nothing_out"),
    _f("pytest: an unreachable provider", "17 failures", "one error",
       f"{_PYTEST}::test_a_provider_that_is_not_there_is_one_error"),
    _f("pytest: time-outs, autouse fixtures, any order", "swallowed, not run, fragile", "kept",
       f"{_PYTEST}::test_a_time_out_ends_the_run_and_is_told_once",
       f"{_PYTEST}::test_an_autouse_fixture_starts_the_provider_for_the_contract_s_items_too",
       f"{_PYTEST}::test_all_items_pass_in_any_order_with_and_without_workers"),
    _f("pytest: calls of one's own client", "not judged", "judged and counted",
       f"{_OWN}::test_calls_of_one_s_own_client_are_judged_and_counted"),
    _f("pytest: a fault that never fired", "silent", "`assert_fired`",
       f"{_OWN}::test_a_fault_says_what_it_can_hit_and_whether_it_did"),
    _f("toxics: descriptors, hanging hosts, numbering", "dead or hanging", "as the real Toxiproxy",
       f"{_TOXICS}::test_a_low_limit_of_open_files_is_raised",
       f"{_TOXICS}::test_a_client_of_an_upstream_that_is_none_is_let_go",
       f"{_TOXICS}::test_a_toxicity_is_drawn_anew_after_each_enabling"),
    _f("toxics: what published clients send", "refused or ignored", "accepted; what is ignored is said",
       f"{_TOXICS}::test_what_is_passed_over_is_said_in_the_answer_and_in_the_log",
       f"{_TOXICS}::test_toxics_that_come_with_a_proxy_act"),
)  # fmt: skip


def verdicts_in(text: str) -> set[str]:
    """The verdicts and exit codes in a text: ``{"INCONCLUSIVE", "exit 3"}``."""
    return set(re.findall(r"\b(?:HELD|VIOLATED|UNSAFE|INCONCLUSIVE|exit \d+)\b", text))


def table() -> str:
    """The table as Markdown."""
    rows = ["| what was wrong | before | now | shown by |", "|---|---|---|---|"]
    for fault in FINDINGS:
        tests = ", ".join(f"`{test.rpartition('::')[2]}`" for test in fault.tests)
        rows.append(f"| {fault.kind} | {fault.before} | {fault.now} | {tests} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    text = EVIDENCE.read_text()
    before, _, rest = text.partition(BEGIN)
    EVIDENCE.write_text(f"{before}{BEGIN}{table()}{END}{rest.partition(END)[2]}")
