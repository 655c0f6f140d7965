"""Reading logs: the daemons', the stand-in's for crm_ticket, and the handlers'."""

from __future__ import annotations

import json

import pytest

from boothlab.observers import crm_ticket_log, handler_log
from boothlab.observers.log_lines import log_line

FROM = "Nov  5 18:30:38 boothA boothd-site: [28]: "

# --- the daemons': both write the same form


@pytest.mark.parametrize(
    ("text", "level", "ticket", "state", "term", "says"),
    [
        (
            f"{FROM}info: apacheticket (Lead/3/1999): granted successfully here",
            *("info", "apacheticket", "Lead", 3, "granted successfully here"),
        ),
        (
            f"{FROM}ERROR: apacheticket (Init/0/0): crm_ticket xml output empty",
            *("error", "apacheticket", "Init", 0, "crm_ticket xml output empty"),
        ),
        (
            f"{FROM}WARN: apacheticket: no site matches; site got reconfigured?",
            *("warn", "", "", None, "apacheticket: no site matches; site got reconfigured?"),
        ),
        (
            f"{FROM}info: caught signal 15",
            *("info", "", "", None, "caught signal 15"),
        ),
        (
            "crm_ticket: Could not query ticket XML: No such device or address",
            *("", "", "", None, "crm_ticket: Could not query ticket XML: No such device or address"),
        ),
        ("", "", "", "", None, ""),
    ],
)
def test_a_daemons_line_is_taken_apart(
    text: str, level: str, ticket: str, state: str, term: int | None, says: str
) -> None:
    line = log_line("A", text, 5)

    assert (line.level, line.ticket, line.state, line.term, line.text) == (level, ticket, state, term, says)
    assert (line.source, line.at_ns) == ("A", 5)


# --- the stand-in's for crm_ticket


def call(argv: str, status: int = 0) -> str:
    record = {
        "wall_s": [1795631438.5, 1795631438.6],
        "mono_s": [908.5, 908.6],
        "exit": status,
        "argv": argv.split(),
    }
    return json.dumps(record)


GRANT = "-t apacheticket -g --force -S owner -v1379338081 -S expires -v1795631441 -S term -v4"


def test_a_grant_with_all_that_came_with_it() -> None:
    write = crm_ticket_log.parse(call(GRANT))

    assert write == crm_ticket_log.Write(
        ticket="apacheticket",
        granted=True,
        began_ns=908_500_000_000,
        ended_ns=908_600_000_000,
        owner=1379338081,
        term=4,
        expires_ns=911_000_000_000,
    )


@pytest.mark.parametrize(
    ("argv", "granted"),
    [
        ("-t apacheticket -r --force -S owner -v-1", False),
        ("--ticket=apacheticket --revoke --force", False),
        ("--ticket apacheticket --grant --force", True),
        ("-t apacheticket --cleanup --force", False),
        ("-t apacheticket -D granted --force", False),
        ("-tapacheticket -g --force", True),
        ("-t apacheticket -S colour -v blue", None),
        ("-t apacheticket -s", None),
        ("-t apacheticket -q", None),
        ("-L", None),
    ],
)
def test_which_calls_write_a_grant(argv: str, granted: bool | None) -> None:
    write = crm_ticket_log.parse(call(argv))

    assert (write and write.granted) is granted
    assert write is None or write.ticket == "apacheticket"


def test_a_call_that_failed_wrote_nothing() -> None:
    assert crm_ticket_log.parse(call(GRANT, status=102)) is None


@pytest.mark.parametrize("text", ["", "{", '{"exit": 0}', "[]", "null", call("-g --force")])
def test_what_is_no_line_of_this_log_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        crm_ticket_log.parse(text)


# --- the handlers'


def test_a_handlers_run() -> None:
    run = handler_log.parse('{"mono_s": [1.5, 2.25], "status": 137, "ticket": "apacheticket"}')

    assert run == handler_log.Run("apacheticket", 137, 1_500_000_000, 2_250_000_000)


@pytest.mark.parametrize("text", ["", "{}", '{"mono_s": 1, "status": 0, "ticket": ""}', "null"])
def test_what_is_no_line_of_the_handlers_log_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        handler_log.parse(text)
