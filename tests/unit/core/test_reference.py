"""The model of a C member, which clusters of both kinds are tested with, says what real ones said.

It is told what they were told in the recordings, as our own member is in test_conversations.
What it says to clients is its own business.
"""

from __future__ import annotations

from typing import Final

import pytest
from unit.core.cluster.reference import Reference
from unit.core.replay.compare import NAMES, differences, once, ours, recorded
from unit.core.replay.recording import load
from unit.core.replay.scenes import SCENES, play

KNOWN: Final = {
    "01-startup-empty": (1, 2, 3),
    "03-grant-election": (1, 2, 3),
    "04-renewals": (1, 2, 3),
    "07-revoke-redirect": (1, 2, 3),
    "10-follower-restart": (1, 3),
    "12-leader-killed-failover": (2, 3),
    "13-old-leader-returns": (2, 3),
    "14-reject-term-still-valid": (1, 2, 3),
    "19-no-majority-grant": (1,),
    "20-stepdown-handler-fails": (2, 3),
    "26-ipv6": (2, 3),
    "28-update-resends": (1, 2, 3),
    "29-dual-leader-after-stepdown": (3,),
}
"""Members in recordings that need nothing but what the model knows: no handler, no CIB at start, no list."""


@pytest.mark.parametrize(
    ("name", "place"),
    [each for each in NAMES if each[1] in KNOWN.get(each[0].removesuffix("-auth"), ())],
)
def test_says_to_other_members_what_the_c_daemon_said(name: str, place: int) -> None:
    recording = load(name)
    said = ours(recording, play(recording, SCENES[name.removesuffix("-auth")], place, Reference))
    theirs, end_s = recorded(recording, place), recording.packets[-1].t

    for to in {to for to in {*said, *theirs} if to.isdigit()}:
        assert differences(once(theirs.get(to, [])), once(said.get(to, [])), end_s) == []
