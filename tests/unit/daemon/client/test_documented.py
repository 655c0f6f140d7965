"""The reference page of the clients names all that they print as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from unit.daemon.client.test_listing import PEERS, TICKETS

from boothlab.daemon.client import as_json
from boothlab.daemon.client.connection import CONNECT_LIMIT_S
from boothlab.daemon.client.session import ANSWER_LIMIT_S
from boothlab.daemon.status import Lock, fields

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = (Path(__file__).parents[4] / "docs" / "reference" / "booth-clients.md").read_text()
LOCK: Final = Lock(
    "/x", 1, b"booth_pid=1 booth_state=started booth_type=site booth_cfg_name='b' booth_id=1\n"
)


def names(value: object) -> Iterator[str]:
    """Yield the names of all fields, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names(inner)
    if isinstance(value, list):
        for inner in value:
            yield from names(inner)


def test_every_field_is_documented() -> None:
    printed = {*names(as_json.tickets(TICKETS)), *names(as_json.peers(PEERS)), *fields(LOCK)}

    assert printed > {"expires", "auth_failures", "lock_pid"}
    assert {name for name in printed if f"`{name}`" not in PAGE} == set()


def test_the_documented_limits_are_those_of_the_code() -> None:
    assert f"connecting | {CONNECT_LIMIT_S:g} s" in PAGE
    assert ("two minutes in all" in PAGE, ANSWER_LIMIT_S) == (True, 120)
