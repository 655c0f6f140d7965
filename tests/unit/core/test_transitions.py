"""What site B answers and becomes, for each message in each state; A is the other site, C the arbitrator.

A message that is missing from a state's table is not answered there and changes nothing.
Terms: where A leads it is 3, so 2 is old and 5 is new; B runs and leads in 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from unit.core.cluster.alone import A, B, C, following, idle, leading, lost, revoked, running, voted

from boothlab.core.codes import Command, Reason, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.core.cluster.alone import Alone

_RVOT: Final = {"leader": A, "term": 5}
_ANSWER: Final = {"request": Command.REQUEST_VOTE}
MESSAGES: Final[dict[str, tuple[Command, int, dict[str, Any]]]] = {
    "Stat": (Command.STATUS, A, {}),
    "MIdx by A: A leads, old": (Command.MY_INDEX, A, {"leader": A, "term": 2, "valid": 1_500}),
    "MIdx by A: A leads": (Command.MY_INDEX, A, {"leader": A, "term": 3, "valid": 1_500}),
    "MIdx by A: A leads, new": (Command.MY_INDEX, A, {"leader": A, "term": 5, "valid": 1_500}),
    "MIdx by C: A leads, new": (Command.MY_INDEX, C, {"leader": A, "term": 5, "valid": 1_500}),
    "MIdx by C: B leads, new": (Command.MY_INDEX, C, {"leader": B, "term": 5, "valid": 1_500}),
    "RVot, old": (Command.REQUEST_VOTE, A, _RVOT | {"term": 2, "reason": Reason.TICKET_LOST}),
    "RVot": (Command.REQUEST_VOTE, A, _RVOT | {"term": 3, "reason": Reason.TICKET_LOST}),
    "RVot, new: lost": (Command.REQUEST_VOTE, A, _RVOT | {"reason": Reason.TICKET_LOST}),
    "RVot, new: step-down": (Command.REQUEST_VOTE, A, _RVOT | {"reason": Reason.STEPDOWN}),
    "RVot, new: admin": (Command.REQUEST_VOTE, A, _RVOT | {"reason": Reason.ADMIN}),
    "RVot by the arbitrator": (Command.REQUEST_VOTE, C, {"leader": C, "term": 5, "reason": Reason.ADMIN}),
    "VtFr for B": (Command.VOTE_FOR, C, _ANSWER | {"leader": B, "term": 4}),
    "VtFr for A": (Command.VOTE_FOR, C, _ANSWER | {"leader": A, "term": 4}),
    "VtFr for none": (Command.VOTE_FOR, A, {"term": 3, "reason": Reason.LOCAL_FAIL}),
    "HrtB, old": (Command.HEARTBEAT, A, {"leader": A, "term": 2, "valid": 2_000}),
    "HrtB": (Command.HEARTBEAT, A, {"leader": A, "term": 3, "valid": 2_000}),
    "HrtB, new": (Command.HEARTBEAT, A, {"leader": A, "term": 5, "valid": 2_000}),
    "UpdE": (Command.UPDATE, A, {"leader": A, "term": 3, "valid": 2_000}),
    "UpdE, new": (Command.UPDATE, A, {"leader": A, "term": 5, "valid": 2_000}),
    "Ack.": (Command.ACK, C, {"request": Command.HEARTBEAT, "leader": B, "term": 4, "valid": 2_000}),
    "Revk": (Command.REVOKED, A, {"term": 3, "reason": Reason.ADMIN}),
    "Revk, new": (Command.REVOKED, A, {"term": 5, "reason": Reason.ADMIN}),
    "RJC! of RVot: TVld": (
        Command.REJECTED,
        C,
        _ANSWER | {"leader": A, "term": 4, "valid": 1_000, "result": Result.TERM_STILL_VALID},
    ),
    "RJC! of RVot: TOdt": (
        Command.REJECTED,
        C,
        _ANSWER | {"leader": A, "term": 8, "result": Result.TERM_OUTDATED},
    ),
    "RJC! of RVot: Outd": (Command.REJECTED, C, _ANSWER | {"term": 4, "result": Result.YOU_OUTDATED}),
    "RJC! of HrtB: TOdt": (
        Command.REJECTED,
        C,
        {"request": Command.HEARTBEAT, "leader": A, "term": 8, "result": Result.TERM_OUTDATED},
    ),
}

# Message | answers: command, result, leader, term | then: state, leader, term, what Pacemaker is told.
TABLES: Final[dict[Callable[[], Alone], str]] = {
    idle: """
        Stat                    | MIdx none 0                | Init NONE 0
        MIdx by A: A leads, old |                            | Fllw A 2
        MIdx by A: A leads      |                            | Fllw A 3
        MIdx by A: A leads, new |                            | Fllw A 5
        MIdx by C: A leads, new |                            | Fllw A 5
        RVot, old               | VtFr A 2                   | Fllw NONE 2
        RVot                    | VtFr A 3                   | Fllw NONE 3
        RVot, new: lost         | VtFr A 5                   | Fllw NONE 5
        RVot, new: step-down    | VtFr A 5                   | Fllw NONE 5
        RVot, new: admin        | VtFr A 5                   | Fllw NONE 5
        VtFr for none           | Ack. none 0                | Init NONE 0
        HrtB, old               | Ack. A 2                   | Fllw A 2
        HrtB                    | Ack. A 3                   | Fllw A 3
        HrtB, new               | Ack. A 5                   | Fllw A 5
        UpdE                    | Ack. A 3                   | Fllw A 3 -CIB
        UpdE, new               | Ack. A 5                   | Fllw A 5 -CIB
        Revk                    | Ack. none 3                | Init none 3 -CIB
        Revk, new               | Ack. none 5                | Init none 5 -CIB
    """,
    following: """
        Stat                    | MIdx A 3                   | Fllw A 3
        MIdx by A: A leads, new |                            | Fllw A 5
        RVot, old               | RJC! TOdt A 3              | Fllw A 3
        RVot                    | VtFr A 3                   | Fllw A 3
        RVot, new: lost         | VtFr A 5                   | Fllw NONE 5
        RVot, new: step-down    | VtFr A 5                   | Fllw NONE 5
        RVot, new: admin        | VtFr A 5                   | Fllw NONE 5
        VtFr for none           | Ack. none 3                | Fllw NONE 3 -CIB
        HrtB, old               | RJC! TOdt A 3              | Fllw A 3
        HrtB                    | Ack. A 3                   | Fllw A 3
        HrtB, new               | Ack. A 5                   | Fllw A 5
        UpdE                    | Ack. A 3                   | Fllw A 3 -CIB
        UpdE, new               | Ack. A 5                   | Fllw A 5 -CIB
        Revk                    | Ack. none 3                | Init none 3 -CIB
        Revk, new               | Ack. none 5                | Init none 5 -CIB
    """,
    lost: """
        Stat                    | MIdx none 3                | Fllw NONE 3
        MIdx by A: A leads      |                            | Fllw A 3
        MIdx by A: A leads, new |                            | Fllw A 5
        MIdx by C: A leads, new |                            | Fllw A 5
        RVot, old               | RJC! TOdt A 3              | Fllw NONE 3
        RVot                    | VtFr A 3                   | Fllw NONE 3
        RVot, new: lost         | VtFr A 5                   | Fllw NONE 5
        RVot, new: step-down    | VtFr A 5                   | Fllw NONE 5
        RVot, new: admin        | VtFr A 5                   | Fllw NONE 5
        VtFr for none           | Ack. none 3                | Fllw NONE 3
        HrtB, old               | RJC! TOdt A 3              | Fllw NONE 3
        HrtB                    | Ack. A 3                   | Fllw A 3
        HrtB, new               | Ack. A 5                   | Fllw A 5
        UpdE                    | Ack. A 3                   | Fllw A 3 -CIB
        UpdE, new               | Ack. A 5                   | Fllw A 5 -CIB
        Revk                    | Ack. none 3                | Init none 3 -CIB
        Revk, new               | Ack. none 5                | Init none 5 -CIB
    """,
    revoked: """
        Stat                    | MIdx none 3                | Init none 3
        MIdx by A: A leads, new |                            | Fllw A 5
        MIdx by C: A leads, new |                            | Fllw A 5
        RVot, old               | RJC! Outd none 3           | Init none 3
        RVot                    | RJC! Outd none 3           | Init none 3
        RVot, new: lost         | RJC! Outd none 3           | Init none 3
        RVot, new: step-down    | RJC! Outd none 3           | Init none 3
        RVot, new: admin        | VtFr A 5                   | Fllw none 5
        VtFr for none           | Ack. none 3                | Init none 3
        HrtB, new               | Ack. A 5                   | Fllw A 5
        UpdE, new               | Ack. A 5                   | Fllw A 5 -CIB
        Revk                    | Ack. none 3                | Init none 3
        Revk, new               | Ack. none 5                | Init none 5 -CIB
    """,
    voted: """
        Stat                    | MIdx none 4                | Fllw NONE 4
        MIdx by A: A leads, new |                            | Fllw A 5
        MIdx by C: A leads, new |                            | Fllw A 5
        RVot, old               | RJC! TOdt A 4              | Fllw NONE 4
        RVot                    | RJC! TOdt A 4              | Fllw NONE 4
        RVot, new: lost         | VtFr A 5                   | Fllw NONE 5
        RVot, new: step-down    | VtFr A 5                   | Fllw NONE 5
        RVot, new: admin        | VtFr A 5                   | Fllw NONE 5
        VtFr for none           | Ack. none 4                | Fllw NONE 4
        HrtB, old               | RJC! TOdt A 4              | Fllw NONE 4
        HrtB                    | RJC! TOdt A 4              | Fllw NONE 4
        HrtB, new               | Ack. A 5                   | Fllw A 5
        UpdE                    | RJC! TOdt A 4              | Fllw NONE 4
        UpdE, new               | Ack. A 5                   | Fllw A 5 -CIB
        Revk, new               | Ack. none 5                | Init none 5 -CIB
    """,
    running: """
        Stat                    | MIdx none 4                | Cndi NONE 4
        MIdx by A: A leads, new | Rslt Over none 4           | Fllw A 5
        RVot, old               | RJC! TOdt B 4              | Cndi NONE 4
        RVot                    | RJC! TOdt B 4              | Cndi NONE 4
        RVot, new: lost         | VtFr A 5                   | Fllw NONE 5
        RVot, new: step-down    | VtFr A 5                   | Fllw NONE 5
        RVot, new: admin        | VtFr A 5                   | Fllw NONE 5
        VtFr for B              | HrtB B 4, HrtB B 4         | Lead B 4
        VtFr for none           | Ack. none 4                | Cndi NONE 4
        HrtB, old               | RJC! TOdt B 4              | Cndi NONE 4
        HrtB                    | RJC! TOdt B 4              | Cndi NONE 4
        HrtB, new               | Rslt Over none 4, Ack. A 5 | Fllw A 5
        UpdE                    | RJC! TOdt B 4              | Cndi NONE 4
        UpdE, new               | Rslt Over none 4, Ack. A 5 | Fllw A 5 -CIB
        Revk, new               | Ack. none 5                | Init none 5 -CIB
        RJC! of RVot: Outd      |                            | Init none 4
    """,
    leading: """
        Stat                    | MIdx B 4                   | Lead B 4
        MIdx by A: A leads, new |                            | Fllw A 5 -CIB
        RVot, old               | RJC! TVld B 4              | Lead B 4
        RVot                    | RJC! TVld B 4              | Lead B 4
        RVot, new: lost         | RJC! TVld B 4              | Lead B 4
        RVot, new: step-down    | RJC! TVld B 4              | Lead B 4
        RVot, new: admin        | RJC! TVld B 4              | Lead B 4
        VtFr for none           | Ack. B 4                   | Lead B 4
        HrtB, old               | RJC! TOdt B 4              | Lead B 4
        HrtB                    | RJC! TOdt B 4              | Lead B 4
        HrtB, new               |                            | Fllw NONE 4 -CIB
        UpdE                    | RJC! TOdt B 4              | Lead B 4
        UpdE, new               |                            | Fllw NONE 4 -CIB
    """,
}


def rows(table: str) -> dict[str, tuple[str, str]]:
    """Return a table by message."""
    cells = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return {message: (answers, then) for message, answers, then in cells}


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("state", TABLES, ids=lambda state: state.__name__)
def test_each_message_is_answered_as_the_table_says(state: Callable[[], Alone], message: str) -> None:
    command, sender, fields = MESSAGES[message]
    alone = state()
    before, told = alone.state, len(alone.cib)

    answers = alone.hear(command, sender, number=alone.round, **fields)

    pacemaker = "".join(" +CIB" if granted else " -CIB" for granted in alone.cib[told:])
    expected = rows(TABLES[state]).get(message, ("", before))
    assert (", ".join(answers), alone.state + pacemaker) == expected


def test_every_row_of_the_tables_is_used() -> None:
    named = {message for table in TABLES.values() for message in rows(table)}

    assert named <= MESSAGES.keys()
