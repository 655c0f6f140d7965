"""All faults by their kind, and how a fault is read from data or from words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.nemesis.errors import FaultError
from boothlab.nemesis.network import NETWORK_FAULTS
from boothlab.nemesis.packets import PACKET_FAULTS
from boothlab.nemesis.process import PROCESS_FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from boothlab.nemesis.fault import Fault

KINDS: Final[dict[str, type[Fault]]] = {
    each.kind: each for each in (*NETWORK_FAULTS, *PACKET_FAULTS, *PROCESS_FAULTS)
}
"""Every kind of fault by its name."""


def fault_of(data: Mapping[str, object]) -> Fault:
    """Return the fault that plain data describes: its kind under ``fault``, its fields beside it.

    Raises:
        FaultError: the data describe none.
    """
    kind = str(data.get("fault"))
    if kind not in KINDS:
        raise FaultError(f"there is no fault {kind}: the faults are {', '.join(KINDS)}")
    return KINDS[kind].from_data({name: value for name, value in data.items() if name != "fault"})


def parse_words(words: Sequence[str]) -> Fault:
    """Return the fault that words describe, e.g. ``loss from=A to=B percent=30``.

    Raises:
        FaultError: they describe none.
    """
    if not words:
        raise FaultError(f"no fault is named: the faults are {', '.join(KINDS)}")
    data: dict[str, object] = {"fault": words[0]}
    for word in words[1:]:
        name, equals, value = word.partition("=")
        if not equals or name in data:
            raise FaultError(
                f"{word!r} is not understood: after the fault's kind write NAME=VALUE, each once"
            )
        data[name] = value
    return fault_of(data)
