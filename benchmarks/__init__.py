"""How fast Shouwen is: `make bench` builds installations of the sizes asked for and measures them.

docs/performance.md says how to run it, what the figures mean, and what they were.
"""
