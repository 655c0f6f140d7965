"""The commands of the program that looks, for ``boothlab.observers``.

ask TASK: ask members. node TASK: look at a node. Both look until SIGTERM, once more then,
and end. TASK is JSON; what they see they print, an object a line.
"""

from __future__ import annotations

import json
import signal
import sys
from threading import Event, Thread
from typing import Any

from boothlab.watcher.asking import Asking, Member
from boothlab.watcher.node import Node
from boothlab.watcher.output import Output, now_ns


def main() -> None:
    """Do what the command line says."""
    command, task = sys.argv[1], json.loads(sys.argv[2])
    ending = Event()
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    {"ask": _ask, "node": _node}[command](task, ending)


def _ask(task: dict[str, Any], ending: Event) -> None:
    """Ask each member in a thread of its own: a silent one holds nobody up."""
    output = Output()
    output.tell("hello", at_ns=now_ns())
    askings = [Asking(Member.of(each), task["every_s"], output) for each in task["members"]]
    threads = [Thread(target=each.run, args=[ending]) for each in askings]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    output.tell("bye", at_ns=now_ns())


def _node(task: dict[str, Any], ending: Event) -> None:
    Node(task, Output()).run(ending)
