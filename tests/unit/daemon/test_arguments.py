"""The command line of boothd, booth and geostore."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boothlab.core.codes import Option
from boothlab.daemon.arguments import (
    CheckOptions,
    ClientOptions,
    DaemonOptions,
    GeostoreOptions,
    MisplacedOptionError,
    Request,
    Show,
    StatusOptions,
    UsageError,
    config_path,
    parse,
)

CONF = "/etc/booth/booth.conf"


def parsed(line: str, **environment: str) -> Request:
    return parse(line.split(), environment)


@pytest.mark.parametrize("word", ["daemon", "start", "site", "arbitrator"])
def test_the_daemons_role_comes_from_the_configuration_and_not_from_the_word(word: str) -> None:
    assert parsed(f"boothd {word} -S -c three") == DaemonOptions("/etc/booth/three.conf", foreground=True)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("boothd daemon -DD -l /x/l -c /a/b", DaemonOptions("/a/b", debug=2, lockfile="/x/l")),
        ("boothd daemon -D -s 10.0.0.1", DaemonOptions(debug=1, local="10.0.0.1")),
        ("boothd daemon --metrics 9930", DaemonOptions(metrics="9930")),
        ("boothd daemon --metrics=[::1]:9930", DaemonOptions(metrics="[::1]:9930")),
        ("booth status", StatusOptions()),
        ("booth status -S -D -l x --json", StatusOptions(CONF, 1, verbose=True, lockfile="x", json=True)),
        ("boothd check-config", CheckOptions()),
        ("boothd check-config -c three", CheckOptions("/etc/booth/three.conf")),
        ("boothd check-config ./my.conf", CheckOptions("./my.conf")),
        ("boothd check-config ./my.conf --json", CheckOptions("./my.conf", json=True)),
        ("boothd check-config three", CheckOptions("/etc/booth/three.conf")),
        ("booth list", ClientOptions("list")),
        ("booth client list", ClientOptions("list")),
        ("booth client list anything", ClientOptions("list")),
        ("boothd list -c booth", ClientOptions("list")),
        ("booth list --json -s other", ClientOptions("list", site="other", json=True)),
        ("booth peers -S -D", ClientOptions("peers", debug=1)),
        ("booth grant", ClientOptions("grant")),
        ("booth grant T", ClientOptions("grant", ticket="T")),
        ("booth client grant -t T -s 10.0.0.1", ClientOptions("grant", ticket="T", site="10.0.0.1")),
        ("booth grant -F T", ClientOptions("grant", ticket="T", options=Option.IMMEDIATE)),
        ("booth grant T -w", ClientOptions("grant", ticket="T", options=Option.WAIT)),
        ("booth grant T -C", ClientOptions("grant", ticket="T", options=Option.WAIT | Option.WAIT_COMMIT)),
        ("booth revoke -w -- T", ClientOptions("revoke", ticket="T", options=Option.WAIT)),
        ("/usr/sbin/geostore list", GeostoreOptions("list")),
        ("geostore get -t T a", GeostoreOptions("get", ticket="T", name="a")),
        ("geostore set -s other a b", GeostoreOptions("set", site="other", name="a", value="b")),
        ("geostore delete a -c x -D", GeostoreOptions("delete", "/etc/booth/x.conf", 1, name="a")),
    ],
)
def test_a_command_line_is_understood(line: str, expected: Request) -> None:
    assert parsed(line) == expected


def test_a_ticket_is_kept_when_an_option_with_a_value_follows_it() -> None:
    asked = parsed("booth grant ticketB -c three")

    assert asked == ClientOptions("grant", "/etc/booth/three.conf", ticket="ticketB")


def test_metrics_may_be_asked_for_by_the_environment_and_the_option_wins() -> None:
    assert parsed("boothd daemon", BOOTHD_METRICS="9930") == DaemonOptions(metrics="9930")
    assert parsed("boothd daemon --metrics 1", BOOTHD_METRICS="9930") == DaemonOptions(metrics="1")
    assert parsed("boothd daemon", BOOTHD_METRICS="") == DaemonOptions()


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("booth bogus", 'client operation "bogus" is unknown'),
        ("booth client status", 'client operation "status" is unknown'),
        ("booth client", "client needs an operation: list, peers, grant, revoke"),
        ("geostore bogus", 'attribute operation "bogus" is unknown'),
        ("booth peers a b", "Superfluous argument: b"),
        ("booth list a b c", "Superfluous arguments: b..."),
        ("booth grant a b", "Superfluous argument: b"),
        ("booth status extra", "Superfluous argument: extra"),
        ("geostore list -t T a", "Superfluous argument: a"),
        ("geostore get a b", "Superfluous argument: b"),
        ("geostore set a b c", "Superfluous argument: c"),
        ("geostore set a", "not enough arguments"),
        ("geostore get", "not enough arguments"),
        ("booth grant -x", "booth: invalid option -- 'x'\nPlease use '-h' for usage."),
        ("booth grant -c", "booth: option requires an argument -- 'c'\nPlease use '-h' for usage."),
        ("geostore list -S", "geostore: invalid option -- 'S'\nPlease use '-h' for usage."),
        ("booth list --jsn", "booth: option --jsn not recognized\nPlease use '-h' for usage."),
        ("booth grant -t a b", "Superfluous argument: b"),
        ("booth grant " + "x" * 64, f"'{'x' * 64}' exceeds maximum ticket name length of 63"),
        ("booth list -s " + "x" * 64, f"'{'x' * 64}' exceeds maximum site name length of 63"),
        ("geostore get " + "x" * 64, f"'{'x' * 64}' exceeds maximum attribute name length of 63"),
        ("geostore set a " + "x" * 128, f"'{'x' * 128}' exceeds maximum attribute value length of 127"),
    ],
)
def test_what_makes_no_sense_is_told(line: str, text: str) -> None:
    with pytest.raises(UsageError) as told:
        parsed(line)

    assert str(told.value) == text


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("booth list -F", 'use "-F" only for client grant'),
        ("booth revoke -F T", 'use "-F" only for client grant'),
        ("booth list -w", 'use "-w" only for grant and revoke'),
        ("booth revoke -C T", 'use "-C" only for grant'),
        ("booth list -t T", 'use "-t" only for grant and revoke'),
        ("booth grant --json T", 'use "--json" only for list, peers, status and check-config'),
        ("booth list --metrics 1", 'use "--metrics" only for daemon'),
        ("boothd daemon -s 10.0.0.1", '"-s" not allowed in daemon mode.'),
    ],
)
def test_an_option_in_the_wrong_place_is_refused(line: str, text: str) -> None:
    with pytest.raises(MisplacedOptionError) as told:
        parsed(line)

    assert str(told.value) == text


def test_an_empty_name_never_means_the_only_ticket() -> None:
    assert parse(["booth", "grant", ""], {}) == ClientOptions("grant", ticket="")


@pytest.mark.parametrize(
    "line", ["booth", "booth help", "booth --help", "booth -h", "booth list -h", "boothd daemon --help"]
)
def test_help_names_every_command(line: str) -> None:
    shown = parsed(line)

    assert isinstance(shown, Show)
    assert all(word in shown.text for word in ("list", "peers", "grant", "revoke", "status", "check-config"))


@pytest.mark.parametrize("line", ["geostore", "geostore --help", "geostore set -h"])
def test_geostore_has_a_help_of_its_own(line: str) -> None:
    shown = parsed(line)

    assert isinstance(shown, Show)
    assert all(word in shown.text for word in ("set", "get", "delete", "list"))


@pytest.mark.parametrize(
    ("program", "name"),
    [
        ("/usr/sbin/booth", "booth"),
        ("geostore", "geostore"),
        ("./boothd.pyz", "boothd"),
        ("x/__main__.py", "booth"),
    ],
)
@pytest.mark.parametrize("word", ["version", "--version", "-V"])
def test_the_version_is_told_with_the_programs_name(program: str, name: str, word: str) -> None:
    shown = parse([program, word], {})

    assert isinstance(shown, Show)
    assert shown.text.startswith(f"{name} ")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("booth", "/etc/booth/booth.conf"),
        ("a.cfg", "/etc/booth/a.cfg"),
        ("./x", "./x"),
        ("/a/b", "/a/b"),
    ],
)
def test_a_configuration_is_named_or_a_path(name: str, path: str) -> None:
    assert config_path(name) == path


WORDS = st.sampled_from(
    [
        "list",
        "peers",
        "grant",
        "client",
        "status",
        "daemon",
        "-c",
        "-s",
        "-t",
        "-D",
        "-h",
        "--json",
        "--",
        "-",
    ]
)


@given(
    program=st.sampled_from(["boothd", "booth", "geostore"]), words=st.lists(WORDS | st.text(), max_size=8)
)
def test_any_words_are_understood_or_refused(program: str, words: list[str]) -> None:
    try:
        parse([program, *words], {})
    except UsageError as error:
        assert str(error)  # noqa: PT017 - either way is right
