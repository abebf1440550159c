"""``edge-digits info``.

In: this machine. Out: versions, features of the processor, the models, and whether all of it fits.
"""
