"""What several commands share.

In: options and rows. Out: readers, lines of output, one-line errors, clean ends.
"""
