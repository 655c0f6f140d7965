"""A command in a node that is read while it runs, and that does not outlive its reader."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from docker.errors import APIError

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from docker import APIClient

_HEADER_BYTES: Final = 8
_STDERR: Final = 2
_CHUNK_BYTES: Final = 1 << 16
_SAID_MAX: Final = 4_000

# The command starts when it is told to, for what it printed before the engine's answer
# is read would be lost with it. It ends at the next line, and when there is no reader any more.
_HELD: Final = """exec 3<&0
read -r line <&3 || exit 0
"$@" </dev/null 3<&- &
command=$!
{ read -r line <&3; kill -TERM $command; sleep 5; kill -KILL $command; } >/dev/null 2>&1 &
guard=$!
wait $command
status=$?
kill $guard
exit $status
"""


class NodeUnreachableError(BoothlabError):
    """A node's container does not exist, does not run or does not answer."""


class Frames:
    """Takes an exec's output apart: eight bytes (stream number, zeros, length), then the payload."""

    def __init__(self) -> None:
        self._data = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the whole frames there are by now: stream number and payload."""
        self._data += data
        while len(self._data) >= _HEADER_BYTES:
            end = _HEADER_BYTES + int.from_bytes(self._data[4:_HEADER_BYTES], "big")
            if len(self._data) < end:
                return
            yield self._data[0], self._data[_HEADER_BYTES:end]
            self._data = self._data[end:]


def read_ahead(stream: Any, raw: socket.socket) -> bytes:  # noqa: ANN401 - one of many types
    """Return what the SDK's HTTP client has read beyond the engine's answer: the first output, at times.

    Whoever reads from the socket itself would never see it.
    """
    response = getattr(stream, "_response", None)
    if response is None:
        return b""
    raw.setblocking(False)
    found: bytes = response.raw._fp.fp.peek()  # noqa: SLF001 - the SDK offers no other way
    return found


class Stream:
    """What a command prints, line by line. Also a context, which closes it.

    The node ends the command (SIGTERM, 5 s later SIGKILL) when the stream is closed, and
    when the process that reads it is gone.
    """

    def __init__(self, api: APIClient, container: str, command: Sequence[str]) -> None:
        """Start it.

        Raises:
            NodeUnreachableError: the node does not run or does not answer.
        """
        self._container = container
        try:
            handle = api.exec_create(container, ["sh", "-c", _HELD, "sh", *command], stdin=True)["Id"]
            self._stream = api.exec_start(handle, socket=True)
            self._socket = _plain(self._stream)
            self.finish()
        except (APIError, OSError) as error:
            raise self._unreachable(error) from error
        self._frames = Frames()
        self._rest = b""
        self.said = ""
        """The end of what it wrote to standard error."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def finish(self) -> None:
        """Ask the command to end; what it still prints can be read.

        Raises:
            OSError: the connection is broken.
        """
        self._socket.sendall(b"\n")

    def close(self) -> None:
        """End the command, if it runs; safe to call twice."""
        with suppress(OSError):
            self._stream.close()
        with suppress(OSError):
            self._socket.close()

    def read(self, limit_s: float) -> list[str] | None:
        """Return the lines that have come, or come within ``limit_s``, be it none; None when it has ended.

        Raises:
            NodeUnreachableError: the connection broke.
        """
        deadline_s = time.monotonic() + limit_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            self._socket.settimeout(left_s)
            try:
                data = self._socket.recv(_CHUNK_BYTES)
            except TimeoutError:
                break
            except OSError as error:
                raise self._unreachable(error) from error
            if not data:
                return self._last_line()
            if lines := self._lines(data):
                return lines
        return []

    def _last_line(self) -> list[str] | None:
        """Return what was left without a line end, once."""
        rest, self._rest = self._rest, b""
        return [rest.decode(errors="replace")] if rest else None

    def _lines(self, data: bytes) -> list[str]:
        for number, payload in self._frames.feed(data):
            if number == _STDERR:
                self.said = (self.said + payload.decode(errors="replace"))[-_SAID_MAX:]
            else:
                self._rest += payload
        *whole, self._rest = self._rest.split(b"\n")
        return [line.decode(errors="replace") for line in whole]

    def _unreachable(self, error: Exception) -> NodeUnreachableError:
        return NodeUnreachableError(
            f"{self._container} does not answer: {error}",
            remedy="`boothlab status` shows which nodes run; `boothlab reset` starts them again",
        )


def _plain(stream: Any) -> socket.socket:  # noqa: ANN401 - one of many types
    found: socket.socket = getattr(stream, "_sock", stream)
    return found
