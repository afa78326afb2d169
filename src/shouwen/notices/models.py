"""The room's tables, gathered from the files that hold them."""

from shouwen.notices.notice import Delivery, Envelope, Notice, Pass
from shouwen.notices.policy import Escalation, Hop, Policy, Rehearsal

__all__ = [
    "Delivery",
    "Envelope",
    "Escalation",
    "Hop",
    "Notice",
    "Pass",
    "Policy",
    "Rehearsal",
]
