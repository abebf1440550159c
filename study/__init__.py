"""The notebook's study: its data sets and classifiers, each trained again, with the published figures beside ours.

::

    python -m study run --out runs/study --record study
    python -m study run --only sigmoid-mnist relu-mnist --out runs/study
    python -m study run --quick --out runs/study-quick

``STUDY.md`` in this folder is the report of a full run.
"""
