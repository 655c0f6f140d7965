"""geostore, where the recordings say nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from unit.daemon.client.server import Booth, Server, text

from boothlab.core.codes import Command, Result
from boothlab.core.messages import Header, HeaderMessage
from boothlab.core.wire import decode_attribute, encode

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("get -s 127.0.0.9 -t T a", 2, 'cannot find site "127.0.0.9"'),
        ("list -s 127.0.0.9 -t T", 2, 'cannot find site "127.0.0.9"'),
        ("set -s 127.0.0.9 -t T a b", 1, 'Site "127.0.0.9" not configured.'),
        ("delete -s 127.0.0.9 -t T a", 1, 'Site "127.0.0.9" not configured.'),
        ("delete -s 127.0.0.3 -t T a", 1, "127.0.0.3 is just an arbitrator, no attributes there."),
        ("list", 1, "No ticket given."),
        (
            "get -t T na\u00efve",
            1,
            "the attribute name 'na\u00efve' cannot be sent: ordinal not in range(128)",
        ),
    ],
)
def test_what_cannot_be_asked_for_is_refused_here(booth: Booth, line: str, code: int, told: str) -> None:
    said = booth(f"geostore {line}")

    assert (said.code, said.texts) == (code, [f"error: {told}"])


def test_an_arbitrator_keeps_no_attributes(booth: Booth, conf: Path) -> None:
    conf.write_text("site = 10.0.0.1\nsite = 10.0.0.2\narbitrator = 127.0.0.1\nticket = T\n")

    assert booth("geostore set a b").texts == ["error: We're just an arbitrator, no attributes here."]


def test_a_value_may_be_any_text(booth: Booth, server: Server) -> None:
    server.expect(server.answering(encode(HeaderMessage(Header(Command.RESULT, sender=1)))))

    said = booth("geostore set -t T a $(x)'\u00fc")

    assert (said.code, said.texts) == (0, ["info: set succeeded!"])
    assert decode_attribute(server.requests[0]).value == "$(x)'\u00fc"


def test_a_value_cannot_take_over_the_terminal(booth: Booth, server: Server) -> None:
    server.expect(server.answering(text(b"\x1b[2J\n", Command.ATTR_GET)))

    assert booth("geostore get -t T a").out == "\\x1b[2J\n"


def test_a_bare_result_is_no_value(booth: Booth, server: Server) -> None:
    server.expect(server.answering(encode(HeaderMessage(Header(Command.RESULT, sender=1)))))

    said = booth("geostore get -t T a")

    assert (said.code, said.texts) == (1, ["error: 127.0.0.1 sent no attribute"])


def test_an_attribute_that_is_not_set_is_named(booth: Booth, server: Server) -> None:
    header = Header(Command.RESULT, sender=1, result=Result.NO_SUCH_ATTRIBUTE)
    server.expect(server.answering(encode(HeaderMessage(header))))

    assert booth("geostore delete -t T a").texts == ['error: attribute "a" not set']
