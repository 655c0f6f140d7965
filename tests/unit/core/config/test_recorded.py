"""What ClusterLabs booth says of a configuration file, and what we say."""

from __future__ import annotations

import json
import socket
import tomllib
from pathlib import Path
from typing import Final

import pytest

from boothlab.core.config.errors import ConfigError
from boothlab.core.config.parse import parse

DATA: Final = Path(__file__).parent / "data"
CASES: Final = {name: case["text"] for name, case in tomllib.loads((DATA / "cases.toml").read_text()).items()}
RECORDED: Final = json.loads((DATA / "recorded.json").read_text())

LONG_LINE = "what follows byte 1023 would be taken for a new line; even in a comment"
DOWNSTREAM = "some distributions need this key; a file from there must work with us"
PORT_0 = "C cuts it to 16 bits, or takes 0, and then listens where nobody expects it"
NO_NUMBER = "C takes 0 (or less): every signed message would be refused"
TOO_LONG = "C's numbers overflow to some other time"
MS_LIMIT = "the lease does not fit into messages in milliseconds: others see a much shorter one"
RENEWAL = "the leader loses the ticket before each renewal"
KEY_LATER = "the parser reads no files: boothlab.daemon.config_file refuses the key, in the same words"
INVISIBLE = "C does not see what follows the NUL byte"
OWN_ADVICE = "C asks for a bug report; mostly an address stands there twice"

# Name of the case: why we differ, and our words; none where we accept it.
DEVIATIONS: Final[dict[str, tuple[str, str | None]]] = {
    "comment of 2000 bytes": (LONG_LINE, "line longer than 1023 bytes"),
    "comment of 1500 bytes with words": (LONG_LINE, "line longer than 1023 bytes"),
    "enable-authfile before a ticket": (DOWNSTREAM, None),
    "enable-authfile after a ticket": (DOWNSTREAM, None),
    "port 0": (PORT_0, "Expected a number in the range [1, 65535] for port"),
    "port 0x10": (PORT_0, "Expected a number in the range [1, 65535] for port"),
    "port 65536": (PORT_0, "Expected a number in the range [1, 65535] for port"),
    "port 70000": (PORT_0, "Expected a number in the range [1, 65535] for port"),
    "port -1": (PORT_0, "Expected a number in the range [1, 65535] for port"),
    "port abc": (PORT_0, "Expected a number in the range [1, 65535] for port"),
    "maxtimeskew abc": (NO_NUMBER, "Expected seconds >=0 for maxtimeskew"),
    "maxtimeskew -5": (NO_NUMBER, "Expected seconds >=0 for maxtimeskew"),
    "the same site twice": (OWN_ADVICE, "Got a site-ID collision."),
    "a site that is an arbitrator too": (OWN_ADVICE, "Got a site-ID collision."),
    "an address written short and long": (OWN_ADVICE, "Got a site-ID collision."),
    "IPv6 written twice": (OWN_ADVICE, "Got a site-ID collision."),
    "expire 99999999999": (TOO_LONG, "Expected time >0 for expire"),
    "expire 4294968": (TOO_LONG, "Expected time >0 for expire"),
    "expire 2147483": (MS_LIMIT, "t: expire must be shorter than 4294 s"),
    "renewal-freq more than expire": (
        RENEWAL,
        "t: renewal-freq must be shorter than expire (700000 >= 600000)",
    ),
    "renewal-freq as expire": (RENEWAL, "t: renewal-freq must be shorter than expire (600000 >= 600000)"),
    "authfile that is missing": (KEY_LATER, None),
    "authfile twice": (KEY_LATER, None),
    "a byte of nothing": (INVISIBLE, "NUL byte in the line"),
}
AGREED: Final = [name for name in CASES if name not in DEVIATIONS]


def numeric(name: str) -> str:
    """Resolve what the C library takes for a number, and nothing else."""
    return str(socket.getaddrinfo(name, None, flags=socket.AI_NUMERICHOST)[0][4][0])


def refusals(text: str) -> list[tuple[int, str]]:
    try:
        parse(text, path="booth.conf", resolve=numeric)
    except ConfigError as error:
        return [(each.line, each.message) for each in error.problems]
    return []


def test_every_case_is_recorded() -> None:
    assert list(CASES) == list(RECORDED)


@pytest.mark.parametrize("name", [name for name in AGREED if not RECORDED[name]["refused"]])
def test_what_c_accepts_is_accepted(name: str) -> None:
    config = parse(CASES[name], path="booth.conf", resolve=numeric)

    assert set(RECORDED[name]["warned"]) <= set(config.warnings)


@pytest.mark.parametrize("name", [name for name in AGREED if RECORDED[name]["refused"]])
def test_what_c_refuses_is_refused_in_its_words_and_line(name: str) -> None:
    line, message = refusals(CASES[name])[0]

    assert [each for each in RECORDED[name]["refused"] if each not in message] == []
    if "total amount of time" not in message:  # ours is where the ticket begins, C's where it ends
        assert RECORDED[name]["line"] in {line, None}


@pytest.mark.parametrize("name", DEVIATIONS)
def test_deviations_are_as_listed(name: str) -> None:
    _, words = DEVIATIONS[name]
    said = [message for _, message in refusals(CASES[name])]

    assert len(said) == (0 if words is None else 1)
    assert all(message.startswith(words or "") for message in said)


@pytest.mark.parametrize("name", DEVIATIONS)
def test_no_deviation_is_listed_that_is_none(name: str) -> None:
    _, words = DEVIATIONS[name]
    theirs = RECORDED[name]["refused"]

    assert theirs if words is None else all(each not in words for each in theirs)
