"""The study's systems, one module a kind.

In: settings and a ``Context``. Out: a ``Result``. Each module has ``SETTINGS`` by system name and ``run``.
"""
