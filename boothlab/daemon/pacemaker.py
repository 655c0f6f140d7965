"""Carries out what a member asks of Pacemaker, and answers each request exactly once."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Final

from boothlab.core.events import CibLoaded, CibTicket, CibWritten
from boothlab.daemon import crm_ticket
from boothlab.daemon.tool_queue import Job, ToolQueue

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from boothlab.core.effects import CancelWrite, LoadCib, SetAttribute, WriteCib
    from boothlab.core.events import Event
    from boothlab.daemon.children import Child, Children, Ended
    from boothlab.daemon.logs import Log

PARALLEL: Final = 4
"""So many calls at a time: a thousand tickets are loaded quickly, and the cluster is not flooded."""
LIMIT_S: Final = 30.0
"""No call may take longer."""
_REVOKE, _GRANT, _REST = range(3)
_ATTRIBUTE_TRIES: Final = 3


class Pacemaker:
    """The CIB of this site.

    Args:
        loop: the event loop.
        children: runs the tool.
        post: takes the answers.
        instance: booth's instance, stored with each ticket.
        log: for what nobody is answered.
        guarded: told when the tool has been started for a write.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        children: Children,
        post: Callable[[Event], None],
        *,
        instance: str,
        log: Log,
        guarded: Callable[[WriteCib, Child], None] = lambda _effect, _child: None,
    ) -> None:
        self._queue = ToolQueue(loop, children, parallel=PARALLEL, limit_s=LIMIT_S)
        self._post = post
        self._instance = instance
        self._log = log
        self._guarded = guarded
        self._numbers = count()
        self._writes: dict[int, Job] = {}
        self._surely_revoked: set[str] = set()
        self._xml = True

    async def idle(self) -> None:
        """Return when no call runs or waits."""
        await self._queue.idle()

    def load(self, effect: LoadCib) -> None:
        """Read a ticket."""
        xml = self._xml
        words = crm_ticket.query(effect.ticket, xml=xml)
        self._add(effect.ticket, words, _REST, lambda ended: self._loaded(effect, words, ended, xml=xml))

    def write(self, effect: WriteCib) -> None:
        """Grant or revoke a ticket."""
        words = crm_ticket.write(effect, self._instance)
        urgency = self._urgency(effect)
        job = Job(
            *(urgency, next(self._numbers), effect.ticket, words),
            ended=lambda ended: self._written(effect, words, ended),
            started=lambda child: self._guarded(effect, child),
            deadline_ms=effect.deadline_ms,
        )
        self._writes[effect.request] = job
        self._queue.add(job)

    def _urgency(self, effect: WriteCib) -> int:
        """Return how much a write matters; who holds a ticket that is not granted here can wait."""
        if effect.granted:
            self._surely_revoked.discard(effect.ticket)
            return _GRANT
        return _REST if effect.ticket in self._surely_revoked else _REVOKE

    def cancel(self, effect: CancelWrite) -> None:
        """Kill a write; its answer comes all the same."""
        job = self._writes.get(effect.request)
        if job is not None:
            self._queue.cancel(job, "it is not wanted any more")

    def set_attribute(self, effect: SetAttribute) -> None:
        """Store or delete an attribute, trying a few times."""
        self._try_attribute(effect, _ATTRIBUTE_TRIES)

    def _try_attribute(self, effect: SetAttribute, tries: int) -> None:
        words = crm_ticket.attribute(effect.ticket, effect.name, effect.value)

        def ended(how: Ended) -> None:
            why = crm_ticket.failure(words, how)
            if why:
                self._log.error(why, kind="attribute")
            if why and tries > 1:
                self._try_attribute(effect, tries - 1)

        self._add(effect.ticket, words, _REST, ended)

    def _add(
        self, ticket: str, words: crm_ticket.Words, urgency: int, ended: Callable[[Ended], None]
    ) -> None:
        self._queue.add(Job(urgency, next(self._numbers), ticket, words, ended))

    def _loaded(self, effect: LoadCib, words: crm_ticket.Words, ended: Ended, *, xml: bool) -> None:
        if xml and crm_ticket.knows_no_xml(ended):
            self._xml = False
            self.load(effect)
            return
        state, error = _read(effect.ticket, words, ended)
        self._post(CibLoaded(effect.request, effect.ticket, state, error))

    def _written(self, effect: WriteCib, words: crm_ticket.Words, ended: Ended) -> None:
        del self._writes[effect.request]
        error = crm_ticket.failure(words, ended)
        if not (effect.granted or error):
            self._surely_revoked.add(effect.ticket)
        self._post(CibWritten(effect.request, effect.ticket, error))


def _read(ticket: str, words: crm_ticket.Words, ended: Ended) -> tuple[CibTicket | None, str]:
    """Return the ticket that a query found, if any, and why it could not be read, if so."""
    if ended.status in crm_ticket.NOT_THERE and not ended.killed:
        return None, ""
    failure = crm_ticket.failure(words, ended)
    if failure:
        return None, failure
    try:
        return crm_ticket.parse(ended.output, ticket), ""
    except crm_ticket.CibError as error:
        return None, str(error)
