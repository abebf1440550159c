"""Digits and characters that others collected or drew.

In: files of ``train/data`` or of the user. Out: arrays of single digits, strokes and characters.
"""
