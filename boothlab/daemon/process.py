"""What a daemon does to its own process: detach, title, user, priority. Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import grp
import os
import pwd
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from boothlab.core.config.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from boothlab.core.config.model import Users

_PR_SET_NAME: Final = 15
_OOM_SCORE: Final = "-999"
_PRIORITY: Final = 1
"""Of SCHED_RR, the lowest: before all that is not real time, behind the cluster's own daemons."""
_NOBODY: Final = "nobody"
_FIRST_ADDRESS: Final = 47
"""Where arg_start is among the words of /proc/self/stat; proc(5) counts from 1."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom to become."""

    uid: int
    gid: int


class Detached:
    """A process in the background, whose parent waits to hear whether it came up."""

    def __init__(self, report: int) -> None:
        self._report = report

    def came_up(self) -> None:
        """Let the parent end with success."""
        with contextlib.suppress(OSError):
            os.write(self._report, b"\0")
        os.close(self._report)


def detach() -> Detached:
    """Go on in the background, as a child without terminal; this call returns only there.

    The parent exits 0 when the child came up, and 1 when the child ends before that.
    """
    heard, report = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    if os.fork():
        os.close(report)
        os._exit(0 if os.read(heard, 1) else 1)
    os.close(heard)
    os.setsid()
    os.chdir("/")
    return Detached(report)


def keep_descriptors_from_children() -> None:
    """Let programs that are run later inherit nothing that was open when this process was started."""
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) > 2:  # noqa: PLR2004 - behind the standard ones
            with contextlib.suppress(OSError):
                os.set_inheritable(int(name), False)


def drop_terminal() -> None:
    """Let the standard descriptors lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    if nowhere > 2:  # noqa: PLR2004
        os.close(nowhere)


def set_title(title: str, name: str) -> None:
    """Change what ps shows: the command line, and the short name. Best effort.

    The memory of the command line and, behind it, of the environment is overwritten; the
    environment is copied away before.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)
    found = _argument_memory()
    if found is None:
        return
    start, end, environment_end = found
    for variable, value in list(os.environ.items()):
        os.environ[variable] = value  # setenv(3) makes a copy
    text = title.encode(errors="surrogateescape")[: environment_end - start - 1]
    ctypes.memset(start, 0, max(end - start, len(text) + 1))
    ctypes.memmove(start, text, len(text))


_memory: tuple[int, int, int] | None = None


def _argument_memory() -> tuple[int, int, int] | None:
    """Return where the arguments begin and end, and how far they may grow; forks need not ask again."""
    global _memory  # noqa: PLW0603 - of this process, as its title is
    if _memory is None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            words = Path("/proc/self/stat").read_text().split()
            arg_start, arg_end, env_start, env_end = map(int, words[_FIRST_ADDRESS : _FIRST_ADDRESS + 4])
            if arg_start:
                _memory = (arg_start, arg_end, env_end if env_start == arg_end else arg_end)
    return _memory


def identity(users: Users, role: Role) -> tuple[Identity, list[str]]:
    """Return whom root becomes for a member of this role, and what is wrong with the names.

    A user that does not exist, as hacluster where no Pacemaker is, is replaced by nobody: it
    may read and write nothing, which is all that an arbitrator needs.
    """
    is_site = role is Role.SITE
    user = users.site_user if is_site else users.arbitrator_user
    group = users.site_group if is_site else users.arbitrator_group
    problems = []
    account = _account(user)
    if account is None:
        problems.append(f'User "{user}" cannot be resolved into a UID.')
        account = _account(_NOBODY) or (65534, 65534)
        return Identity(*account), [*problems, f"running as {_NOBODY} instead"]
    gid = _group(group)
    if gid is None:
        if group != _NOBODY:  # there is none of that name on many systems
            problems.append(f'Group "{group}" cannot be resolved into a UID.')
        gid = account[1]
    return Identity(account[0], gid), problems


def _account(user: str) -> tuple[int, int] | None:
    """Return a user's uid and own group: a number is taken as it is."""
    with contextlib.suppress(KeyError, ValueError):
        found = pwd.getpwuid(int(user)) if user[:1].isdecimal() else pwd.getpwnam(user)
        return found.pw_uid, found.pw_gid
    return (int(user), int(user)) if user.isdecimal() else None


def _group(group: str) -> int | None:
    if group.isdecimal():
        return int(group)
    with contextlib.suppress(KeyError):
        return grp.getgrnam(group).gr_gid
    return None


def become(whom: Identity, own: Iterable[int]) -> None:
    """Stop being root for good, and give open files to the new user before.

    Raises:
        OSError: the kernel refuses.
    """
    for descriptor in own:
        os.fchown(descriptor, whom.uid, whom.gid)
    os.setgroups([])
    os.setresgid(whom.gid, whom.gid, whom.gid)
    os.setresuid(whom.uid, whom.uid, whom.uid)


def protect() -> list[str]:
    """Ask to run before others and to be killed last when memory is short; return what was refused."""
    refused = []
    try:
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
    except OSError as error:
        refused.append(f"oom_score_adj stays as it is: {error.strerror}")
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))
    except OSError as error:
        refused.append(f"not running in real time: {error.strerror}")
    return refused


def let_children_be_ordinary() -> None:
    """Keep real-time priority to this process: programs it runs shall have none of it."""
    with contextlib.suppress(OSError):
        policy = os.sched_getscheduler(0)
        if policy == os.SCHED_RR:
            os.sched_setscheduler(0, policy | os.SCHED_RESET_ON_FORK, os.sched_getparam(0))
