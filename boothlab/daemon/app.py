"""``boothd daemon``: from the command line's options to a running member, and its end."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from typing import TYPE_CHECKING, Final

from boothlab.core.config.local_member import find_member
from boothlab.core.config.model import Role
from boothlab.core.member import Member
from boothlab.daemon import clock, config_file, logs, metrics, process, tcp, udp
from boothlab.daemon.client.output import Speaker
from boothlab.daemon.client.start import find_local, tell_config_error
from boothlab.daemon.lease_guard import LeaseGuard
from boothlab.daemon.lock_file import LockedError, LockFile, beside
from boothlab.daemon.notify import Notifier
from boothlab.daemon.promises import Promises
from boothlab.daemon.service import SIGNALS, Belongings, Service
from boothlab.daemon.status import default_lockfile
from boothlab.daemon.usage import version

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from boothlab.core.config.model import Config, MemberConfig
    from boothlab.daemon.arguments import DaemonOptions
    from boothlab.daemon.config_file import Loaded
    from boothlab.daemon.logs import Log

FAILED: Final = 1
NAME: Final = "boothd"


class StartError(Exception):
    """The daemon cannot start; the text is for the log."""


def run(options: DaemonOptions) -> int:
    """Be a member until a signal comes; return the exit code.

    Without ``foreground`` only the background process does that; its parent leaves when the
    sockets are bound, or with 1 when that fails.
    """
    say = Speaker(NAME, debugging=options.debug > 0)
    try:
        loaded = config_file.load(options.conf)
        place = metrics.endpoint(options.metrics) if options.metrics else None
    except config_file.LOAD_ERRORS as error:
        tell_config_error(say, error)
        return FAILED
    except metrics.EndpointError as error:
        say.error(str(error))
        return FAILED
    me = _myself(loaded.config, options, say)
    if me is None:
        return FAILED
    notifier = Notifier()
    detached = None if options.foreground else process.detach()
    return _Start(options, loaded, me, place, notifier, detached).run()


def _myself(config: Config, options: DaemonOptions, say: Speaker) -> MemberConfig | None:
    """Return the member to be; say why there is none."""
    if options.local is None:
        found = find_local(config, say, fuzzy=False)
        if found is None:
            say.error("Cannot find myself in the configuration.")
        return found
    found = find_member(config, options.local, local=None, lookup=config_file.addresses_of)
    if found is None:
        say.error(f'Cannot find "{options.local}" in the configuration.')
    return found


class _Start:
    """The start of a daemon, step by step."""

    def __init__(
        self,
        options: DaemonOptions,
        loaded: Loaded,
        me: MemberConfig,
        place: tuple[str, int] | None,
        notifier: Notifier,
        detached: process.Detached | None,
    ) -> None:
        self._config, self._key, self._me = loaded.config, loaded.key, me
        self._place = place
        self._notifier = notifier
        self._detached = detached
        self._ident = f"{NAME}-{me.role.value}"
        # Pacemaker sets these for its agents, in this spelling.
        debug = int(os.environ.get("HA_debug", "0") not in {"", "0"})  # noqa: SIM112
        self._log = self._open_log(max(options.debug, loaded.config.debug, debug))
        self._lock_path = options.lockfile or default_lockfile(loaded.config.name)

    def _open_log(self, debug: int) -> Log:
        """Return the log: in the background also on the terminal, as long as there is one."""
        if self._detached is None:
            return logs.Log(logs.to_stderr(self._ident), debug=debug)
        return logs.Log(logs.AlsoShown(self._syslog(), logs.Stderr(NAME)), debug=debug)

    def _syslog(self) -> logs.Syslog:
        """Return the sink for the background; clusters may have said which facility they like."""
        return logs.Syslog(self._ident, facility=os.environ.get("HA_logfacility", "daemon"))  # noqa: SIM112

    def run(self) -> int:
        """Start, run and end; return the exit code."""
        os.umask(0o022)
        process.keep_descriptors_from_children()
        # A signal that comes before the daemon listens to it waits, and no lock file stays behind.
        signal.pthread_sigmask(signal.SIG_SETMASK, SIGNALS)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        try:
            lock = LockFile(self._lock_path, self._config, self._me)
        except LockedError as error:
            self._log.error(str(error))
            return FAILED
        except OSError as error:
            self._log.error(f"lockfile {self._lock_path} open error: {error.strerror}")
            return FAILED
        try:
            return self._run(lock)
        except StartError as error:
            self._log.error(str(error))
            return FAILED
        finally:
            lock.remove()
            self._log.info("exiting")

    def _run(self, lock: LockFile) -> int:
        me = self._me
        self._log.info(f"BOOTH {me.role.value} {version()} daemon is starting")
        for warning in self._config.warnings:
            self._log.warning(warning)
        title = f"{NAME} {self._config.path} {me.role.value} for [{me.address}]:{me.port}"
        process.set_title(title, NAME)
        for refusal in process.protect():
            self._log.debug(refusal)
        belongings = self._open(lock)
        self._give_up_root(belongings)
        if belongings.guard is not None:
            self._start(belongings.guard)
        process.let_children_be_ordinary()
        if self._detached is not None:
            self._detached.came_up()
            self._leave_terminal()
        seed = int.from_bytes(os.urandom(8), "big")
        member = Member(self._config, me.id, key=self._key, seed=seed, local_time=clock.local_text)
        return asyncio.run(Service(member, belongings).run())

    def _open(self, lock: LockFile) -> Belongings:
        """Open files and sockets."""
        me, path = self._me, self._lock_path
        try:
            promises = Promises(beside(path, ".promises"))
            leases = beside(path, ".leases")
            guard = LeaseGuard(leases, self._config.name, self._log) if me.role is Role.SITE else None
        except OSError as error:
            raise StartError(f"{error.filename} open error: {error.strerror}") from error
        where = f"[{me.address}]:{me.port}"
        return Belongings(
            *(self._config, me, self._log, lock, promises, guard),
            udp=_bound(lambda: udp.bind(me), f"UDP socket to {where}"),
            tcp=_bound(lambda: tcp.bind(me), f"socket to {where}"),
            metrics=self._bind_metrics(),
            notifier=self._notifier,
        )

    def _bind_metrics(self) -> socket.socket | None:
        place = self._place
        if place is None:
            return None
        return _bound(lambda: metrics.bind(place), f"metrics to [{place[0]}]:{place[1]}")

    def _give_up_root(self, belongings: Belongings) -> None:
        if os.geteuid() != 0:
            return
        whom, problems = process.identity(self._config.users, self._me.role)
        for problem in problems:
            self._log.error(problem)
        own = [belongings.lock.fileno(), belongings.promises.fileno()]
        if belongings.guard is not None:
            own.append(belongings.guard.fileno())
        try:
            if belongings.lock.folder is not None:
                os.chown(belongings.lock.folder, whom.uid, whom.gid)
            process.become(whom, own)
        except OSError as error:
            raise StartError(f"cannot become uid {whom.uid}, gid {whom.gid}: {error.strerror}") from error

    def _start(self, guard: LeaseGuard) -> None:
        try:
            guard.start(self._in_guard)
        except OSError as error:
            raise StartError(str(error)) from error

    def _in_guard(self) -> None:
        """Be in the guard what the daemon will be."""
        process.let_children_be_ordinary()
        if self._detached is not None:
            self._leave_terminal()

    def _leave_terminal(self) -> None:
        process.drop_terminal()
        self._log.write_to(self._syslog())


def _bound(bind: Callable[[], socket.socket], what: str) -> socket.socket:
    """Return a bound socket.

    Raises:
        StartError: it cannot be bound; told in ClusterLabs booth's words, and what to do.
    """
    try:
        return bind()
    except OSError as error:
        hint = ""
        if error.errno == errno.EADDRINUSE:
            hint = " (does another boothd run here?)"
        elif error.errno == errno.EADDRNOTAVAIL:
            hint = " (is this member's address active on this machine?)"
        raise StartError(f"failed to bind {what}: {error.strerror}{hint}") from error
