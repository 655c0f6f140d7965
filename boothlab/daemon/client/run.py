"""From a client's options to its exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from boothlab.daemon import config_file
from boothlab.daemon.arguments import ClientOptions, GeostoreOptions
from boothlab.daemon.client import geostore, listing, ticket
from boothlab.daemon.client.errors import FAILED, ClientError
from boothlab.daemon.client.session import Session
from boothlab.daemon.client.start import find_local, tell_config_error

if TYPE_CHECKING:
    from boothlab.daemon.client.output import Speaker


def run(options: ClientOptions | GeostoreOptions, say: Speaker) -> int:
    """Do what a client was asked for, and tell what fails; return the exit code."""
    say.debug(f"reading config file {options.conf}")
    try:
        loaded = config_file.load(options.conf)
    except config_file.LOAD_ERRORS as error:
        tell_config_error(say, error)
        say.error("cannot read config")
        return FAILED
    for warning in loaded.config.warnings:
        say.debug(warning)
    session = Session(loaded.config, loaded.key, find_local(loaded.config, say), say)
    try:
        return _dispatch(session, options)
    except ClientError as error:
        say.error(str(error))
        return error.code


def _dispatch(session: Session, options: ClientOptions | GeostoreOptions) -> int:
    match options:
        case GeostoreOptions():
            return geostore.request(session, options)
        case ClientOptions(operation="list" | "peers"):
            return listing.show(session, options)
        case ClientOptions():
            return ticket.request(session, options)
        case _:
            assert_never(options)
