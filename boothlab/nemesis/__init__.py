"""The nemesis decides what goes wrong, when and for whom; carrying it out is not its business.

Everything here is pure data and plain functions over it: ``fault`` is the vocabulary,
``grudges`` says who does not hear whom, ``targets`` finds out who ``leader`` is, and
``draw`` makes a ``schedule`` from a seed.
"""
