"""Addresses that are secrets themselves (a link, a card, an invitation) are written to no log."""

from __future__ import annotations

import logging
import re

# A token after one of these prefixes opens something by itself (desk/addresses.py).
_TOKEN = re.compile(r"(?<![\w/])(/(?:t|card|n|calendar|invitation)/)[^/\s?]+")


class WithoutTokens(logging.Filter):
    """Takes the tokens out of what is logged, such as Django's “Not Found: /t/…/”."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let everything pass, without its tokens."""
        said = record.getMessage()
        told = _TOKEN.sub(r"\1…", said)
        if told != said:
            record.msg, record.args = told, ()
        return True
