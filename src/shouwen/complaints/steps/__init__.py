"""The one table of steps: everything that can be done to a complaint (design, idea 3)."""

from shouwen.complaints.steps import (
    claiming,
    customer,
    department,
    desk,
    emergency,
    holding,
    hotline,
    incident,
    intake,
    quality,
    record,
    tracking,
)
from shouwen.complaints.steps.table import STEPS

__all__ = [
    "STEPS",
    "claiming",
    "customer",
    "department",
    "desk",
    "emergency",
    "holding",
    "hotline",
    "incident",
    "intake",
    "quality",
    "record",
    "tracking",
]
