"""The demo company with a complaint whose customer has a link to follow it by."""

from __future__ import annotations

from tests.desk.conftest import Office, _fresh_numbers, at_desk, office  # noqa: F401

__all__ = ["Office", "at_desk", "office"]
