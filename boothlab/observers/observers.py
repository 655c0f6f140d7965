"""All observers of a lab: begun together, ended together."""

from __future__ import annotations

import base64
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from typing import TYPE_CHECKING, Any, Final

from boothlab.core.auth import KeyFileError, usable_key
from boothlab.engine import booth_conf, names
from boothlab.engine.runtime import NodeUnreachableError
from boothlab.history.records import Life, Process
from boothlab.observers import pacemaker, standalone
from boothlab.observers.attachment import Attachment, Listener, put_program
from boothlab.observers.booth_answers import BoothAnswers
from boothlab.observers.daemons import NodesDaemon
from boothlab.observers.errors import ObserverError
from boothlab.observers.lives import Lives
from boothlab.observers.pacemaker import PacemakerNode, Site
from boothlab.observers.site_records import SiteRecords
from boothlab.observers.standalone import StandaloneNode
from boothlab.observers.subjects import LIST_MS, PEERS_MS, Names, observers_of

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab
    from boothlab.engine.topology.model import Topology
    from boothlab.history.recorder import Recorder

_START_LIMIT_S: Final = 60.0
_STOP_LIMIT_S: Final = 15.0
_KEY_LIMIT_S: Final = 10.0


class Observers:
    """Record what a live lab says. They never judge, and never disturb.

    Args:
        lab: the lab, up.
        topology: what its booth.conf says by now, which need not be what it was built from.
        recorder: by whose clock, CLOCK_MONOTONIC, all is recorded.
        lives: who is expected to go; made when left out.
    """

    def __init__(self, lab: Lab, topology: Topology, recorder: Recorder, lives: Lives | None = None) -> None:
        self.lives = lives or Lives(recorder.now_ns)
        self._lab = lab
        self._topology = topology
        self._recorder = recorder
        self._names = Names(topology)
        self._seen: set[str] = set()
        self._something_seen = Condition()
        self._daemons: list[NodesDaemon] = []
        self._sites: dict[str, Site] = {}
        self._attachments: list[Attachment] = []

    def start(self) -> None:
        """Begin; return when everything that is observed was seen, or found missing, once.

        Raises:
            ObserverError: that does not come about, e.g. because the engine is on another machine.
        """
        nodes = [names.ROUTER, *self._names.by_node]
        with ThreadPoolExecutor(len(nodes) * 2) as pool:
            puts = [pool.submit(put_program, self._lab.runtime, node) for node in nodes]
            keys = self._keys(pool)
            for put in puts:
                put.result()
        self._attachments = [self._at_router(keys), *(map(self._at_node, self._names.by_node))]
        for each in self._attachments:
            each.start()
        self._wait_all_seen()
        self._tell_missing_daemons()

    def stop(self) -> None:
        """Look once more, at everything, and end; safe to call twice.

        Raises:
            ObserverError: some observer had failed, or does not end.
        """
        for each in self._attachments:
            each.end()
        deadline_s = time.monotonic() + _STOP_LIMIT_S
        late = [
            each.node for each in self._attachments if not each.join(max(0.0, deadline_s - time.monotonic()))
        ]
        failures = self._failures()
        for site in self._sites.values():
            site.close()
        self._attachments, self._sites = [], {}
        if late or failures:
            silent = [f"{node}: no last word within {_STOP_LIMIT_S:g} s" for node in late]
            raise ObserverError(
                f"not all was observed: {'; '.join([*failures, *silent])}",
                remedy="the history has a gap there: do not trust it, and run again",
            )

    def _keys(self, pool: ThreadPoolExecutor) -> dict[str, bytes]:
        """Return each member's key, that of another one where it cannot be had; none when there are none."""
        if not self._topology.booth.authentication:
            return {}
        first_nodes = {member: node for node, member in reversed(self._names.by_node.items())}
        found = dict(zip(first_nodes, pool.map(self._key, first_nodes.values()), strict=True))
        known = [key for key in found.values() if key]
        if not known:
            raise ObserverError(
                "no member's key can be read, and without it nobody answers",
                remedy="`boothlab reset` gives all members their key again",
            )
        return {member: key or known[0] for member, key in found.items()}

    def _key(self, node: str) -> bytes | None:
        try:
            answer = self._lab.run(
                node, ["base64", booth_conf.key_path(self._topology)], limit_s=_KEY_LIMIT_S
            )
            return usable_key(base64.b64decode(answer.stdout)) if answer.ok else None
        except (NodeUnreachableError, KeyFileError):
            return None

    def _at_router(self, keys: dict[str, bytes]) -> Attachment:
        members = [
            {
                "name": each.name,
                "address": str(each.address),
                "port": self._topology.booth.port,
                "key": keys[each.name].hex() if keys else "",
            }
            for each in self._topology.members
        ]
        task = {"members": members, "every_s": {"list": LIST_MS / 1000, "peers": PEERS_MS / 1000}}
        answers = BoothAnswers(self._recorder, self._names, self._saw)
        return Attachment(self._lab.runtime, names.ROUTER, "ask", lambda _: task, answers)

    def _at_node(self, node: str) -> Attachment:
        daemon = NodesDaemon(self._recorder, self.lives, self._names.by_node[node], node)
        self._daemons.append(daemon)
        what, listener = (self._pacemaker if self._has_pacemaker else self._standalone)(daemon)

        def task(positions: dict[str, Any]) -> dict[str, Any]:
            return what | {"positions": positions}

        return Attachment(self._lab.runtime, node, "node", task, listener)

    @property
    def _has_pacemaker(self) -> bool:
        return self._topology.cluster == "pacemaker"

    def _standalone(self, daemon: NodesDaemon) -> tuple[dict[str, Any], Listener]:
        records = self._site_records(daemon.member) if daemon.member in self._names.sites else None
        task = standalone.task(self._topology, is_site=records is not None)
        return task, StandaloneNode(daemon, self._saw, records)

    def _pacemaker(self, daemon: NodesDaemon) -> tuple[dict[str, Any], Listener]:
        site = self._site(daemon.member) if daemon.member in self._names.sites else None
        task = pacemaker.task(self._topology, daemon.member if site else None, daemon.node)
        return task, PacemakerNode(daemon, self._saw, site)

    def _site(self, name: str) -> Site:
        if name not in self._sites:
            resources = frozenset(each.name for group in self._topology.resources.values() for each in group)
            nodes = tuple(self._topology.site(name).nodes)
            self._sites[name] = Site(self._site_records(name), nodes, resources, self._saw)
        return self._sites[name]

    def _site_records(self, name: str) -> SiteRecords:
        since_ns = self._recorder.history().header.started_ns
        return SiteRecords(self._recorder, self._names, name, since_ns)

    def _saw(self, what: str) -> None:
        with self._something_seen:
            self._seen.add(what)
            self._something_seen.notify_all()

    def _wait_all_seen(self) -> None:
        wanted = {each.name for each in observers_of(self._topology)} | set(self._names.by_node)

        def done() -> bool:
            return wanted <= self._seen or bool(self._failures())

        with self._something_seen:
            self._something_seen.wait_for(done, _START_LIMIT_S)
        missing = sorted(wanted - self._seen)
        if missing:
            said = [f"{each.node}: {each.said.strip()}" for each in self._attachments if each.said.strip()]
            reasons = "\n".join(self._failures() or said)
            for each in self._attachments:
                each.end()
            raise ObserverError(
                f"nothing is seen of {', '.join(missing)}\n{reasons}".strip(),
                remedy="`boothlab status` shows what runs; boothlab must run on the containers' machine",
            )

    def _failures(self) -> list[str]:
        return [f"{each.node}: {each.failed}" for each in self._attachments if each.failed]

    def _tell_missing_daemons(self) -> None:
        """Record which members run nowhere from the start: a history without a word says they do."""
        running = {each.member for each in self._daemons if each.daemon}
        for member in {each.member for each in self._daemons} - running:
            now_ns = self._recorder.now_ns()
            self._recorder.add(Process(member=member, life=Life.STOPPED, began_ns=now_ns, ended_ns=now_ns))
