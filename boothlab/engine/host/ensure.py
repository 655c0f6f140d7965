"""Carry out what was decided, until an engine answers."""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import tenacity

from boothlab.engine.client import EngineUnavailableError, chosen_address, connect
from boothlab.engine.host.decide import DOCKER, PODMAN, Command, Facts, decide
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    import docker

    from boothlab.engine.client import Silence
    from boothlab.engine.host.decide import Action
    from boothlab.engine.progress import Progress

START_LIMIT_S: Final = 60
"""How long a started engine may take to answer, in seconds."""

COMMAND_LIMIT_S: Final = 900
"""How long one command of an installation may take, in seconds."""

LOG: Final = Path("/var/log/boothlab-engine.log")
"""Where an engine writes that was started without systemd."""

_CONNECT_LIMIT_S: Final = 5
_PAUSE_S: Final = 0.2
_LINES_SHOWN: Final = 10

Run = Callable[[Command], None]
"""Runs a command to its end; raises EngineStartError when it fails."""
Connect = Callable[[], "docker.DockerClient"]
"""Raises EngineUnavailableError as long as no engine answers."""


class EngineStartError(BoothlabError):
    """Installing or starting an engine failed."""


def ensure_engine(progress: Progress) -> docker.DockerClient:
    """Return a client of the engine; where none answers, start or install one if root may.

    Raises:
        EngineUnavailableError: none answers and boothlab may not change that; the remedy is the command.
        EngineStartError: starting or installing it failed.
    """
    try:
        return connect()
    except EngineUnavailableError as error:
        silent = error
    action = decide(gather(silent.silence))
    if action.kind == "tell":
        raise EngineUnavailableError(silent.message, remedy=action.says, silence=silent.silence) from silent
    progress.note(f"{silent.message}; {action.says}")
    with progress.activity("host", action.says) as activity:
        carry_out(action, activity.detail)
    return connect()


def gather(silence: Silence) -> Facts:
    """Collect the facts of this machine, given why no engine answers."""
    programs = {program for engine in (DOCKER, PODMAN) for program in engine.programs}
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    return Facts(
        silence=silence,
        chosen=chosen_address(),
        root=os.geteuid() == 0,
        systemd=Path("/run/systemd/system").is_dir(),
        distributions=_distributions(),
        programs=frozenset(program for program in programs if shutil.which(program, path=path)),
    )


def _distributions() -> tuple[str, ...]:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return ()
    return (release.get("ID", ""), *release.get("ID_LIKE", "").split())


def run_command(command: Command) -> None:
    """Run a command to its end, without questions.

    Raises:
        EngineStartError: it failed; shows its last lines.
    """
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
            timeout=COMMAND_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineStartError(f"{shlex.join(command)}: {error}", remedy=_BY_HAND) from error
    if done.returncode:
        raise EngineStartError(f"{shlex.join(command)} failed:\n{_tail(done.stdout)}", remedy=_BY_HAND)


_BY_HAND: Final = "run it by hand to see more, then call this again"


def spawn_daemon(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Start an engine in a session of its own, so that it stays when this process ends.

    Raises:
        EngineStartError: there is no such program, or its log cannot be written.
    """
    try:
        with log.open("wb") as output:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
            )
    except OSError as error:
        raise EngineStartError(f"{shlex.join(command)}: {error}", remedy=_BY_HAND) from error


def connect_soon() -> docker.DockerClient:
    """Connect like ``connect``, but do not wait long for the answer."""
    return connect(limit_s=_CONNECT_LIMIT_S)


def carry_out(
    action: Action,
    tell: Callable[[str], None],
    *,
    run: Run = run_command,
    answers: Connect = connect_soon,
    log: Path = LOG,
) -> None:
    """Do what was decided; return when the engine answers.

    Args:
        action: what was decided.
        tell: is told what goes on.
        run: runs one command.
        answers: connects to the engine.
        log: where an engine writes that is started without systemd.

    Raises:
        EngineStartError: a command failed, or no engine answers in time.
    """
    for command in action.commands:
        tell(shlex.join(command))
        run(command)
    daemon = None
    if action.daemon and not _is_there(answers):  # a package may have started it already
        tell(f"{shlex.join(action.daemon)}, which writes to {log}")
        daemon = spawn_daemon(action.daemon, log)
    tell("waiting for its answer")
    _wait(answers, daemon, log)


def _is_there(answers: Connect) -> bool:
    try:
        answers().close()
    except EngineUnavailableError:
        return False
    return True


def _wait(answers: Connect, daemon: subprocess.Popen[bytes] | None, log: Path) -> None:
    def once() -> None:
        if daemon is not None and daemon.poll() is not None:
            raise EngineStartError(
                f"the engine ended at once (exit code {daemon.returncode}):\n{_tail(_read(log))}",
                remedy=f"its log is {log}",
            )
        answers().close()

    patient = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(EngineUnavailableError),
        stop=tenacity.stop_after_delay(START_LIMIT_S),
        wait=tenacity.wait_fixed(_PAUSE_S),
        reraise=True,
    )
    try:
        patient(once)
    except EngineUnavailableError as error:
        where = log if daemon else "journalctl -u docker"
        raise EngineStartError(
            f"the engine was started but does not answer within {START_LIMIT_S} s: {error.message}",
            remedy=f"its log tells why: {where}",
        ) from error


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""


def _tail(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-_LINES_SHOWN:])
