"""Customers' pages, and those of staff without an account: thin; parse, call, render."""
