"""What a client's result means: it happened, it surely did not, or nobody can tell. One table.

FAIL is only said where the daemon refuses before it does anything, or was never asked.
What is in doubt is INFO: a checker then allows for both.
"""

from __future__ import annotations

import re
from typing import Final

from boothlab.core.codes import Result
from boothlab.history.records import Phase, Verb

READS: Final = frozenset({Verb.LIST, Verb.PEERS, Verb.ATTR_GET, Verb.ATTR_LIST})
"""What changes nothing: without an answer it did not happen."""

OUTCOMES: Final[dict[Result, Phase]] = {
    Result.SUCCESS: Phase.OK,
    Result.SYNC_SUCCESS: Phase.OK,
    # Won, but Pacemaker is not told yet, and may never be.
    Result.CIB_PENDING: Phase.INFO,
    Result.ASYNC: Phase.INFO,
    Result.MORE: Phase.INFO,
    Result.PROBABLY_SUCCESS: Phase.INFO,
    # A revoke without majority: done here, and nowhere else. A grant: an election may have been won.
    Result.SYNC_FAIL: Phase.INFO,
    # The site gives the ticket away, and another one may take it.
    Result.HANDLER_FAILED: Phase.INFO,
    Result.TERM_OUTDATED: Phase.INFO,
    Result.TERM_STILL_VALID: Phase.INFO,
    Result.YOU_OUTDATED: Phase.INFO,
    # Refused before anything is done.
    Result.INVALID_ARGUMENT: Phase.FAIL,
    Result.NO_SUCH_ATTRIBUTE: Phase.FAIL,
    Result.PREREQUISITE_FAILED: Phase.FAIL,
    Result.TICKET_IDLE: Phase.FAIL,
    Result.OVERGRANT: Phase.FAIL,
    Result.BUSY: Phase.FAIL,
    Result.AUTHENTICATION: Phase.FAIL,
    Result.REDIRECT: Phase.FAIL,
}

_TOLD: Final[tuple[tuple[re.Pattern[str], Result], ...]] = tuple(
    (re.compile(pattern), result)
    for pattern, result in (
        (r"\w+ succeeded!", Result.SYNC_SUCCESS),
        (r"succeeded \(CIB commit pending\)", Result.CIB_PENDING),
        (r"request sent, waiting for the result", Result.MORE),
        (r"result will be returned asynchronously", Result.ASYNC),
        (r"\w+ failed!", Result.SYNC_FAIL),
        (r"You're granting a granted ticket", Result.OVERGRANT),
        (r"ticket is not owned", Result.TICKET_IDLE),
        (r'ticket ".*" does not exist', Result.INVALID_ARGUMENT),
        (r'attribute ".*" not set', Result.NO_SUCH_ATTRIBUTE),
        (r"authentication error", Result.AUTHENTICATION),
        (r"before-acquire-handler for ticket .* failed", Result.HANDLER_FAILED),
        (r"attr-prereq for ticket .* failed", Result.PREREQUISITE_FAILED),
    )
)
"""The words of ``booth`` and ``geostore``, ClusterLabs' and ours."""

_NEVER_ASKED: Final = re.compile(
    r"Connection refused|No route to host|Network is unreachable|not configured\."
    r"|just an arbitrator|No ticket given|cannot find site|Cannot find myself"
)
_NOT_RUN: Final = (126, 127)
"""Exit codes of a shell that finds no program to run."""


def outcome(verb: Verb, result: Result | None) -> Phase:
    """Return how an operation ended that a daemon answered like this; None: it did not."""
    if result is not None:
        return OUTCOMES[result]
    return Phase.FAIL if verb in READS else Phase.INFO


def result_told(output: str) -> Result | None:
    """Return the last result that a client's output tells, standard output and error together."""
    found = None
    for line in output.splitlines():
        found = next((result for pattern, result in _TOLD if pattern.search(line)), found)
    return found


def client_outcome(verb: Verb, exit_code: int | None, output: str) -> tuple[Phase, Result | None]:
    """Return how an operation ended, and Booth's last word, by what a client did.

    An exit code alone proves little: a client that gives up waiting ends with 0.

    Args:
        verb: What was asked for.
        exit_code: The client's; None when it was killed, or not waited for.
        output: What it wrote, standard output and error together.
    """
    if exit_code in _NOT_RUN:
        return Phase.FAIL, None
    if verb in READS:
        return (Phase.OK if exit_code == 0 else Phase.FAIL), result_told(output)
    if verb is Verb.ATTR_DELETE and exit_code == 0 and not output.strip():
        return Phase.OK, None  # the only success that nothing is said about
    result = result_told(output)
    if result is None and _NEVER_ASKED.search(output):  # some clients end with 0 even so
        return Phase.FAIL, None
    return outcome(verb, result), result
