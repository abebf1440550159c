"""Numbers on signs, vehicles, cloth and screens.

In: random numbers and a ``Wish``. Out: a ``Drawing``.
"""
