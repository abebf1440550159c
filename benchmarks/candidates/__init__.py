"""Networks that were tried.

In: runs. Out: tables.
"""
