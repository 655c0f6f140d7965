"""OK, FAIL or INFO: what a client's word means."""

from __future__ import annotations

import pytest

from boothlab.core.codes import Result
from boothlab.history.outcomes import OUTCOMES, client_outcome, outcome
from boothlab.history.records import Phase, Verb

GIVING_UP = 'Giving up on waiting for the definite result. Please use "booth list" later to see the outcome.'


def test_every_result_of_booth_has_an_outcome() -> None:
    assert set(OUTCOMES) == set(Result)


@pytest.mark.parametrize(
    ("verb", "code", "output", "expected"),
    [
        (Verb.GRANT, 0, "grant request sent, waiting for the result ...\ngrant succeeded!", Phase.OK),
        (Verb.REVOKE, 0, "info: revoke succeeded!", Phase.OK),
        (Verb.GRANT, 0, "grant succeeded (CIB commit pending)", Phase.INFO),
        (Verb.GRANT, 0, "grant succeeded (CIB commit pending)\nwaiting ...\ngrant succeeded!", Phase.OK),
        (Verb.GRANT, 0, f"grant request sent, waiting for the result ...\n{GIVING_UP}", Phase.INFO),
        (Verb.REVOKE, 1, "revoke failed!", Phase.INFO),
        (Verb.REVOKE, 0, "ticket is not owned", Phase.FAIL),
        (Verb.GRANT, 1, "You're granting a granted ticket. If you wanted to migrate ...", Phase.FAIL),
        (Verb.GRANT, 1, 'ticket "x" does not exist', Phase.FAIL),
        (Verb.GRANT, 1, "authentication error", Phase.FAIL),
        (Verb.GRANT, 1, 'attr-prereq for ticket "x" failed, grant denied', Phase.FAIL),
        (Verb.GRANT, 1, 'before-acquire-handler for ticket "x" failed, grant denied', Phase.INFO),
        (Verb.GRANT, 1, "connect to 10.0.0.1 got an error: Connection refused", Phase.FAIL),
        (Verb.GRANT, 1, "We're just an arbitrator, cannot grant/revoke tickets here.", Phase.FAIL),
        (Verb.GRANT, 0, "We're just an arbitrator, cannot grant/revoke tickets here.", Phase.FAIL),
        (Verb.GRANT, 1, "grant request sent, waiting ...\nConnection reset by peer", Phase.INFO),
        (Verb.GRANT, 1, "connect to 10.0.0.1 got a timeout", Phase.INFO),
        (Verb.GRANT, None, "", Phase.INFO),
        (Verb.GRANT, 0, "", Phase.INFO),
        (Verb.GRANT, 130, "grant request sent, waiting for the result ...", Phase.INFO),
        (Verb.GRANT, 127, "sh: booth: not found", Phase.FAIL),
        (Verb.ATTR_SET, 0, "set succeeded!", Phase.OK),
        (Verb.ATTR_DELETE, 0, "", Phase.OK),
        (Verb.ATTR_DELETE, 1, 'error: attribute "rack" not set', Phase.FAIL),
        (Verb.ATTR_DELETE, None, "", Phase.INFO),
        (Verb.LIST, 0, "ticket: ticketA, leader: NONE", Phase.OK),
        (Verb.LIST, 1, "connect to 10.0.0.1 got a timeout", Phase.FAIL),
    ],
)
def test_what_a_client_prints_tells_the_outcome(
    verb: Verb, code: int | None, output: str, expected: Phase
) -> None:
    assert client_outcome(verb, code, output)[0] is expected


def test_after_a_request_was_sent_a_lost_connection_is_no_failure() -> None:
    sent = (
        "grant request sent, waiting for the result ...\nconnect to 10.0.0.2 got an error: Connection refused"
    )

    assert client_outcome(Verb.GRANT, 1, sent) == (Phase.INFO, Result.MORE)


def test_the_last_word_counts() -> None:
    assert client_outcome(
        Verb.GRANT, 0, "grant request sent, waiting for the result ...\ngrant succeeded!"
    ) == (
        Phase.OK,
        Result.SYNC_SUCCESS,
    )


def test_without_an_answer_a_change_may_have_happened_and_a_question_was_not_answered() -> None:
    assert outcome(Verb.GRANT, None) is Phase.INFO
    assert outcome(Verb.PEERS, None) is Phase.FAIL
