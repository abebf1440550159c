"""What a picture file claims to be, read before anything is decoded.

In: the first bytes of a file. Out: a ``Header`` with kind, size and orientation.
"""
