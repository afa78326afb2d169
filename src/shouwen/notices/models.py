"""The room's tables, gathered from the files that hold them."""

from shouwen.notices.address import Address, CompanyFloor, Gateway, OwnRules
from shouwen.notices.notice import Delivery, Envelope, Notice, Pass
from shouwen.notices.policy import Escalation, Hop, Policy, Rehearsal
from shouwen.notices.reports.report import ReportVersion

__all__ = [
    "Address",
    "CompanyFloor",
    "Delivery",
    "Envelope",
    "Escalation",
    "Gateway",
    "Hop",
    "Notice",
    "OwnRules",
    "Pass",
    "Policy",
    "Rehearsal",
    "ReportVersion",
]
