"""Derived text: the words in files that were captured, read out of them. Pure.

It is marked as derived wherever it is shown, and never sealed: the file is the evidence.
"""
