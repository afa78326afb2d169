"""The room's tables, gathered from the files that hold them."""

from shouwen.notices.address import Address, CompanyFloor, Gateway, OwnRules

__all__ = ["Address", "CompanyFloor", "Gateway", "OwnRules"]
