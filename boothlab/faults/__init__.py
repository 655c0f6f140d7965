"""Carries out on a live lab what the nemesis decided, and undoes it.

    faults = Faults(lab)
    applied = faults.apply(parse_words(["loss", "from=A", "percent=30"]), seed=7)
    ...
    faults.undo(applied)

Which faults are applied is kept in the lab's router. Whoever comes next, after a crash
too, finds them there and can heal them.
"""

from boothlab.faults.faults import Applied, FaultRefusedError, Faults
from boothlab.faults.places import shape_of

__all__ = ["Applied", "FaultRefusedError", "Faults", "shape_of"]
