"""Networks written in NumPy alone.

In: settings. Out: a ``Result``.
"""
