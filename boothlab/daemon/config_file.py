"""booth.conf and its key file, from the disk of this host.

Files are opened without pathlib, whose import takes a sixth of a client's whole time.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from boothlab.core.auth import KeyFileError, usable_key
from boothlab.core.config.errors import ConfigError
from boothlab.core.config.parse import parse
from boothlab.daemon.arguments import config_path

if TYPE_CHECKING:
    from boothlab.core.config.model import Config

SIZE_MAX: Final = 1 << 20
"""Bytes of a configuration file; a thousand tickets need a tenth of it."""

PATH_MAX: Final = 4094
"""Bytes of a configuration file's path."""

_READ_BY_OTHERS: Final = 0o044
_KEY_BYTES: Final = 64


class ConfigFileError(Exception):
    """The configuration file cannot be read; it says why."""


class KeyUnusableError(Exception):
    """The key file cannot be read or used; it says why."""


LOAD_ERRORS: Final = (ConfigError, ConfigFileError, KeyUnusableError)
"""What ``load`` may raise."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used, and its key."""

    config: Config
    key: bytes | None
    """None when authentication is off."""


def load(path_or_name: str) -> Loaded:
    """Return the configuration of a path or an instance's name, with its key.

    Raises:
        ConfigFileError: the file cannot be read.
        ConfigError: it cannot be used; all its problems are in the error.
        KeyUnusableError: its key file cannot be read or used.
    """
    config = load_config(path_or_name)
    return Loaded(config, load_key(config.authfile) if config.authfile else None)


def load_config(path_or_name: str) -> Config:
    """Return the configuration alone; errors as in ``load``."""
    path = config_path(path_or_name)
    if len(os.fsencode(path)) > PATH_MAX:
        raise ConfigFileError(f"'{path}' exceeds maximum config file length of {PATH_MAX + 1}")
    return parse(_text(path), path=path, resolve=resolve)


def load_key(path: str) -> bytes:
    """Return the key in a key file, which must not be readable for group or others.

    Raises:
        KeyUnusableError: it is, or it cannot be opened, or what it holds is no key.
    """
    try:
        return usable_key(_key_bytes(path))
    except OSError as error:
        raise KeyUnusableError(f"cannot open {path}: {error.strerror}") from error
    except KeyFileError as error:
        reason = str(error).removeprefix("the key ")
        raise KeyUnusableError(f"Key in authfile {path} {reason}") from error


def resolve(name: str) -> str:
    """Return the first address of a host name.

    Raises:
        OSError: it has none.
        ValueError: this cannot be a host's name.
    """
    return _lookup(name)[0]


def addresses_of(name: str) -> list[str]:
    """Return every address of a host name; none if it has none."""
    try:
        return _lookup(name)
    except (OSError, ValueError):
        return []


def _lookup(name: str) -> list[str]:
    found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return [str(address[0]) for *_, address in found]


def _text(path: str) -> str:
    """Return a configuration file's text; bytes that are no UTF-8 survive, for they may be in paths."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see above
            content = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise ConfigFileError(f"failed to open {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigFileError(f"failed to open {path!r}: {error}") from error
    if len(content) > SIZE_MAX:
        raise ConfigFileError(f"{path} is larger than {SIZE_MAX} bytes: this is no configuration of booth")
    return content.decode("utf-8", "surrogateescape")


def _key_bytes(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - see above
        if os.fstat(file.fileno()).st_mode & _READ_BY_OTHERS:
            words = "file shall not be readable for anyone but the owner"
            raise KeyUnusableError(f"{path}: {words}: chmod 600 {path}")
        return file.read(_KEY_BYTES)
