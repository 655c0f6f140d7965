"""The archive that carries files into nodes, read back as a node's tar would."""

from __future__ import annotations

import io
import tarfile

from boothlab.engine.files import HACLUSTER, File, archive, unit_enabled


def unpacked(*files: File) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(archive(files))) as tar:
        return {info.name: (info, content(tar, info)) for info in tar}


def content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info) if info.isreg() else None
    return file.read() if file else b""


def test_text_and_bytes_come_out_as_they_went_in() -> None:
    key = bytes(range(256)) * 3
    found = unpacked(File("/etc/motd", "Übung\n"), File("/etc/key", key), File("/etc/empty"))

    assert {name: inside for name, (_, inside) in found.items()} == {
        "etc/motd": "Übung\n".encode(),
        "etc/key": key,
        "etc/empty": b"",
    }


def test_modes_and_owners_are_kept() -> None:
    found = unpacked(File("/etc/plain"), File("/etc/key", "k", mode=0o600, owner=HACLUSTER))
    facts = {name: (info.mode, info.uid, info.gid) for name, (info, _) in found.items()}

    assert facts == {"etc/plain": (0o644, 0, 0), "etc/key": (0o600, *HACLUSTER)}


def test_absolute_paths_are_taken_from_the_root_that_it_is_unpacked_at() -> None:
    assert list(unpacked(File("/a/b/c"), File("//d"))) == ["a/b/c", "d"]


def test_a_link_stays_a_link_to_its_absolute_target() -> None:
    ((info, inside),) = unpacked(File("/etc/now", "not this", link="/usr/share/now")).values()

    assert info.issym()
    assert info.linkname == "/usr/share/now"
    assert inside == b""


def test_a_unit_is_enabled_as_systemctl_does_it() -> None:
    plain, instance = unit_enabled("pacemaker.service"), unit_enabled("booth@b.service", "booth@.service")

    assert plain.path == "/etc/systemd/system/multi-user.target.wants/pacemaker.service"
    assert plain.link == "/lib/systemd/system/pacemaker.service"
    assert instance.path == "/etc/systemd/system/multi-user.target.wants/booth@b.service"
    assert instance.link == "/lib/systemd/system/booth@.service"
