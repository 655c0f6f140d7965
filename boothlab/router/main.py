"""The commands of the router's program, for ``boothlab.faults``; answers are JSON.

add RECORD: keep a fault and do what its ``rules`` say, by one of its ``backends``; prints the record
with its id and the backend that it got, or under ``unfit`` why there is none.
remove ID...: undo faults. clear: undo all. show: print all, with counts of packets.
check: print for each backend why it cannot be had here, or null. serve: hold packets.
sent NAME: print what a fault of packets sent. send: do that.
capture-start PORT SECONDS, capture-stop: record Booth's packets, for ``boothlab.observers``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boothlab.router import capture, intruder, intruders, tree
from boothlab.router.choice import NETEM, NFTABLES, USERSPACE, UnfitError, overlap, ways
from boothlab.router.kernel import KernelRefusedError, set_dropped, set_queued
from boothlab.router.queue import Queue
from boothlab.router.records import Records
from boothlab.router.server import Server, ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HOME: Final = Path("/run/boothlab/faults")
CONTROL: Final = HOME / "control"
LOG: Final = HOME / "log"
TRIED: Final = HOME / "netem"
"""What came out when netem was tried."""

_TRIAL_QUEUE: Final = 9930
_START_LIMIT_S: Final = 10.0
_START_CHECK_S: Final = 0.01


def main() -> None:
    """Do what the command line says; exit code 1 and a line on standard error when that fails."""
    command, *arguments = sys.argv[1:]
    commands: dict[str, Callable[[Sequence[str]], object]] = {
        "add": add,
        "remove": remove,
        "clear": lambda _: clear(),
        "show": lambda _: show(),
        "check": lambda _: check(),
        "serve": lambda _: Server(CONTROL).run(),
        "capture-start": capture.start,
        "capture-stop": lambda _: capture.stop(),
        "capture-run": capture.run,
        "send": intruder.run,
        "sent": intruders.sent,
    }
    try:
        answer = commands[command](arguments)
    except (KernelRefusedError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"{error}")
    if answer is not None:
        print(json.dumps(answer))  # noqa: T201 - a command's answer


def add(arguments: Sequence[str]) -> dict[str, Any]:
    """Keep a fault and make it so, by the first backend that can; when none can, nothing is left of it."""
    records = Records(HOME)
    asked = json.loads(arguments[0])
    with records.exclusive():
        netem = _netem() if NETEM in asked["backends"] else {}
        try:
            *better, last = ways(asked, records.all(), netem)
        except UnfitError as error:
            return {"unfit": str(error)}
        for way in better:
            with suppress(KernelRefusedError, OSError):
                return _add(records, {**asked, **way})
        try:
            return _add(records, {**asked, **last})
        except (KernelRefusedError, OSError) as error:
            if last["backend"] != NETEM:
                raise
            return {"unfit": f"not with netem: {error}"}


def _add(records: Records, asked: dict[str, Any]) -> dict[str, Any]:
    others = records.all()
    record = records.add(asked)
    try:
        _make_so(records)
    except BaseException:
        records.remove(record["id"])
        _make_so(records)
        raise
    # What netem holds has been past everything else. Only when it has gone is the fault in effect.
    tree.let_go([rule for rule in _rules(others, NETEM) if overlap([rule], asked["rules"])])
    return record


def _netem() -> dict[str, Any]:
    """Return what netem can do here; it is tried once."""
    if not TRIED.exists():
        TRIED.write_text(json.dumps(tree.trial()))
    found: dict[str, Any] = json.loads(TRIED.read_text())
    return found


def remove(names: Sequence[str]) -> list[dict[str, Any]]:
    """Undo faults; return those that are left."""
    records = Records(HOME)
    with records.exclusive():
        for name in names:
            records.remove(name)
        _make_so(records)
        return records.all()


def clear() -> list[dict[str, Any]]:
    """Undo everything, also what no record tells of; return what there was."""
    records = Records(HOME)
    with records.exclusive():
        found = records.all()
        for record in found:
            records.remove(record["id"])
        _make_so(records)
    return found


def show() -> dict[str, Any]:
    """Return all faults with the counts of their packets, and whether all that is needed for them works."""
    records = Records(HOME).all()
    by_netem = _rules(records, NETEM)
    works = tree.is_there(by_netem)
    counts: dict[str, Any] = tree.counts(by_netem) | intruders.counts(records)
    try:
        counts |= ask(CONTROL, {})["counts"]
    except OSError:
        works = works and not _rules(records, USERSPACE)
    return {"faults": records, "counts": counts, "works": works}


def check() -> dict[str, str | None]:
    """Return for each backend why it cannot be had in this router; null when it can."""
    records = Records(HOME)
    with records.exclusive():
        return {NETEM: _netem()["reason"], USERSPACE: _reason_against_holding(records)}


def _reason_against_holding(records: Records) -> str | None:
    try:
        Queue(_TRIAL_QUEUE).close()
        if not _rules(records.all(), USERSPACE):
            set_queued(True)
            set_queued(False)
    except (KernelRefusedError, OSError) as error:
        return str(error)
    return None


def _rules(records: Sequence[dict[str, Any]], backend: str) -> list[dict[str, Any]]:
    """Return the rules that one backend carries out, each with what it needs of its record."""
    return [
        {**{name: record[name] for name in ("id", "slot") if name in record}, **rule}
        for record in records
        if record["backend"] == backend
        for rule in record["rules"]
    ]


def _make_so(records: Records) -> None:
    """Let kernel, server and intruders do what the records say, and nothing else."""
    there = records.all()
    intruders.set_intruders(there)
    set_dropped(_rules(there, NFTABLES))
    if held := _rules(there, USERSPACE):
        _serve(held)
        set_queued(True)
    else:
        set_queued(False)
        _stop()
    tree.set_impaired(_rules(there, NETEM))


def _serve(rules: list[dict[str, Any]]) -> None:
    """Give the server its rules, started if need be.

    Raises:
        OSError: it does not start; its last words are the message.
    """
    deadline = time.monotonic() + _START_LIMIT_S
    server: subprocess.Popen[bytes] | None = None
    while True:
        try:
            ask(CONTROL, {"set": rules})
        except OSError:
            if server is None:
                server = _start()
            elif server.poll() is not None or time.monotonic() > deadline:
                raise OSError(LOG.read_text().strip() or "the router's program does not start") from None
            time.sleep(_START_CHECK_S)
        else:
            return


def _start() -> subprocess.Popen[bytes]:
    with LOG.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-IS", sys.argv[0], "serve"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _stop() -> None:
    """Stop the server and wait until it is gone, so that another one can have the queue."""
    with suppress(OSError):  # nobody answers any more
        while True:
            ask(CONTROL, {"stop": True})
