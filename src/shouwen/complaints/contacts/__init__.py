"""Contacts: what comes in and is no complaint (报修, 咨询, 表扬, 建议), and its answer.

A contact has a ledger of its own (subject type `contact`), clocks of house rules only, and becomes a
complaint by one step. No article of the regulation speaks of it.
"""
