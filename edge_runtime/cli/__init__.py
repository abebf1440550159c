"""The command line ``edge-digits``.

In: arguments. Out: data on stdout, progress and errors on stderr, an exit code.
"""
