"""Numbers on devices: displays, drums, dials, keys.

In: random numbers and a ``Wish``. Out: a ``Drawing``.
"""
