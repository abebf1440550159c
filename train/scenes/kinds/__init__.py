"""Kinds of pictures, each a function that draws one.

In: random numbers and a ``Wish``. Out: a ``Drawing``. ``table`` says how often each is drawn.
"""
