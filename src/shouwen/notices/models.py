"""The room's tables, gathered from the files that hold them."""

from shouwen.notices.address import Address, CompanyFloor, Gateway, OwnRules
from shouwen.notices.customers.kept import CustomerMessage, CustomerTelling, CustomerTemplate
from shouwen.notices.notice import Delivery, Envelope, Notice, Pass
from shouwen.notices.policy import Escalation, Hop, Policy, Rehearsal
from shouwen.notices.reports.report import ReportVersion
from shouwen.notices.watching import Watch

__all__ = [
    "Address",
    "CompanyFloor",
    "CustomerMessage",
    "CustomerTelling",
    "CustomerTemplate",
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
    "Watch",
]
