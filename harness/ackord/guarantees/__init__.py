"""Registers the guarantees, one per file, in the order in which reports show them."""

from __future__ import annotations

from . import (
    acknowledged_order_not_failed,
    acknowledged_order_visible,
    answers_match_schema,
    callback_agrees_with_query,
    callback_delivered,
    callback_genuine,
    concurrent_duplicates_collapse,
    conflicting_resubmission_refused,
    errors_not_replayed,
    faults_healed_orders_converge,
    key_scope_respected,
    landing_bounded,
    lost_ack_recoverable,
    observed_order_stays_visible,
    order_not_stuck,
    order_shown_as_submitted,
    payout_as_ordered,
    provider_id_stable,
    refused_order_not_paid,
    resubmission_after_terminal,
    resubmission_called_back,
    resubmission_moves_money_once,
    resubmission_same_order,
    status_never_regresses,
    succeeded_order_paid,
    terminal_status_final,
    unknown_order_not_found,
    unordered_number_not_paid,
)
from .base import ENTRY_POINT_GROUP, GUARANTEES, Guarantee, JudgeContext, Judgement, load_guarantee_plugins

__all__ = ["ENTRY_POINT_GROUP", "GUARANTEES", "Guarantee", "JudgeContext", "Judgement", "load_guarantee_plugins"]

for _module in (
    acknowledged_order_visible,
    acknowledged_order_not_failed,
    observed_order_stays_visible,
    status_never_regresses,
    terminal_status_final,
    unknown_order_not_found,
    landing_bounded,
    faults_healed_orders_converge,
    succeeded_order_paid,
    payout_as_ordered,
    refused_order_not_paid,
    unordered_number_not_paid,
    order_shown_as_submitted,
    provider_id_stable,
    resubmission_same_order,
    resubmission_moves_money_once,
    conflicting_resubmission_refused,
    concurrent_duplicates_collapse,
    lost_ack_recoverable,
    resubmission_after_terminal,
    errors_not_replayed,
    order_not_stuck,
    key_scope_respected,
    callback_agrees_with_query,
    callback_delivered,
    callback_genuine,
    resubmission_called_back,
    answers_match_schema,
):
    GUARANTEES.add(_module.GUARANTEE.id, _module.GUARANTEE)
