"""Many files.

In: paths. Out: one ``Row`` a picture or page, in order; files of them that survive a kill; and a report.
"""
