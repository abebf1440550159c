"""The notebook's study: its data sets and classifiers, each trained again, with the published figures beside ours.

In: the data sets, and the run folders of the five-head networks. Out: ``STUDY.md`` with pictures and results; that in
this folder is of a full run.
"""
