"""Clocks as rows, the timekeeper that fires them, and the versions they are judged by."""
