"""``python -m benchmarks all``.

In: what the other benchmarks measured. Out: one record for each machine, REPORT.md, and README's table.
"""
