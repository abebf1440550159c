"""Many files.

In: paths. Out: one ``Row`` a file, in order, in files that survive a kill, and a report.
"""
