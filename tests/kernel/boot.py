"""Run the tests of the router's faults on a kernel of your choice, in QEMU.

    python tests/kernel/boot.py linux-image-6.12.95+deb12-cloud-amd64_6.12.95-1_amd64.deb
    python tests/kernel/boot.py KERNEL.deb -- tests/integration/test_impairments.py -k loss

The kernel is a Debian package (``apt-get download linux-image-cloud-amd64`` names it). The system
around it is the router's image, from the Docker engine; the lab is one of network namespaces
(``namespaces.py``). Nothing is installed.

The guest's clock counts instructions (QEMU's -icount): a slow or busy host makes a run longer, and
the times that the tests measure no worse.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import stat
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

REPOSITORY: Final = Path(__file__).parents[2]
TESTS: Final = ("tests/integration/test_impairments.py", "-k", "not booths_tcp")
"""There is no Booth in the guest."""
MODULES: Final = (
    *("veth", "sch_netem", "sch_prio", "cls_u32", "act_police"),
    *("nf_tables", "nft_compat", "xt_comment", "xt_NFQUEUE", "nfnetlink_queue"),
)
"""What the router needs and Debian's kernel has as modules."""
QEMU: Final = (
    *(
        "qemu-system-x86_64",
        "-accel",
        "tcg",
        "-icount",
        "shift=0,sleep=off",
        "-cpu",
        "qemu64,+rdrand",
        "-m",
        "2048",
    ),
    *("-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"),
    *("-append", "console=ttyS0 quiet panic=-1"),
)
_NOT_NEEDED: Final = {"mypy", "mypyc", "ruff", "scapy", "pip", "setuptools", "importlinter", ".git", "runs"}


class Archive:
    """An initial file system for Linux, as it is written: a cpio archive of the kind newc."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def add(self, name: str, mode: int, content: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        """Add a file, a folder, a link or a device."""
        path = name.encode() + b"\0"
        numbers = (0, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(path), 0)
        self._write(b"070701" + b"".join(b"%08x" % number for number in numbers) + path)
        self._write(content)

    def add_tree(self, root: Path, under: str) -> None:
        """Add a folder with all that is in it, as a folder of the archive."""
        for path in (root, *(() if root.is_symlink() else sorted(root.rglob("*")))):
            parts = path.relative_to(root).parts
            if _NOT_NEEDED.intersection(parts):
                continue
            name, mode = "/".join((under, *parts)), path.lstat().st_mode
            if stat.S_ISLNK(mode):
                self.add(name, mode, os.fsencode(path.readlink()))
            elif stat.S_ISDIR(mode) or stat.S_ISREG(mode):
                self.add(name, mode, path.read_bytes() if stat.S_ISREG(mode) else b"")

    def end(self) -> None:
        """Write what ends an archive."""
        self.add("TRAILER!!!", 0)

    def _write(self, data: bytes) -> None:
        self._file.write(data + b"\0" * (-len(data) % 4))


def modules(root: Path, wanted: Iterable[str]) -> dict[str, bytes]:
    """Return kernel modules and those that they need, each after what it needs itself."""
    paths = {path.name.split(".")[0].replace("-", "_"): path for path in root.rglob("*.ko*")}
    found: dict[str, bytes] = {}

    def add(name: str) -> None:
        if name in found or name not in paths:  # what is not there is a part of the kernel
            return
        content = paths[name].read_bytes()
        if paths[name].suffix == ".xz":
            content = lzma.decompress(content)
        told = re.search(rb"\0depends=([^\0]*)\0", content)
        for needed in told[1].decode().split(",") if told else ():
            add(needed.replace("-", "_"))
        found[name] = content

    for name in wanted:
        add(name)
    return found


def router_files(folder: Path) -> None:
    """Unpack the router's image, as the Docker engine has it."""
    images = _output("docker", "images", "-q", "boothlab/router").split()
    if not images:
        sys.exit("there is no router image on the Docker engine: run `boothlab up standalone` once")
    container = _output("docker", "create", images[0]).strip()
    exporting = ["docker", "export", container]
    try:
        with (
            subprocess.Popen(exporting, stdout=subprocess.PIPE) as export,
            tarfile.open(fileobj=export.stdout, mode="r|") as archive,
        ):
            archive.extractall(folder, filter="tar")
    finally:
        _output("docker", "rm", container)


def pack(kernel: Path, tests: Sequence[str], folder: Path) -> None:
    """Write ``initrd`` into a folder: the router's system, this repository, and what its tests need."""
    system = folder / "system"
    router_files(system)
    with (folder / "initrd").open("wb") as file:
        archive = Archive(file)
        for each in sorted(system.iterdir()):
            if each.name != "dev":
                archive.add_tree(each, each.name)
        archive.add("dev", 0o040755)
        archive.add("dev/console", 0o020600, device=(5, 1))
        archive.add("repository", 0o040755)
        for name in ("boothlab", "lab", "tests"):
            archive.add_tree(REPOSITORY / name, f"repository/{name}")
        archive.add("repository/pyproject.toml", 0o100644, (REPOSITORY / "pyproject.toml").read_bytes())
        archive.add_tree(Path(pytest_folder()), "packages")
        archive.add("modules", 0o040755)
        for number, (name, content) in enumerate(modules(kernel, MODULES).items()):
            archive.add(f"modules/{number:02}-{name}", 0o100644, content)
        archive.add("init", 0o100755, Path(__file__).with_name("guest.py").read_bytes())
        archive.add("tests.json", 0o100644, json.dumps(tests).encode())
        archive.end()


def pytest_folder() -> str:
    """Return the folder in which this Python's packages are."""
    import pytest  # noqa: PLC0415

    return str(Path(pytest.__file__).parents[1])


def boot(folder: Path, image: Path, limit_s: float) -> int:
    """Boot a kernel, print what the guest prints, and return its tests' exit code."""
    command = [*QEMU, "-kernel", str(image), "-initrd", str(folder / "initrd")]
    code = 1
    with subprocess.Popen(["timeout", f"{limit_s:g}", *command], stdout=subprocess.PIPE, text=True) as qemu:
        for line in _lines(qemu.stdout):
            print(line, flush=True)
            if told := re.match(r"guest: exit code (\d+)", line):
                code = int(told[1])
    return code


def _lines(console: IO[str] | None) -> Iterator[str]:
    for line in console or ():
        yield line.rstrip()


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Run the tests of the router's faults on another kernel.")
    parser.add_argument("package", type=Path, help="a Debian package of a kernel: linux-image-….deb")
    parser.add_argument("tests", nargs="*", help="what pytest is told in the guest, after --")
    parser.add_argument("--limit", type=float, default=3600, metavar="SECONDS", help="3600 when left out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _output("dpkg-deb", "-x", str(options.package), str(folder / "kernel"))
        pack(folder / "kernel", options.tests or TESTS, folder)
        (image,) = (folder / "kernel" / "boot").glob("vmlinuz-*")
        return boot(folder, image, options.limit)


if __name__ == "__main__":
    sys.exit(main())
