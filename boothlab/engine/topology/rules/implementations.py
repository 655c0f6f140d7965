"""Which Booth the members run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.model import OUR_IMPLEMENTATIONS
from boothlab.engine.topology.problems import Problem, choices, closest
from boothlab.engine.topology.rules import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Topology
    from boothlab.engine.topology.problems import Location

_LINKS: Final = ("/usr/sbin", "/sbin")
"""Folders in which the lab puts the programs themselves."""


def implementations_are_known(topology: Topology) -> Iterator[Problem]:
    """A member runs one of the Booth implementations that there are."""
    known = (*OUR_IMPLEMENTATIONS, *topology.implementations)
    for place, member in walk.members(topology):
        if (name := member.implementation) not in known:
            message = f"there is no Booth implementation {name!r}"
            remedy = f"write {closest(name, known) or choices(known)}, or define it under implementations"
            yield Problem((*place, "implementation"), message, remedy)


def implementations_have_names_of_their_own(topology: Topology) -> Iterator[Problem]:
    """What every lab has cannot be something else in one of them."""
    for name in topology.implementations:
        if name in OUR_IMPLEMENTATIONS:
            message = f"{name} is in every lab already"
            yield Problem(("implementations", name), message, "write another name")


def implementations_say_what_to_run(topology: Topology) -> Iterator[Problem]:
    """An implementation is a command in the nodes, or an image that has its own."""
    for name, each in topology.implementations.items():
        path = ("implementations", name)
        written = [*each.commands, *(["files"] if each.files else [])]
        if each.image is None and each.boothd is None:
            yield Problem(path, "does not say what boothd is", "write boothd: /PATH/IN/NODE, or image: IMAGE")
        elif each.image is not None and written:
            message = "an image has the programs itself"
            related: Location = (*path, written[0])
            remedy = f"leave the image out, or {choices(written, 'and')}"
            yield Problem((*path, "image"), message, remedy, related=(related,))


def implementations_do_not_run_themselves(topology: Topology) -> Iterator[Problem]:
    """/usr/sbin is where the lab puts a program that starts the command: it would start itself."""
    for name, each in topology.implementations.items():
        for program, command in each.commands.items():
            if command.split()[0] in {f"{folder}/{program}" for folder in _LINKS}:
                message = f"{command.split()[0]} is where the lab itself puts {program}"
                path = ("implementations", name, program)
                yield Problem(path, message, "write the path of another program")


PART: Final = (
    implementations_have_names_of_their_own,
    implementations_say_what_to_run,
    implementations_do_not_run_themselves,
)
WHOLE: Final = (implementations_are_known,)
