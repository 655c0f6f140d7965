"""Runs in a node: asks a daemon over TCP as a client does, without the start of a process each time.

Reads a plan as JSON from standard input and prints what came of it as JSON. The wire format
is taken from boothlab's own Booth, whose file lies in every node.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import time

sys.path.insert(0, "/usr/lib/boothlab/implementations/python/boothd")

from boothlab.core.codes import Command, Option, Result
from boothlab.core.messages import Header, TicketMessage
from boothlab.core.wire import HEADER_SIZE, decode_header, encode

PORT = 9929
LIMIT_S = 20.0
"""How long an answer may take, in seconds."""
UNANSWERED = -1
UNTIL_PACEMAKER_HAS_IT = Option.WAIT | Option.WAIT_COMMIT
NOT_FINAL = {Result.MORE, Result.CIB_PENDING}


class Client:
    """A client of one daemon."""

    def __init__(self, address: str, key: bytes) -> None:
        self._address, self._key = address, key

    def ask(self, command: Command, ticket: str = "", options: int = 0) -> tuple[int, float]:
        """Send a request; return the final result and the seconds until it was there."""
        message = TicketMessage(Header(command, 0, options=options), ticket)
        began_s = time.monotonic()
        with socket.create_connection((self._address, PORT), LIMIT_S) as connection:
            connection.sendall(encode(message, key=self._key, stamp_us=time.time_ns() // 1000))
            result = int(Result.MORE)
            while result in NOT_FINAL:
                result = self._read(connection)
        return result, time.monotonic() - began_s

    def _read(self, connection: socket.socket) -> int:
        head = self._exactly(connection, HEADER_SIZE)
        header, length = decode_header(head)
        self._exactly(connection, length - HEADER_SIZE)
        return header.result

    def _exactly(self, connection: socket.socket, count: int) -> bytes:
        data = b""
        while len(data) < count:
            piece = connection.recv(count - len(data))
            if not piece:
                raise ConnectionError("the daemon closed before its answer was whole")
            data += piece
        return data


def grants_and_revokes(client: Client, ticket: str, times: int) -> list[dict[str, float]]:
    """Grant and revoke a ticket again and again; return when each was asked for and how long it took."""
    found = []
    for _ in range(times):
        granted_at_s = time.monotonic()
        granted, grant_s = client.ask(Command.GRANT, ticket, UNTIL_PACEMAKER_HAS_IT)
        time.sleep(0.3)  # so that nothing of the grant is under way when it is revoked
        revoked_at_s = time.monotonic()
        revoked, revoke_s = client.ask(Command.REVOKE, ticket, Option.WAIT)
        time.sleep(0.3)
        if granted or revoked:
            raise SystemExit(f"the daemon answered grant with {granted}, revoke with {revoked}")
        found.append(
            {
                "granted_at_s": granted_at_s,
                "grant_s": grant_s,
                "revoked_at_s": revoked_at_s,
                "revoke_s": revoke_s,
            }
        )
    return found


def grants(client: Client, tickets: list[str], limit_s: float) -> dict[str, int]:
    """Grant tickets one after the other; return the final result of each, UNANSWERED where there was none.

    After `limit_s` seconds in all nothing more is asked for.
    """
    found = dict.fromkeys(tickets, UNANSWERED)
    until_s = time.monotonic() + limit_s
    for ticket in tickets:
        if time.monotonic() > until_s:
            break
        with contextlib.suppress(TimeoutError):
            found[ticket] = client.ask(Command.GRANT, ticket, UNTIL_PACEMAKER_HAS_IT)[0]
    return found


def main() -> None:
    """Carry the plan out."""
    plan = json.load(sys.stdin)
    with open("/etc/booth/booth.key", "rb") as file:  # noqa: PTH123 - it is read once
        client = Client(plan["address"], file.read())
    told: object
    if plan["do"] == "grants and revokes":
        told = grants_and_revokes(client, plan["ticket"], plan["times"])
    elif plan["do"] == "lists":
        told = [client.ask(Command.LIST)[1] for _ in range(plan["times"])]
    else:
        told = grants(client, plan["tickets"], plan["limit_s"])
    json.dump(told, sys.stdout)


main()
