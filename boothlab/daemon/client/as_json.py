"""The texts of list and peers as data, whichever daemon wrote them.

Times in the texts are the daemon's local time, without its zone: here they are taken for
this machine's. Each comes twice, as ISO 8601 with an offset and as seconds since the epoch.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from boothlab.daemon.client.errors import ReplyError

_TIME: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
_NUMBER: Final = "[0-9]{1,20}"
_TICKET: Final = re.compile(
    r"ticket: (?P<name>[^,]+), leader: (?P<leader>[^,\s]+)"
    rf"(?:, expires: (?P<expires>INF|{_TIME})(?: \(commit pending until (?P<pending>{_TIME})\))?)?"
    r"(?P<manual> \[manual mode\])?"
)
_WARNING: Final = re.compile(
    r"WARNING: The ticket (?P<name>\S+) is granted to multiple sites: (?P<sites>.+)\. Revoke .*"
)
_PEER: Final = re.compile(
    rf"(?P<role>site|arbitrator) +(?P<address>\S+), last recv: (?P<heard>{_TIME})\n"
    rf"\tSent pkts:(?P<sent>{_NUMBER}) error:(?P<send_errors>{_NUMBER}) resends:(?P<resends>{_NUMBER})\n"
    rf"\tRecv pkts:(?P<received>{_NUMBER}) error:(?P<errors>{_NUMBER})"
    rf" authfail:(?P<unsigned>{_NUMBER}) invalid:(?P<invalid>{_NUMBER})"
)
_STATUS: Final = {"none": "revoked", "NONE": "unknown"}
_DAY_S: Final = 86_400


def tickets(text: str) -> dict[str, object]:
    """Return what ``booth list`` says.

    A ticket has ``name``, ``status`` (granted; revoked: known to be nobody's; unknown:
    lost, or never granted), ``leader`` (an address or null), ``manual``, ``expires`` and
    ``commit_pending_until`` (null where there is none), and ``granted_to``: all its sites,
    more than one when a manual ticket was granted twice.

    Raises:
        ReplyError: a line cannot be understood.
    """
    found: dict[str, dict[str, object]] = {}
    for line in filter(None, text.split("\n")):
        if match := _TICKET.fullmatch(line):
            found[match["name"]] = _ticket(match)
        elif (match := _WARNING.fullmatch(line)) and match["name"] in found:
            found[match["name"]]["granted_to"] = match["sites"].split(", ")
        else:
            raise ReplyError(f"the list cannot be understood: {line!r}")
    return {"tickets": list(found.values())}


def peers(text: str) -> dict[str, object]:
    """Return what ``booth peers`` says.

    A peer has ``address``, ``role``, ``last_heard`` (null: never), and counters: ``sent``
    with packets, errors and resends, ``received`` with packets, errors, auth_failures and
    invalid.

    Raises:
        ReplyError: a part cannot be understood.
    """
    return {"peers": [_peer(part) for part in filter(None, re.split(r"\n{2,}", text.strip("\n")))]}


def _ticket(match: re.Match[str]) -> dict[str, object]:
    says = match["leader"]
    leader = None if says in _STATUS else says
    return {
        "name": match["name"],
        "status": _STATUS.get(says, "granted"),
        "leader": leader,
        **_time("expires", match["expires"] if match["expires"] != "INF" else None),
        **_time("commit_pending_until", match["pending"]),
        "manual": match["manual"] is not None,
        "granted_to": [leader] if leader else [],
    }


def _peer(text: str) -> dict[str, object]:
    match = _PEER.fullmatch(text)
    if not match:
        raise ReplyError(f"the list of peers cannot be understood: {text!r}")
    return {
        "address": match["address"],
        "role": match["role"],
        **_heard(match["heard"]),
        "sent": _counters(match, packets="sent", errors="send_errors", resends="resends"),
        "received": _counters(
            match, packets="received", errors="errors", auth_failures="unsigned", invalid="invalid"
        ),
    }


def _counters(match: re.Match[str], **groups: str) -> dict[str, int]:
    return {name: int(match[group]) for name, group in groups.items()}


def _heard(text: str) -> dict[str, object]:
    """Return when a peer was last heard: the start of 1970, in any time zone, is never."""
    heard = _time("last_heard", text)
    epoch = heard["last_heard_epoch"]
    return _time("last_heard", None) if isinstance(epoch, int) and abs(epoch) < _DAY_S else heard


def _time(name: str, text: str | None) -> dict[str, object]:
    moment = _moment(text) if text else None
    return {
        name: moment.isoformat() if moment else None,
        f"{name}_epoch": int(moment.timestamp()) if moment else None,
    }


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise ReplyError(f"the time {text!r} cannot be understood: {error}") from None
