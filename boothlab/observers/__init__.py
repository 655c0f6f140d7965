"""Observers record what a live lab says. They never judge, and never disturb.

``Observers`` begins and ends them, ``observers_of`` names them for a history's header, and
whoever harms a daemon says so to ``Lives``.
"""

from boothlab.observers.errors import ObserverError
from boothlab.observers.lives import Lives
from boothlab.observers.observers import Observers
from boothlab.observers.subjects import observers_of

__all__ = ["Lives", "ObserverError", "Observers", "observers_of"]
