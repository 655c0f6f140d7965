"""A topology's file as plain data that remembers its lines.

YAML 1.2, read strictly: a key twice, a key that is no text, tabs and merge keys are
problems rather than surprises.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from boothlab.engine.topology.problems import Problem, TopologyError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from boothlab.engine.topology.problems import Location

_TAGS: Final = "tag:yaml.org,2002:"
_MERGE: Final = f"{_TAGS}merge"
_CONSTRUCTED: Final = {"null", "bool", "int", "float"}
_KINDS: Final = {*_CONSTRUCTED, "str", "timestamp"}  # YAML 1.2 knows no dates: they are text
_SKELETON: Final = "write at least name, networks and sites, as three-site.yaml does"


@dataclass(frozen=True)
class Source:
    """What stands in a file, and where."""

    origin: str
    """The file, as messages name it."""
    data: dict[str, Any]
    """Plain mappings, lists and scalars."""
    lines: Mapping[Location, int]
    """Line of each key and list item, from 1."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the YAML itself, as far as the data could be read all the same."""
    overrides: Mapping[Location, str] = field(default_factory=dict)
    """What was replaced, and by which ``--set``."""

    def place(self, problem: Problem) -> Problem:
        """Return a problem with file and line, or with the override that brought it in.

        Of several places the problem is about, it is told at the first that is written
        down, else at what should hold it.
        """
        if problem.origin:
            return problem
        paths = (problem.path, *problem.related)
        if override := next(filter(None, map(self._override, paths)), None):
            return replace(problem, origin=override)
        written = next((path for path in paths if path in self.lines), problem.path)
        return replace(problem, path=written, origin=self.origin, line=self._line(written))

    def _override(self, path: Location) -> str | None:
        found = (self.overrides.get(path[:length]) for length in range(len(path), 0, -1))
        return next((each for each in found if each), None)

    def _line(self, path: Location) -> int:
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(path: Path, origin: str) -> Source:
    """Read a file; ``origin`` is what messages call it.

    Raises:
        TopologyError: it cannot be read, or is no YAML mapping at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _broken(
            origin, f"cannot be read: {error.strerror}", "write the path of a topology file"
        ) from error
    except UnicodeDecodeError as error:
        line = 1 + error.object[: error.start].count(b"\n")
        raise _broken(origin, "is not UTF-8", "save the file as UTF-8", line) from error
    content = parse(text, origin)
    if content.data is None:
        raise _broken(origin, "the file is empty", _SKELETON, 1)
    if not isinstance(content.data, dict):
        raise _broken(origin, "the file is not a mapping of keys to values", _SKELETON, content.lines[()])
    return Source(origin, content.data, content.lines, content.problems)


class Content(NamedTuple):
    """What YAML text says."""

    data: Any
    lines: Mapping[Location, int]
    problems: tuple[Problem, ...]


def parse(text: str, origin: str) -> Content:
    """Return YAML text as plain data with its lines; None stands for empty text.

    Raises:
        TopologyError: it is no YAML.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        raise TopologyError(origin, [_syntax(error, origin)]) from error
    except YAMLError as error:
        said = " ".join(str(error).split())
        raise _broken(origin, f"broken YAML: {said}", "remove the control characters", 1) from error
    reader = _Reader(yaml, origin)
    data = None if node is None else reader.plain(node, ())
    return Content(data, reader.lines, tuple(reader.problems))


class _Reader:
    """Turns YAML's nodes into plain data, collecting lines and problems."""

    def __init__(self, yaml: YAML, origin: str) -> None:
        self.lines: dict[Location, int] = {}
        self.problems: list[Problem] = []
        self._yaml = yaml
        self._origin = origin
        self._open: list[Node] = []

    def plain(self, node: Node, path: Location) -> Any:  # noqa: ANN401 - any data
        """Return a node as plain data."""
        self.lines.setdefault(path, _line(node))
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if any(node is outer for outer in self._open):
            self._complain(node, path, "an alias contains itself", "write the value out")
            return None
        self._open.append(node)
        inside = self._mapping(node, path) if isinstance(node, MappingNode) else self._sequence(node, path)
        self._open.pop()
        return inside

    def _sequence(self, node: Node, path: Location) -> list[Any]:
        return [self.plain(each, (*path, index)) for index, each in enumerate(node.value)]

    def _mapping(self, node: MappingNode, path: Location) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            inner = (*path, key)
            if key in found:
                message = f"stands here a second time, first in line {self.lines[inner]}"
                self._complain(key_node, inner, message, "leave one of them out")
                continue
            self.lines[inner] = _line(key_node)
            found[key] = self.plain(value_node, inner)
        return found

    def _key(self, node: Node, path: Location) -> str | None:
        """Return a key as text; None when it cannot be one."""
        if not isinstance(node, ScalarNode):
            self._complain(node, path, "a key is a list or a mapping", "write text as the key")
            return None
        if node.tag == _MERGE:
            self._complain(node, path, "merge keys (<<) are not part of YAML 1.2", "write the keys out")
            return None
        key = self._scalar(node, path)
        if not isinstance(key, str):
            inner = (*path, str(node.value))
            self._complain(node, inner, "this key is not text", f'write it in quotes: "{node.value}"')
        return str(node.value)

    def _scalar(self, node: ScalarNode, path: Location) -> str | float | bool | None:
        kind = str(node.tag).removeprefix(_TAGS)
        if kind not in _KINDS:
            self._complain(node, path, f"the tag {node.tag} is unknown here", "leave the tag out")
        if kind not in _CONSTRUCTED:
            return str(node.value)
        try:
            value: float | bool | None = self._yaml.constructor.construct_object(node)
        except (ValueError, LookupError):
            self._complain(node, path, f"{node.value!r} does not fit its tag {node.tag}", "leave the tag out")
            return str(node.value)
        return value

    def _complain(self, node: Node, path: Location, message: str, remedy: str) -> None:
        self.problems.append(Problem(path, message, remedy, origin=self._origin, line=_line(node)))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _syntax(error: MarkedYAMLError, origin: str) -> Problem:
    """Return the YAML library's complaint as a problem with its line."""
    mark = error.problem_mark or error.context_mark
    said = f"{error.problem}"
    if error.context and error.context_mark:
        said += f" {error.context} that begins in line {error.context_mark.line + 1}"
    remedy = "look for a missing quote, bracket, colon or indentation there"
    if "\\t" in said:
        said, remedy = "a tab where YAML wants spaces", "indent with spaces"
    if "another document" in said:
        said, remedy = "a second YAML document begins", "write one topology a file"
    return Problem((), f"broken YAML: {said}", remedy, origin=origin, line=mark.line + 1 if mark else 1)


def _broken(origin: str, message: str, remedy: str, line: int = 0) -> TopologyError:
    return TopologyError(origin, [Problem((), message, remedy, origin=origin, line=line)])
