"""One message to a member in each state: it answers what the C daemon answered, and believes the same.

Where ours deviates, it does so on purpose: what it does instead, and why, is listed below.
"""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import pytest
from unit.core.replay import before
from unit.core.replay.recording import FOLDER, line, read
from unit.core.replay.stage import Stage

from boothlab.core.codes import Command
from boothlab.core.config.parse import parse
from boothlab.core.messages import Header, TextMessage, TicketMessage

if TYPE_CHECKING:
    from collections.abc import Callable

RECORDED: Final[dict[str, Any]] = json.loads((FOLDER / "30-probes.json").read_text())
CONFIG: Final = parse(RECORDED["config"], path="/etc/booth/booth.conf")
IDS: Final = {member.id: str(number) for number, member in enumerate(CONFIG.members, 1)}
BY_ADDRESS: Final = {member.address: str(number) for number, member in enumerate(CONFIG.members, 1)}
LEADER_OF_OTHERS: Final = CONFIG.members[1].id
WATCHED_S: Final = 0.06

STATES: Final[dict[str, Callable[[Stage], None]]] = {
    "Init": lambda stage: before.idle(stage, 0),
    "InitRevoked": lambda stage: before.revoked(stage, -0.3),
    "Leader": lambda stage: before.led(stage, -0.08),
    "Follower": lambda stage: before.followed(stage, -0.1, leader=LEADER_OF_OTHERS, term=5),
    "FollowerLate": lambda stage: before.followed(stage, -1.45, leader=LEADER_OF_OTHERS, term=5),
    "Candidate": lambda stage: before.candidate(stage, -0.01),
}

Outcome = tuple[tuple[str, ...], str]
"""What was answered, each with ``to N:``, and who then holds the ticket according to the list."""


@cache
def cases(state: str) -> list[dict[str, Any]]:
    """Return the recorded cases of a state."""
    return [case for case in RECORDED["cases"] if case["state"] == state]


def asked(case: dict[str, Any]) -> str:
    """Return what came in, as a line."""
    message = read(bytes.fromhex(case["in"]["hex"]), signed=False, client=False)
    assert isinstance(message, TicketMessage)
    valid = f", valid {message.valid}" if message.valid else ""
    return f"from {BY_ADDRESS[case['in']['src']]}: {line(message, CONFIG)}{valid}"


def theirs(case: dict[str, Any]) -> Outcome:
    """Return what the C daemon did."""
    messages = [
        (BY_ADDRESS[out["dst"]], read(bytes.fromhex(out["hex"]), signed=False, client=False))
        for out in case["out"]
    ]
    said = {f"to {to}: {line(message, CONFIG)}" for to, message in messages}
    return tuple(sorted(said)), holder(case["list_after"])


def ours(case: dict[str, Any]) -> Outcome:
    """Return what a member of ours does in the same state."""
    stage = Stage(CONFIG, CONFIG.members[0])
    STATES[case["state"]](stage)
    before_it = {(each.to, each.line) for each in stage.said}
    stage.said.clear()
    stage.datagram(0, bytes.fromhex(case["in"]["hex"]), case["in"]["src"])
    stage.until(WATCHED_S)
    said = {
        f"to {IDS[each.to]}: {each.line}"
        for each in stage.said
        if isinstance(each.to, int) and (each.message.header.request or (each.to, each.line) not in before_it)
    }
    stage.ask(WATCHED_S, 1, TicketMessage(Header(Command.LIST, stage.me.id), "", leader=0))
    listed = stage.said[-1].message
    assert isinstance(listed, TextMessage)
    return tuple(sorted(said)), holder(listed.text.decode())


def holder(listed: str) -> str:
    """Return who has the ticket according to a list: a member's place, ``none`` or ``NONE``."""
    leader = listed.partition("leader: ")[2].split(",")[0].strip()
    return BY_ADDRESS.get(leader, leader)


ROW: Final = re.compile(r"(\w+) (\d+): (.*) -> (.*) \| (\w+)")
AND: Final = "\n        and "
_LISTED: Final = {
    "a revoke is acknowledged and believed by whoever does not hold the ticket": """
    Init 234: Revk, leader none, term 0 -> to N: Ack. to Revk, leader none, term 0 | none
    Candidate 234: Revk, leader none, term 0 -> to N: Ack. to Revk, leader none, term 0 | none
    """,
    "a step-down is acknowledged, so that ours need not repeat it; the C daemon ignores that": """
    Init 23: VtFr for LocF, leader none, term 0 -> to N: Ack. to VtFr, leader none, term 0 | NONE
    Leader 23: VtFr for LocF, leader none, term 0 -> to N: Ack. to VtFr, leader 1, term 0 | 1
    Follower 3: VtFr for LocF, leader none, term 5 -> to N: Ack. to VtFr, leader 2, term 5 | 2
    FollowerLate 3: VtFr for LocF, leader none, term 5 -> to N: Ack. to VtFr, leader 2, term 5 | 2
    """,
    "a vote does not make it forget that the ticket was revoked": """
    InitRevoked 23: RVot for Admn, leader N, term 1 -> to N: VtFr to RVot, leader N, term 1 | none
    InitRevoked 23: RVot for Admn, leader N, term 0 -> to N: VtFr to RVot, leader N, term 0 | none
    """,
    "what was revoked is elected only for an administrator's grant": """
    InitRevoked 23: RVot for Racq, leader N, term 1 -> to N: RJC! to RVot = Outd, leader none, term 0 | none
    InitRevoked 23: RVot for Spdn, leader N, term 0 -> to N: RJC! to RVot = Outd, leader none, term 0 | none
    InitRevoked 23: RVot, leader N, term 0 -> to N: RJC! to RVot = Outd, leader none, term 0 | none
    """,
    "what is said about a term that was revoked is old": """
    InitRevoked 23: MIdx to Stat, leader N, term 0, valid 60000 -> - | none
    """,
    "a lease is believed only from its leader": """
    InitRevoked 4: MIdx to Stat, leader 2, term 0, valid 1500 -> - | none
    Candidate 4: MIdx to Stat, leader 2, term 1, valid 1500 -> - | NONE
    Candidate 4: MIdx to Stat, leader 2, term 0, valid 1500 -> - | NONE
    """,
    "a valid lease is not voted away, whatever the reason": """
    Leader 23: RVot for Spdn, leader N, term 1 -> to N: RJC! to RVot = TVld, leader 1, term 0 | 1
    Leader 23: RVot for Spdn, leader N, term 0 -> to N: RJC! to RVot = TVld, leader 1, term 0 | 1
    Follower 3: RVot for Spdn, leader N, term 6 -> to N: RJC! to RVot = TVld, leader 2, term 5 | 2
    Follower 3: RVot for Spdn, leader N, term 5 -> to N: RJC! to RVot = TVld, leader 2, term 5 | 2
    FollowerLate 3: RVot for Spdn, leader N, term 6 -> to N: RJC! to RVot = TVld, leader 2, term 5 | 2
    """,
    "a leader lets go when another site leads in its term: two holders would be worse than none": """
    Leader 23: HrtB, leader N, term 1, valid 1999 -> - | NONE
    Leader 23: UpdE, leader N, term 0, valid 1999 -> - | NONE
    Leader 23: UpdE, leader N, term 1, valid 1999 -> - | NONE
    """,
    "what is acknowledged to another site proves nothing about our lease": """
    Leader 23: Ack. to UpdE, leader N, term 1, valid 1500 -> - | 1
    """,
    "a leader that campaigns has let go of its lease: there is nothing to protect from it": """
    Follower 2: RVot for TLst, leader N, term 6 -> to N: VtFr to RVot, leader N, term 6 | NONE
    Follower 2: RVot for TLst, leader N, term 5 -> to N: VtFr to RVot, leader N, term 5 | N
    Follower 2: RVot for Admn, leader N, term 6 -> to N: VtFr to RVot, leader N, term 6 | NONE
    Follower 2: RVot for Racq, leader N, term 6 -> to N: VtFr to RVot, leader N, term 6 | NONE
    Follower 2: RVot for Spdn, leader N, term 6 -> to N: VtFr to RVot, leader N, term 6 | NONE
    FollowerLate 2: RVot for TLst, leader N, term 6 -> to N: VtFr to RVot, leader N, term 6 | NONE
    FollowerLate 2: RVot for Racq, leader N, term 6 -> to N: VtFr to RVot, leader N, term 6 | NONE
    FollowerLate 2: RVot for Spdn, leader N, term 6 -> to N: VtFr to RVot, leader N, term 6 | NONE
    """,
    "a leader's term never falls: this is old": """
    Follower 2: UpdE, leader N, term 4, valid 1999 -> to N: RJC! to UpdE = TOdt, leader N, term 5 | N
    FollowerLate 2: HrtB, leader N, term 4, valid 1999 -> to N: RJC! to HrtB = TOdt, leader N, term 5 | N
    """,
    "after a step-down the first site in order campaigns at once": """
    Follower 2: VtFr for LocF, leader none, term 5 -> to N: Ack. to VtFr, leader none, term 5
        and to *: RVot for Spdn, leader 1, term 6 | NONE
    FollowerLate 2: VtFr for LocF, leader none, term 5 -> to N: Ack. to VtFr, leader none, term 5
        and to *: RVot for Spdn, leader 1, term 6 | NONE
    """,
    "a status that nobody asked for is not answered": """
    Follower 2: MIdx to Stat, leader N, term 4, valid 1500 -> - | N
    Follower 3: MIdx to Stat, leader N, term 4, valid 1500 -> - | 2
    """,
    "nobody follows two leaders of a term": """
    Follower 3: HrtB, leader N, term 5, valid 1999 -> to N: RJC! to HrtB = TVld, leader 2, term 5 | 2
    FollowerLate 3: HrtB, leader N, term 5, valid 1999 -> to N: RJC! to HrtB = TVld, leader 2, term 5 | 2
    """,
    "what was promised to a leader holds until its lease is over": """
    Follower 3: HrtB, leader N, term 6, valid 1999 -> to N: RJC! to HrtB = TVld, leader 2, term 5 | 2
    """,
    "the term is what is wrong with it": """
    Follower 3: UpdE, leader N, term 4, valid 1999 -> to N: RJC! to UpdE = TOdt, leader 2, term 5 | 2
    """,
    "a rejected leader is told so however little is left of the lease": """
    FollowerLate 3: UpdE, leader N, term 5, valid 1999 -> to N: RJC! to UpdE = TVld, leader 2, term 5 | 2
    FollowerLate 3: UpdE, leader N, term 6, valid 1999 -> to N: RJC! to UpdE = TVld, leader 2, term 5 | 2
    """,
    "the status is told at any time": """
    Candidate 234: Stat, leader none, term 0 -> to N: MIdx to Stat, leader none, term 0 | NONE
    """,
    "a vote in another term proves no leader": """
    Candidate 23: VtFr to RVot, leader N, term 1 -> - | NONE
    """,
}
"""What ours does instead, by reason: state, senders, message -> answers | holder.

N stands for the sender, ``*`` for all others.
"""


def listed(state: str) -> dict[str, Outcome]:
    """Return what ours does instead in a state, by message."""
    found: dict[str, Outcome] = {}
    rows = "\n".join(_LISTED.values()).replace(AND, "; ")
    for in_state, senders, question, answers, who in ROW.findall(rows):
        for sender in senders if in_state == state else ():
            of_sender = partial(re.sub, r"\bN\b", sender)
            said = [] if answers == "-" else of_sender(answers).split("; ")
            all_said = {each.replace("*", to) for each in said for to in "2345"}
            found[f"from {sender}: {of_sender(question)}"] = tuple(sorted(all_said)), of_sender(who)
    return found


@pytest.mark.parametrize("state", STATES)
def test_answers_as_the_c_daemon_did(state: str) -> None:
    done = {asked(case): (ours(case), theirs(case)) for case in cases(state)}

    assert {question: our for question, (our, their) in done.items() if our != their} == listed(state)
    assert len(done) == len(cases(state))
