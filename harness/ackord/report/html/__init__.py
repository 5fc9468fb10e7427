"""Builds ``report.html``, one self-contained page that shows a campaign to people."""

from __future__ import annotations
