"""``edge-digits bench``.

In: the models of the package. Out: their times on this machine.
"""
