"""What leaves the house: one message, the same for every channel, without a channel's markup."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """A message as its reader is to see it, already in their language.

    `link` is an absolute address (`links.absolute`), or empty where the installation has no public
    one: then the text says in words where to look (`sending.texts.whereabouts`). `urgent`: somebody must act at once.
    `to_customer`: it goes to a customer, who has no page of ours to open.
    `rehearsal`: nothing has happened, and every channel says so first.
    """

    title: str
    lines: tuple[str, ...]
    link: str
    language: str
    urgent: bool = False
    rehearsal: bool = False
    to_customer: bool = False
