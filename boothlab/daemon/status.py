"""``booth status``: whether this machine's daemon runs, ours or ClusterLabs'.

Four things must agree: a lock file, somebody's lock on it, what it says, and a port that is
taken.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.daemon import config_file
from boothlab.daemon.client.output import harmless, tell, tell_json
from boothlab.daemon.client.start import find_local, tell_config_error

if TYPE_CHECKING:
    from boothlab.core.config.model import MemberConfig
    from boothlab.daemon.arguments import StatusOptions
    from boothlab.daemon.client.output import Speaker

FAILED: Final = 1
NOT_RUNNING: Final = 7
"""What resource agents expect of a service that does not run."""

_FLOCK: Final = struct.Struct("@hhqqi")  # type, whence, start, length, pid: struct flock of Linux
_CONTENT_MIN: Final = 4
_CONTENT_MAX: Final = 4096
_FIELD: Final = re.compile(r"booth_(\w+)=(?:'([^']*)'|(\S*))")
_NUMBERS: Final = ("pid", "id", "port")


class NotRunningError(Exception):
    """There is no running daemon, or it cannot be told; the text says why."""

    def __init__(self, reason: str, code: int = NOT_RUNNING) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock file that somebody holds."""

    path: str
    holder: int
    """Process id; 0 when it runs in another container."""
    content: bytes


def run(options: StatusOptions, say: Speaker) -> int:
    """Print whether this machine's daemon runs; return the exit code."""
    try:
        config = config_file.load(options.conf).config
    except config_file.LOAD_ERRORS as error:
        tell_config_error(say, error)
        return _tell_not_running(NotRunningError("Error reading configuration.", FAILED), options)
    member = find_local(config, say, fuzzy=False)
    if member is None:
        return _tell_not_running(NotRunningError("No Service IP active here."), options)
    return _tell_status(member, options.lockfile or default_lockfile(config.name), options)


def default_lockfile(name: str) -> str:
    """Return the path of an instance's lock file, with the two slashes that ClusterLabs booth prints."""
    return f"/var/run/booth//{name}.pid"


def _tell_status(member: MemberConfig, path: str, options: StatusOptions) -> int:
    try:
        lock = locked(path)
        if not options.json and lock.holder:
            tell(f"booth_lockpid={lock.holder} ")
        check(member, lock)
    except NotRunningError as error:
        return _tell_not_running(error, options)
    if options.json:
        tell_json({"running": True, "reason": None, **fields(lock)})
    else:
        tell(f"booth_lockfile='{lock.path}' {_line(lock)}\n")
    if options.verbose:
        sys.stderr.write(f"Booth at {member.address} port {member.port} seems to be running.\n")
    return 0


def _tell_not_running(error: NotRunningError, options: StatusOptions) -> int:
    if options.json:
        tell_json({"running": False, "reason": str(error)})
    if options.verbose:
        sys.stderr.write(f"not running: {error}\n")
    return error.code


def locked(path: str) -> Lock:
    """Return a lock file that another process holds.

    Raises:
        NotRunningError: there is none, or nobody holds it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        raise NotRunningError("No PID file.") from None
    try:
        holder = _holder(descriptor)
        content = os.pread(descriptor, _CONTENT_MAX, 0)
    except OSError as error:
        raise NotRunningError(f"PID file cannot be read: {error.strerror}.") from None
    finally:
        os.close(descriptor)
    if holder is None:
        raise NotRunningError("PID file not locked.")
    return Lock(path, holder, content)


def check(member: MemberConfig, lock: Lock) -> None:
    """Check what else a running daemon has: words in its lock file, and its port.

    Raises:
        NotRunningError: it has not.
    """
    if len(lock.content) < _CONTENT_MIN:
        raise NotRunningError("Cannot read lockfile data.", FAILED)
    if _port_is_free(member):
        raise NotRunningError("TCP port not in use.")


def fields(lock: Lock) -> dict[str, object]:
    """Return what a lock file says as data.

    ``lock_pid`` (null: unknown) and ``lockfile``, then ``pid``, ``state``, ``type``,
    ``cfg_name``, ``id``, ``addr_string`` and ``port`` as the daemon wrote them.
    """
    found: dict[str, object] = {"lock_pid": lock.holder or None, "lockfile": lock.path}
    for name, quoted, plain in _FIELD.findall(_line(lock)):
        text = quoted or plain
        found[name] = int(text) if name in _NUMBERS and re.fullmatch("[0-9]{1,20}", text) else text
    return found


def _line(lock: Lock) -> str:
    return harmless(lock.content.partition(b"\n")[0])


def _holder(descriptor: int) -> int | None:
    """Return the process that holds a lock on a file; None when nobody does."""
    question = _FLOCK.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    kind, _, _, _, pid = _FLOCK.unpack(fcntl.fcntl(descriptor, fcntl.F_GETLK, question))
    return None if kind == fcntl.F_UNLCK else max(pid, 0)


def _port_is_free(member: MemberConfig) -> bool:
    family = socket.AF_INET6 if ":" in member.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # A connection that has just ended keeps nobody from listening.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((member.address, member.port))
        except OSError:
            return False
    return True
