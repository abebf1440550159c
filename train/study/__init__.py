"""The notebook's study: its data sets and classifiers, each trained again, with the published figures beside ours.

::

    python -m train study --out runs/study --record train/study
    python -m train study --only sigmoid-mnist relu-mnist --out runs/study
    python -m train study --quick --out runs/study-quick

``STUDY.md`` in this folder is the report of a full run.
"""
