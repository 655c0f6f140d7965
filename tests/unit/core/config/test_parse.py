"""booth.conf, rule by rule: what a file means, what it warns of, and how its problems are told."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boothlab.core.config.errors import ConfigError
from boothlab.core.config.global_keys import GLOBAL_KEYS
from boothlab.core.config.model import (
    Config,
    Mode,
    Prerequisite,
    Role,
    TicketConfig,
    TimeScale,
    Users,
)
from boothlab.core.config.parse import parse
from boothlab.core.config.ticket_keys import TICKET_KEYS

MEMBERS: Final = "site = 10.0.0.1\nsite = 10.0.0.2\narbitrator = 10.0.0.3\n"
HEAD: Final = MEMBERS + "ticket = t\n"
LAST_LINE: Final = HEAD.count("\n") + 1


def read(text: str) -> Config:
    return parse(text, path="/etc/booth/booth.conf")


def ticket(lines: str) -> TicketConfig:
    return read(HEAD + lines).tickets[0]


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [(each.line, each.message) for each in caught.value.problems]


GLOBALS: Final[list[tuple[str, str, Any]]] = [
    ("", "name", "booth"),
    ("name = east", "name", "east"),
    ("", "authfile", None),
    ("authfile = /k", "authfile", "/k"),
    ('authfile = ""', "authfile", None),
    ("authfile = /a\nauthfile = /b", "authfile", "/b"),
    ("authfile = /k\nenable-authfile = yes", "authfile", "/k"),
    ("enable-authfile = TRUE\nauthfile = /k", "authfile", "/k"),
    ("authfile = /k\nenable-authfile = 0", "authfile", None),
    ("enable-authfile = off\nauthfile = /k", "authfile", None),
    ("", "max_time_skew_s", 600),
    ("maxtimeskew = 30", "max_time_skew_s", 30),
    ("", "debug", 0),
    ("debug = 2", "debug", 2),
    ("debug = -2", "debug", 0),
    ("transport = udp", "transport", "UDP"),
    ("", "users", Users()),
    ("site-user = u\nsite-group = g", "users", Users(site_user="u", site_group="g")),
    (
        "arbitrator-user = 1\narbitrator-group = 2",
        "users",
        Users(arbitrator_user="1", arbitrator_group="2"),
    ),
    ("", "scale", TimeScale.SECONDS),
    # what the real binary gives poll(2)
    ("", "poll_ms", 100),
    ("ticket = t\ntimeout = 2", "poll_ms", 100),
    ("ticket = t\ntimeout = 95ms", "poll_ms", 9),
    ("ticket = t\ntimeout = 5ms", "poll_ms", 100),
    ("ticket = t\ntimeout = 100ms\nticket = u\ntimeout = 40ms", "poll_ms", 4),
    ("ticket = t\ntimeout = 200ms\nticket = __defaults__\ntimeout = 50ms", "poll_ms", 5),
    ("ticket = t\nacquire-after = 1500ms", "scale", TimeScale.MILLISECONDS),
    ("ticket = t\nacquire-after = 2000ms", "scale", TimeScale.SECONDS),
    ("ticket = t\nexpire = 121", "scale", TimeScale.SECONDS),
    ("ticket = __defaults__\nacquire-after = 1ms", "scale", TimeScale.MILLISECONDS),
    ("ticket = t\nacquire-after = 1ms\nacquire-after = 1", "scale", TimeScale.MILLISECONDS),
]


@pytest.mark.parametrize(("text", "field", "value"), GLOBALS)
def test_what_global_keys_mean(text: str, field: str, value: object) -> None:
    assert getattr(read(f"{MEMBERS}{text}\n"), field) == value


TICKETS: Final[list[tuple[str, str, Any]]] = [
    ("", "expire_ms", 600_000),
    ("expire = 20\ntimeout = 1\nretries = 3", "expire_ms", 20_000),
    ("expire = 200000ms", "expire_ms", 200_000),
    ("expire = 0300", "expire_ms", 300_000),
    ("expire = '300'  # five minutes", "expire_ms", 300_000),
    ("", "renewal_ms", 300_000),
    ("expire = 121", "renewal_ms", 60_500),
    ("renewal-freq = 100", "renewal_ms", 100_000),
    ("renewal-freq = 100\nexpire = 900", "renewal_ms", 100_000),
    ("", "timeout_ms", 5_000),
    ("timeout = 500ms", "timeout_ms", 500),
    ("", "retries", 10),
    ("retries = 0x10", "retries", 16),
    ("retries = 010", "retries", 8),
    ("", "acquire_after_ms", 0),
    ("acquire-after = 30", "acquire_after_ms", 30_000),
    ("", "mode", Mode.AUTO),
    ("mode = Manual", "mode", Mode.MANUAL),
    ("mode = by hand", "mode", Mode.AUTO),
    ("weights = 1, 2;0x3", "weights", (1, 2, 3)),
    ("", "handler", ()),
    ("before-acquire-handler = /bin/check  -v\tnow", "handler", ("/bin/check", "-v", "now")),
    ("before-acquire-handler = '/bin/check \"a b\"'", "handler", ("/bin/check", '"a', 'b"')),
    ('before-acquire-handler = ""', "handler", ("",)),
    (
        "attr-prereq = auto geo eq 1\nattr-prereq = manual\tx ne y",
        "prerequisites",
        (Prerequisite(Mode.AUTO, "geo", True, "1"), Prerequisite(Mode.MANUAL, "x", False, "y")),
    ),
]


@pytest.mark.parametrize(("text", "field", "value"), TICKETS)
def test_what_a_tickets_keys_mean(text: str, field: str, value: object) -> None:
    assert getattr(ticket(text), field) == value


def test_a_port_applies_to_the_members_after_it() -> None:
    config = read("site = 10.0.0.1\nport = 10001\nsite = 10.0.0.2\nport = 10002\narbitrator = fd00::1\n")

    assert [(each.role, each.address, each.port) for each in config.members] == [
        (Role.SITE, "10.0.0.1", 9929),
        (Role.SITE, "10.0.0.2", 10001),
        (Role.ARBITRATOR, "fd00::1", 10002),
    ]


def test_defaults_reach_the_tickets_after_them_but_not_with_every_key() -> None:
    config = read(
        MEMBERS
        + "ticket = first\nticket = __defaults__\nexpire = 100\ntimeout = 2\nretries = 4\nmode = manual\n"
        "weights = 1\nrenewal-freq = 40\nacquire-after = 7\nbefore-acquire-handler = /h\n"
        "attr-prereq = auto a eq b\nticket = second\nticket = third\nexpire = 200\n"
    )

    inherited = {"timeout_ms": 2000, "retries": 4, "mode": Mode.MANUAL, "weights": (1,)}
    assert config.tickets == (
        TicketConfig("first"),
        TicketConfig("second", expire_ms=100_000, renewal_ms=50_000, **inherited),  # type: ignore[arg-type]
        TicketConfig("third", expire_ms=200_000, renewal_ms=100_000, **inherited),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/etc/booth/booth.conf", "booth"),
        ("./two.dots.conf", "two.dots"),
        ("plain", "plain"),
        ("/x/.hidden", ".hidden"),
    ],
)
def test_an_instance_is_named_after_its_file(path: str, name: str) -> None:
    assert parse(MEMBERS, path=path).name == name
    assert parse(MEMBERS + 'name = ""\n', path=path).name == name


def test_a_files_name_that_is_too_long_needs_another_name() -> None:
    path = f"/etc/booth/{'x' * 64}.conf"

    with pytest.raises(ConfigError, match=r"conf: booth config file name too long$"):
        parse(MEMBERS, path=path)
    assert parse(MEMBERS + "name = x\n", path=path).name == "x"


def test_host_names_are_resolved_and_numeric_addresses_keep_their_spelling() -> None:
    text = "site = east\nsite = FD00:0::1\n"

    config = parse(text, path="booth.conf", resolve={"east": "10.0.0.1"}.__getitem__)

    assert [each.address for each in config.members] == ["10.0.0.1", "FD00:0::1"]


def no_such_host(name: str) -> str:
    raise OSError(name)


@pytest.mark.parametrize("resolve", [None, no_such_host, lambda name: name, lambda _: ""])
def test_a_host_name_that_leads_nowhere_is_refused(resolve: Any) -> None:  # noqa: ANN401 - they have no more in common
    with pytest.raises(
        ConfigError, match=r"^booth.conf:2: can't find IP for the host \"west\": Address string"
    ):
        parse("\nsite = west\n", path="booth.conf", resolve=resolve)


WARNINGS: Final[list[tuple[str, str]]] = [
    ("port = 9930", "port applies only to the members after it, not to those above"),
    ("debug = high", 'debug is taken as 0: "high" is not a plain number'),
    ("maxtimeskew = 60 s", 'maxtimeskew is taken as 60: "60 s" is not a plain number'),
    ("maxtimeskew = 0", "maxtimeskew 0 leaves no time to travel: signed messages are refused"),
    ("mode = by hand", 'mode "by hand" is neither auto nor manual: the ticket is automatic'),
    ("attr-prereq = auto a eq b c d", "attr-prereq ends after its fourth word: c d is ignored"),
    ('before-acquire-handler = " "', "before-acquire-handler names no program: the ticket is never acquired"),
    *(
        (
            f"ticket = __defaults__\n{line}",
            f"__defaults__ does not hand {line.split()[0]} on: write it into each ticket",
        )
        for line in (
            *("renewal-freq = 60", "acquire-after = 60"),
            *("before-acquire-handler = /h", "attr-prereq = auto a eq b"),
        )
    ),
]


@pytest.mark.parametrize(("text", "warning"), WARNINGS)
def test_what_is_accepted_but_odd_is_told_with_its_line(text: str, warning: str) -> None:
    line = LAST_LINE + text.count("\n")

    assert read(HEAD + text).warnings == (f"/etc/booth/booth.conf:{line}: {warning}",)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("", "Odd number of nodes is strongly recommended!"),
        ("site = 10.0.0.1\nsite = 10.0.0.2", "Odd number of nodes is strongly recommended!"),
        (
            MEMBERS + "authfile = /k\nenable-authfile = no",
            "enable-authfile is off: authfile is ignored, nothing is authenticated",
        ),
        (
            MEMBERS + "enable-authfile = yes",
            "enable-authfile is on but no authfile is set: nothing is authenticated",
        ),
    ],
)
def test_what_is_odd_about_the_whole_file_is_told_without_a_line(text: str, warning: str) -> None:
    assert read(text).warnings == (warning,)


def test_a_usual_file_warns_of_nothing() -> None:
    assert (
        read(HEAD + "expire = 120\ntimeout = 4\nretries = 3\nacquire-after = 60\nmode = auto\n").warnings
        == ()
    )


REFUSED: Final[list[tuple[str, str]]] = [
    ("transport = sctp", 'transport protocol "SCTP" does not work in any release'),
    ("enable-authfile = maybe", "Expected yes or no for enable-authfile"),
    ("port = 65536", "Expected a number in the range [1, 65535] for port"),
    ("site = 10.0.0.2", "Got a site-ID collision. 10.0.0.2 has the same site id as 10.0.0.2 in line 2"),
    (f"before-acquire-handler = /{'é' * 32}", "key/value too long"),
    ("# " + "x" * 1022, "line longer than 1023 bytes"),
    ("# " + "é" * 511, "line longer than 1023 bytes"),
    ("\0", "NUL byte in the line"),
    ("é = 1", "No key"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_is_refused_beyond_what_c_was_asked(text: str, message: str) -> None:
    assert problems(HEAD + text) == [(LAST_LINE, message)]


def test_lines_may_be_as_long_as_c_reads_them() -> None:
    assert read(HEAD + "# " + "x" * 1021 + "\n# " + "é" * 510 + "\n").members


def test_times_that_contradict_each_other_are_told_where_the_ticket_begins() -> None:
    text = MEMBERS + "ticket = a\n\nexpire = 20\nticket = b\nticket = c\nrenewal-freq = 600\n"
    total = "total amount of time to retry sending packets cannot exceed renewal frequency"

    assert problems(text) == [
        (4, f"a: {total} (5000*(10+1) >= 10000)"),
        (8, "c: renewal-freq must be shorter than expire (600000 >= 600000)"),
    ]


def test_a_manual_ticket_has_no_lease_that_could_end_before_it_is_renewed() -> None:
    assert ticket("renewal-freq = 600\nmode = manual\n").renewal_ms == 600_000


@pytest.mark.parametrize(("expire", "accepted"), [("4293", True), ("4294", False), ("4293999ms", True)])
def test_a_lease_in_milliseconds_must_fit_into_messages(expire: str, accepted: bool) -> None:
    text = HEAD + f"expire = {expire}\nticket = u\nacquire-after = 1ms\n"
    limit = "t: expire must be shorter than 4294 s as soon as any time in the file has a fraction of a second"

    if accepted:
        assert read(text).scale is TimeScale.MILLISECONDS
    else:
        assert problems(text) == [(4, limit)]


def test_a_long_lease_in_whole_seconds_is_no_problem() -> None:
    assert ticket("expire = 86400\n").expire_ms == 86_400_000


def test_every_problem_is_told_and_none_that_only_follows_from_another() -> None:
    text = "color = red\nticket = a_b\nexpire = 5x\nretries = 1\nexpires = 5\nsite = nowhere\n\nwhat\n"

    assert problems(text) == [
        (1, 'Unexpected keyword "color"'),
        (2, 'ticket name "a_b" invalid; only alphanumeric names.'),
        (3, "Expected time >0 for expire"),
        (4, "Expected plain integer value in the range [3, 100] for retries"),
        (5, 'Unknown keyword "expires"'),
        (6, 'can\'t find IP for the host "nowhere": Address string "nowhere" is bad'),
        (8, "Expected '=' after key"),
    ]


def test_an_error_reads_as_file_line_and_words() -> None:
    with pytest.raises(ConfigError) as caught:
        read("a = 1\nb = 2\n")

    assert str(caught.value).splitlines() == [
        '/etc/booth/booth.conf:1: Unexpected keyword "a"',
        '/etc/booth/booth.conf:2: Unexpected keyword "b"',
    ]
    assert caught.value.warnings == ("Odd number of nodes is strongly recommended!",)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("expire = 5", 'it belongs to a ticket: write it below a line `ticket = "NAME"`'),
        ("sites = 10.0.0.9", "did you mean site?"),
        (HEAD + "renewal = 5", "did you mean renewal-freq?"),
        ("colour = red", "remove it, or correct it"),
    ],
)
def test_an_unknown_key_comes_with_what_may_have_been_meant(text: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)

    assert [each.remedy for each in caught.value.problems] == [remedy]


def test_what_a_file_holds_cannot_play_with_the_terminal() -> None:
    assert problems(HEAD + "ticket = \x1b[2J\udcff\n") == [
        (LAST_LINE, 'ticket name "\\x1b[2J\\udcff" invalid; only alphanumeric names.')
    ]


KEYS: Final = st.sampled_from([*GLOBAL_KEYS, *TICKET_KEYS, "ticket", "x"])
VALUES: Final = st.one_of(
    st.text(max_size=70),
    st.integers().map(str),
    st.sampled_from(
        ["10ms", "t", "__defaults__", "10.0.0.1", "::1", "fe80::1%lo", "auto a eq b", "1,2", "'"]
    ),
)
LINES: Final = st.lists(st.tuples(KEYS, VALUES).map(" = ".join)).map("\n".join)


def outcome(text: str) -> Config | ConfigError:
    try:
        return read(text)
    except ConfigError as error:
        return error


@given(st.one_of(st.text(), LINES, st.binary().map(lambda each: each.decode(errors="surrogateescape"))))
def test_any_text_is_a_configuration_or_refused_with_lines(text: str) -> None:
    found = outcome(text)

    if isinstance(found, ConfigError):
        assert found.problems
        assert all(0 <= each.line <= text.count("\n") + 1 for each in found.problems)
        assert all(line.isprintable() for line in str(found).split("\n"))
    else:
        assert all(each.timeout_ms * (each.retries + 1) < each.renewal_ms for each in found.tickets)
        assert len({each.id for each in found.members}) == len(found.members)
