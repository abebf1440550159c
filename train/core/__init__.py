"""What every room of training needs.

In: the settings of a run. Out: run folders that explain themselves, errors, tables.
"""
