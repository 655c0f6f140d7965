"""Checkers judge: a history in, a verdict with its evidence out. Nothing is watched or changed here.

``suite`` names them all and ``judge`` asks them; ``verdict`` says what they answer.
"""
