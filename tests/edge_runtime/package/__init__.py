"""Tests of the package as a whole: what it loads, what it names, what is in its wheel."""
