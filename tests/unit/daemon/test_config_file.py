"""booth.conf and its key, read from a disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from boothlab.core.config.errors import ConfigError
from boothlab.daemon.config_file import (
    LOAD_ERRORS,
    SIZE_MAX,
    ConfigFileError,
    KeyUnusableError,
    addresses_of,
    load,
    resolve,
)

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS: Final = "site = 10.0.0.1\nsite = 10.0.0.2\narbitrator = 10.0.0.3\n"
KEY: Final = b"0123456789abcdef"


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    path = tmp_path / "east.conf"
    path.write_text(MEMBERS)
    return path


def with_key(conf: Path, content: bytes = KEY, mode: int = 0o600) -> Path:
    key = conf.with_name("east.key")
    key.write_bytes(content)
    key.chmod(mode)
    conf.write_text(f"authfile = {key.name}\n{MEMBERS}")
    return key


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Values have at most 64 bytes, less than a test's folder may need.
    monkeypatch.chdir(tmp_path)


def test_a_path_is_loaded_and_gives_the_instance_its_name(conf: Path) -> None:
    loaded = load(str(conf))

    assert (loaded.config.name, loaded.config.path, len(loaded.config.members)) == ("east", str(conf), 3)
    assert loaded.key is None


def test_a_name_is_a_file_in_etc_booth() -> None:
    with pytest.raises(
        ConfigFileError, match=r"^failed to open /etc/booth/nowhere\.conf: No such file or directory$"
    ):
        load("nowhere")
    with pytest.raises(ConfigFileError, match=r"^failed to open /etc/booth/nowhere\.x: "):
        load("nowhere.x")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigFileError, match="Is a directory"):
        load(str(tmp_path))


def test_a_path_that_no_file_can_have_is_told_as_such(conf: Path) -> None:
    with pytest.raises(ConfigFileError, match="exceeds maximum config file length of 4095"):
        load("/" + "x" * 4094)
    with pytest.raises(ConfigFileError, match="null byte"):
        load(f"{conf}\0")


def test_a_file_far_too_large_is_not_read_to_its_end(conf: Path) -> None:
    conf.write_bytes(b"#\n" * SIZE_MAX)

    with pytest.raises(ConfigFileError, match="larger than"):
        load(str(conf))


def test_a_file_of_any_bytes_is_refused_line_by_line(conf: Path) -> None:
    conf.write_bytes(bytes(range(256)))

    with pytest.raises(ConfigError) as caught:
        load(str(conf))

    assert isinstance(caught.value, LOAD_ERRORS)
    assert [each.line for each in caught.value.problems] == [1, 2]


def test_the_key_is_trimmed_text(conf: Path) -> None:
    with_key(conf, b"  0123456789abcdef\n")

    assert load(str(conf)).key == KEY


def test_a_keys_path_may_have_bytes_that_are_no_text(conf: Path) -> None:
    key = with_key(conf)
    key.rename(key.with_name("k\udcff"))
    conf.write_bytes(b"authfile = k\xff\n" + MEMBERS.encode())

    assert load(str(conf)).key == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_can_read_is_refused(conf: Path, mode: int) -> None:
    with_key(conf, mode=mode)

    with pytest.raises(
        KeyUnusableError, match=r"^east\.key: file shall not be readable for anyone but the owner: chmod"
    ):
        load(str(conf))


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o622])
def test_a_key_that_only_its_owner_can_read_is_used(conf: Path, mode: int) -> None:
    with_key(conf, mode=mode)

    assert load(str(conf)).key == KEY


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"short", r"^Key in authfile east\.key is too short \(5 < 8\)"),
        (b"   1234567   ", r"^Key in authfile east\.key is too short \(7 < 8\)"),
        (b"", r"^Key in authfile east\.key is too short \(0 < 8\)"),
        (b"\0" + KEY, r"^Key in authfile east\.key begins with a zero byte"),
    ],
)
def test_a_key_that_protects_nothing_is_refused(conf: Path, content: bytes, words: str) -> None:
    with_key(conf, content)

    with pytest.raises(KeyUnusableError, match=words):
        load(str(conf))


def test_a_missing_key_is_refused_and_never_leads_to_no_authentication(conf: Path) -> None:
    with_key(conf).unlink()

    with pytest.raises(KeyUnusableError, match=r"^cannot open east\.key: No such file or directory$"):
        load(str(conf))


def test_a_key_that_is_switched_off_is_not_read(conf: Path) -> None:
    with_key(conf).unlink()
    conf.write_text(conf.read_text() + "enable-authfile = no\n")

    assert load(str(conf)).key is None


def test_names_and_short_spellings_become_numeric_addresses(conf: Path) -> None:
    conf.write_text("site = localhost\nsite = 10.2\n")

    first, second = (each.address for each in load(str(conf)).config.members)

    assert first in {"127.0.0.1", "::1"}
    assert second == "10.0.0.2"


def test_a_host_without_address_has_none() -> None:
    nobody = "x" * 64  # longer than a host's name can be: nobody is asked for it

    assert addresses_of("127.1") == ["127.0.0.1"]
    assert addresses_of(nobody) == []
    with pytest.raises((OSError, ValueError)):
        resolve(nobody)
