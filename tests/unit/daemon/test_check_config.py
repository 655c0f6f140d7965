"""boothd check-config: what it tells of a file."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from boothlab.daemon.check_config import check_config

if TYPE_CHECKING:
    from pathlib import Path

GOOD: Final = """\
authfile = key
site = 10.99.0.1
site = 10.99.0.2
arbitrator = 127.0.0.1
ticket = "web"
  expire = 121
  timeout = 500ms
  acquire-after = 30
  attr-prereq = auto geo eq 1
ticket = "hand"
  mode = manual
  before-acquire-handler = /nowhere/check -v
"""


@pytest.fixture(autouse=True)
def _key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    key.chmod(0o600)


def told(tmp_path: Path, text: str) -> tuple[int, str]:
    conf = tmp_path / "booth.conf"
    conf.write_text(text)
    out = io.StringIO()
    code = check_config(str(conf), as_json=False, out=out)
    return code, out.getvalue().replace(str(conf), "CONF")


def as_json(tmp_path: Path, text: str) -> tuple[int, Any]:
    conf = tmp_path / "booth.conf"
    conf.write_text(text)
    out = io.StringIO()
    code = check_config(str(conf), as_json=True, out=out)
    return code, json.loads(out.getvalue().replace(str(conf), "CONF"))


def test_a_good_file_is_explained(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == (
        0,
        """\
CONF: usable

name         booth
members      site        10.99.0.1 port 9929, id 1936685719
             site        10.99.0.2 port 9929, id 1785080621
             arbitrator  127.0.0.1 port 9929, id 1696554816  (this host)
this host    127.0.0.1
key          key: usable, 16 bytes
maxtimeskew  600 s
times        sent in milliseconds

ticket web (automatic)
  expire         121 s
  renewal-freq   60500 ms
  timeout        500 ms, 10 retries
  acquire-after  30 s
  attr-prereq    auto geo eq 1

ticket hand (moved by people only)
  expire         600 s
  renewal-freq   300 s
  timeout        5 s, 10 retries
  acquire-after  0 s
  before-acquire-handler  /nowhere/check -v
""",
    )


def test_a_bad_file_is_told_line_by_line_with_remedies(tmp_path: Path) -> None:
    assert told(tmp_path, "site = 10.99.0.1\nexpire = 5\nticket = t\nexpire = 5s\nmode = hand\n") == (
        1,
        """\
CONF: cannot be used
error: CONF:2: Unexpected keyword "expire"
       it belongs to a ticket: write it below a line `ticket = "NAME"`
error: CONF:4: Expected time >0 for expire
       write seconds (600) or milliseconds (600ms), at most 2147483 seconds
warning: CONF:5: mode "hand" is neither auto nor manual: the ticket is automatic
""",
    )


def test_a_missing_file_is_told_once_with_what_to_do() -> None:
    out = io.StringIO()

    assert check_config("./nowhere.conf", as_json=False, out=out) == 1
    assert out.getvalue().splitlines() == [
        "./nowhere.conf: cannot be used",
        "error: failed to open ./nowhere.conf: No such file or directory",
        "       give a path, or the name of a file in /etc/booth",
    ]


def test_an_unusable_key_makes_a_good_file_unusable_but_it_is_still_explained(tmp_path: Path) -> None:
    (tmp_path / "key").chmod(0o644)

    code, text = told(tmp_path, GOOD)

    assert code == 1
    assert "error: key: file shall not be readable for anyone but the owner: chmod 600 key\n" in text
    assert "key          key: unusable\n" in text
    assert "ticket web" in text


def test_no_authentication_is_told(tmp_path: Path) -> None:
    assert "key          none: messages are not authenticated\n" in told(tmp_path, "site = 127.0.0.1\n")[1]


def test_a_host_that_is_no_member_is_no_error_but_told(tmp_path: Path) -> None:
    code, text = told(tmp_path, "site = 10.99.0.1\nsite = 10.99.0.2\narbitrator = 10.99.0.3\n")

    assert code == 0
    assert "this host    none: no member's address is active on this host." in text


def test_a_handler_that_is_missing_matters_where_a_ticket_can_be_held(tmp_path: Path) -> None:
    missing = "warning: hand: before-acquire-handler /nowhere/check does not exist on this host\n"
    site = GOOD.replace("arbitrator = 127", "site = 127")

    assert missing in told(tmp_path, site)[1]
    assert missing not in told(tmp_path, GOOD)[1]
    assert "warning" not in told(tmp_path, site.replace("/nowhere/check", "/bin/sh"))[1]


def test_json_tells_the_same(tmp_path: Path) -> None:
    code, found = as_json(tmp_path, GOOD)

    assert (code, found["usable"], found["problems"], found["warnings"]) == (0, True, [], [])
    meaning = found["configuration"]
    assert (meaning["name"], meaning["local"], meaning["time_unit"]) == ("booth", "127.0.0.1", "ms")
    assert meaning["key"] == "key: usable, 16 bytes"
    assert [each["role"] for each in meaning["members"]] == ["site", "site", "arbitrator"]
    assert meaning["tickets"][0] == {
        "name": "web",
        "mode": "auto",
        "expire_ms": 121_000,
        "renewal_ms": 60_500,
        "timeout_ms": 500,
        "retries": 10,
        "acquire_after_ms": 30_000,
        "before_acquire_handler": [],
        "attr_prereq": ["auto geo eq 1"],
        "weights": [],
    }


def test_json_has_the_problems_with_their_lines(tmp_path: Path) -> None:
    code, found = as_json(tmp_path, "what\n")

    assert (code, found["usable"], found["configuration"]) == (1, False, None)
    assert found["problems"] == [
        {
            "file": "CONF",
            "line": 1,
            "message": "Expected '=' after key",
            "remedy": "a line is `key = value`; keys have letters, digits, _ and -",
        }
    ]
    assert found["warnings"] == ["Odd number of nodes is strongly recommended!"]


def test_the_key_itself_is_never_shown(tmp_path: Path) -> None:
    assert "0123456789abcdef" not in told(tmp_path, GOOD)[1] + str(as_json(tmp_path, GOOD)[1])
