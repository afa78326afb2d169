"""The threads of e-mail: Message-IDs of ours that nobody can guess, and the headers of an answer.

An answer to one of our messages names its Message-ID, and so the complaint: whoever knows it had
the message. The id says which complaint by a number, and that it is ours by a keyed hash.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shouwen.complaints.models import Complaint
from shouwen.records.fields import blind_index

_OURS = re.compile(r"shouwen\.(\d{1,18})\.([a-z0-9-]{1,60})\.([0-9a-f]{24})(?:@.*)?", re.DOTALL)


@dataclass(frozen=True)
class Thread:
    """The headers by which an answer stands in its thread: From and Reply-To where they are not the
    mail server's, the ids that it answers (without brackets), and its subject."""

    sender: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""


#: Who knows the thread of a complaint, if it came by e-mail; set by the room that receives.
FINDERS: list[Callable[[Complaint], Thread | None]] = []


def thread_of(complaint: Complaint) -> Thread | None:
    """The thread in which this complaint's customer is answered; None where there is none."""
    return next((found for each in FINDERS if (found := each(complaint))), None)


def own_id(complaint_id: int, what: str) -> str:
    """The id (what stands before the @) of a message of ours about a complaint.

    The same for every attempt at the same message, which `what` names.
    """
    return f"shouwen.{complaint_id}.{what}.{_mac(complaint_id, what)}"


def complaint_of(message_ids: Iterable[str]) -> int | None:
    """The complaint that the first of these ids that is ours is about; None where none is."""
    for each in message_ids:
        found = _OURS.fullmatch(each)
        if found and hmac.compare_digest(found[3], _mac(int(found[1]), found[2])):
            return int(found[1])
    return None


def _mac(complaint_id: int, what: str) -> str:
    return blind_index(f"{complaint_id}:{what}", "mail thread")[:24]
