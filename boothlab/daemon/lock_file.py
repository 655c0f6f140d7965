"""The lock file: one daemon an instance, and what others may know of it.

Content and lock are those of ClusterLabs booth, so that either implementation's ``status``
reads the other's. Unlike it, a second start is refused, and leaves the first one's file alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from boothlab.core.config.model import Config, MemberConfig

FOLDER: Final = "/var/run/booth/"
_FILE_MODE: Final = 0o664
_FOLDER_MODE: Final = 0o775


class LockedError(Exception):
    """Another daemon holds the lock; the text says what to do."""


def beside(path: str, suffix: str) -> str:
    """Return the path of another file of the instance, next to its lock file."""
    return os.path.splitext(path)[0] + suffix  # noqa: PTH122 - the doubled slash stays


class LockFile:
    """A lock file that this process holds.

    Args:
        path: where it is; its folder is made if it is booth's own.
        config: names the instance.
        me: this member.

    Raises:
        LockedError: another process holds it.
        OSError: it cannot be made.
    """

    def __init__(self, path: str, config: Config, me: MemberConfig) -> None:
        self.path = path
        self._fields = (
            f"booth_type={me.role.value} booth_cfg_name='{config.name}' booth_id={me.id} "
            f"booth_addr_string='{me.address}' booth_port={me.port}"
        )
        self._state = "starting"
        self.folder: str | None = _make_folder() if path.startswith(FOLDER) else None
        """Booth's own folder, if it was made here; its owner may restore and delete the file."""
        self._fd = self._locked()
        self.say(self._state)

    def fileno(self) -> int:
        """Return its descriptor."""
        return self._fd

    def say(self, state: str) -> None:
        """Write the file's line: who this is, and whether it is ``starting`` or ``started``."""
        self._state = state
        line = f"booth_pid={os.getpid()} booth_state={state} {self._fields}\n".encode()
        os.pwrite(self._fd, line, 0)
        os.ftruncate(self._fd, len(line))

    def restore(self) -> bool:
        """Make the file anew if somebody deleted it; return whether that was so.

        Raises:
            OSError: it is gone and cannot be made.
        """
        if self._is_ours(self._fd):
            return False
        new = self._locked()
        os.close(self._fd)
        self._fd = new
        self.say(self._state)
        return True

    def remove(self) -> None:
        """Empty and delete it: this process ends."""
        with contextlib.suppress(OSError):
            os.ftruncate(self._fd, 0)
            if self._is_ours(self._fd):
                os.unlink(self.path)  # noqa: PTH108
        os.close(self._fd)

    def _locked(self) -> int:
        """Return the descriptor of the file, locked. A file deleted meanwhile is no lock."""
        while True:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(self.path, flags, _FILE_MODE)
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                os.close(descriptor)
                raise LockedError(
                    f"lockfile {self.path} is locked: a daemon for this configuration already runs; "
                    "stop it first, or use another configuration or lock file (-l)"
                ) from None
            if self._is_ours(descriptor):
                return descriptor
            os.close(descriptor)

    def _is_ours(self, descriptor: int) -> bool:
        """Return whether the path still leads to the open file."""
        try:
            return os.path.samestat(os.stat(self.path), os.fstat(descriptor))  # noqa: PTH116
        except FileNotFoundError:
            return False


def _make_folder() -> str | None:
    """Make booth's folder; return it if it was not there."""
    try:
        os.mkdir(FOLDER, _FOLDER_MODE)  # noqa: PTH102
    except FileExistsError:
        return None
    return FOLDER
