"""Types of the topology's fields: what may be written, and what to write instead.

A refused value carries its own remedy, see ``refusal``; ``explain.py`` adds the place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BeforeValidator, Field, Strict, WithJsonSchema
from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

REFUSED: Final = "boothlab_refused"
"""Type of the pydantic errors that ``refusal`` makes; their context has message and remedy."""

_DURATION: Final = re.compile(r"(\d+)(ms)?", re.ASCII)
_DURATION_REMEDY: Final = "write whole seconds (5) or milliseconds (500ms)"


def refusal(message: str, remedy: str) -> PydanticCustomError:
    """Return what a validator raises about a value: what is wrong, and what to write."""
    return PydanticCustomError(REFUSED, "{message}; {remedy}", {"message": message, "remedy": remedy})


def duration_ms(value: int | str) -> int:
    """Return a booth.conf duration in milliseconds.

    Raises:
        ValueError: the text is neither ``SECONDS`` nor ``MILLISECONDSms``.
    """
    match = _DURATION.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{value!r} is not a time: {_DURATION_REMEDY}")
    return int(match[1]) * (1 if match[2] else 1000)


def _duration(value: object) -> object:
    if not _is_scalar(value) or _DURATION.fullmatch(str(value)) is None:
        raise refusal(f"{shown(value)} is not a time", _DURATION_REMEDY)
    return value


def _positive_duration(value: object) -> object:
    if duration_ms(str(_duration(value))) == 0:
        raise refusal("must be longer than 0", _DURATION_REMEDY)
    return value


def _address(value: object) -> object:
    if isinstance(value, IPv4Address):
        return value
    try:
        return IPv4Address(value if isinstance(value, str) else "")
    except AddressValueError:
        remedy = "write one such as 192.168.101.100, without a prefix length"
        raise refusal(f"{shown(value)} is not an IPv4 address", remedy) from None


def _subnet(value: object) -> object:
    if isinstance(value, IPv4Network):
        return value
    remedy = "write one such as 192.168.101.0/24"
    if not isinstance(value, str) or "/" not in value:
        raise refusal(f"{shown(value)} is not an IPv4 subnet with its prefix length", remedy)
    try:
        network = IPv4Network(value, strict=False)
    except (AddressValueError, NetmaskValueError):
        raise refusal(f"{shown(value)} is not an IPv4 subnet", remedy) from None
    if str(network.network_address) != value.partition("/")[0]:
        raise refusal(f"{shown(value)} is an address inside a subnet", f"write {network}")
    return network


def _is_scalar(value: object) -> bool:
    return isinstance(value, int | str) and not isinstance(value, bool)


def _scalar(value: object) -> object:
    if _is_scalar(value):
        return value
    if isinstance(value, bool | float):
        raise refusal(f"{shown(value)} would lose its spelling", f'write it in quotes: "{shown(value)}"')
    raise refusal(f"{shown(value)} is not a single value", "write text or a whole number")


def _parameter(value: object) -> object:
    if not isinstance(value, dict):
        return _scalar(value)
    return {site: _scalar(each) for site, each in value.items()}


def shown(value: object) -> str:
    """Return a value as a message about it names it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case str():
            return repr(value)
        case _:
            return str(value)


@dataclass(frozen=True)
class Pattern:
    """Text of a certain form, for use in ``Annotated``."""

    regex: str
    noun: str
    """What such text is called, with its article: ``a host name``."""
    remedy: str
    """What to write, after "write"."""

    def check(self, value: str) -> str:
        """Return the value when it has the form."""
        if re.fullmatch(self.regex, value, re.ASCII) is None:
            raise refusal(f"{shown(value)} is not {self.noun}", f"write {self.remedy}")
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"pattern": f"^{self.regex}$"}


_SCALAR_SCHEMA: Final[dict[str, Any]] = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
_PER_SITE_SCHEMA: Final[dict[str, Any]] = {"type": "object", "additionalProperties": _SCALAR_SCHEMA}


def _duration_schema(digits: str, minimum: int) -> WithJsonSchema:
    choices = [
        {"type": "integer", "minimum": minimum},
        {"type": "string", "pattern": f"^{digits}(ms)?$"},
    ]
    return WithJsonSchema({"anyOf": choices, "examples": [5, "500ms"]})


Duration = Annotated[int | str, BeforeValidator(_duration), _duration_schema("[0-9]+", 0)]
PositiveDuration = Annotated[
    int | str, BeforeValidator(_positive_duration), _duration_schema("0*[1-9][0-9]*", 1)
]
WholeNumber = Annotated[int, Strict()]
Switch = Annotated[bool, Strict()]
Scalar = Annotated[str | int, BeforeValidator(_scalar), WithJsonSchema(_SCALAR_SCHEMA)]
Parameter = Annotated[
    str | int | dict[str, str | int],
    BeforeValidator(_parameter),
    WithJsonSchema({"anyOf": [*_SCALAR_SCHEMA["anyOf"], _PER_SITE_SCHEMA]}),
]
Address = Annotated[IPv4Address, BeforeValidator(_address), Field(examples=["192.168.101.100"])]
Subnet = Annotated[IPv4Network, BeforeValidator(_subnet), Field(examples=["192.168.101.0/24"])]
HostName = Annotated[
    str,
    Pattern(
        "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
        "a host name",
        "letters, digits and inner hyphens, at most 63",
    ),
]
LabName = Annotated[
    str,
    Pattern(
        "[a-z0-9][a-z0-9-]{0,30}",
        "a lab's name",
        "lower-case letters, digits and hyphens, at most 31",
    ),
]
InstanceName = Annotated[
    str,
    Pattern(
        "[A-Za-z0-9_-]{1,62}",
        "a name for a Booth instance",
        "letters, digits, hyphens and underscores, at most 62",
    ),
]
ResourceName = Annotated[
    str,
    Pattern(
        "[A-Za-z_][A-Za-z0-9_.-]*",
        "a resource name",
        "letters, digits, dots, hyphens and underscores, a letter or underscore first",
    ),
]
Agent = Annotated[
    str,
    Pattern(
        "[a-z]+(:[A-Za-z0-9_.-]+){1,2}",
        "a resource agent",
        "CLASS:PROVIDER:TYPE or CLASS:TYPE, e.g. ocf:heartbeat:IPaddr2",
    ),
]
NodePath = Annotated[
    str,
    Pattern(
        r"(/[^/\s]+)+",
        "the path of a file in a node",
        "an absolute path without spaces, e.g. /opt/acme/boothd",
    ),
]
Command = Annotated[
    str,
    Pattern(
        r"(/[^/\s]+)+( \S+)*", "a command", "the absolute path of a program, and its options if it has any"
    ),
    Field(examples=["/opt/acme/boothd"]),
]
