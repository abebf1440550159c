"""Numbers on paper and on packs: print, tags, pages, forms, tickets, handwriting.

In: random numbers and a ``Wish``. Out: a ``Drawing``.
"""
