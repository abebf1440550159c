"""What all systems of the study share.

In: data sets. Out: measures, plots and results in one form.
"""
