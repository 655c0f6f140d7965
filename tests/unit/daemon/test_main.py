"""One program under three names."""

from __future__ import annotations

import subprocess
import sys
import zipapp
from pathlib import Path
from typing import Final

import pytest

import boothlab
from boothlab.daemon.main import run

PACKAGE: Final = Path(boothlab.__file__).parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the daemon as one file with links to it; return the folder."""
    folder = tmp_path_factory.mktemp("sbin")
    made = folder / "boothd"
    zipapp.create_archive(
        PACKAGE.parent,
        made,
        interpreter=sys.executable,
        main="boothlab.daemon.main:main",
        filter=lambda path: (
            path.parts[:2] in {("boothlab", "core"), ("boothlab", "daemon"), ("boothlab", "__init__.py")}
        ),
    )
    for name in ("booth", "geostore"):
        (folder / name).symlink_to("boothd")
    return folder


@pytest.mark.parametrize(
    ("program", "words", "out"),
    [
        ("booth", ["--help"], "  booth list "),
        ("boothd", [], "  boothd daemon "),
        ("geostore", ["-h"], "  geostore set "),
        ("booth", ["version"], f"booth {boothlab.__version__}\n"),
        ("geostore", ["-V"], f"geostore {boothlab.__version__}\n"),
    ],
)
def test_the_name_chooses_the_program(installed: Path, program: str, words: list[str], out: str) -> None:
    said = subprocess.run([installed / program, *words], capture_output=True, text=True, check=True)

    assert out in said.stdout
    assert said.stderr == ""


def test_the_module_is_the_same_program(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-m", "boothlab.daemon", "list", "-c", tmp_path / "none.conf"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 1
    assert "failed to open" in said.stderr
    assert said.stderr.endswith("error: cannot read config\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["booth", "bogus"], 'client operation "bogus" is unknown\n'),
        (["geostore", "bogus"], 'attribute operation "bogus" is unknown\n'),
        (["booth", "grant", "-x"], "booth: invalid option -- 'x'\nPlease use '-h' for usage.\n"),
    ],
)
def test_nonsense_is_told_plainly(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(words, {}) == 1
    assert capsys.readouterr().err == told


def test_a_misplaced_option_is_told_in_the_logs_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["booth", "list", "-F"], {}) == 1
    assert capsys.readouterr().err.endswith(': error: use "-F" only for client grant\n')


def test_a_reader_that_has_gone_is_no_reason_for_a_traceback(installed: Path) -> None:
    with subprocess.Popen([installed / "booth"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        told = program.stderr.read()

    assert told == b""


def test_closed_streams_are_no_reason_for_a_traceback(installed: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    closed = (
        f"exec 3>{log}; {installed}/booth --help >&-; echo $? >&3; {installed}/booth bogus 2>&-; echo $? >&3"
    )

    subprocess.run(["sh", "-c", closed], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    assert log.read_text() == "0\n1\n"


def test_each_problem_of_a_configuration_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = tmp_path / "booth.conf"
    conf.write_text("nonsense = 1\nsite = 10.0.0.1\nexpire = 3\n")

    assert run(["booth", "list", "-c", str(conf)], {}) == 1

    told = capsys.readouterr().err.splitlines()
    assert 'Unexpected keyword "nonsense" in config file line 1' in told[0]
    assert 'Unexpected keyword "expire" in config file line 3' in told[1]
    assert told[2].endswith("error: cannot read config")


def test_warnings_about_the_configuration_are_not_for_every_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conf = tmp_path / "booth.conf"
    conf.write_text("port = 9\nsite = 127.0.0.1\nsite = 127.0.0.2\nticket = T\n")

    run(["booth", "list", "-c", str(conf)], {})
    quiet = capsys.readouterr().err
    run(["booth", "list", "-D", "-c", str(conf)], {})
    verbose = capsys.readouterr().err

    assert "Odd number" not in quiet
    assert "Odd number of nodes is strongly recommended!" in verbose


def test_a_client_starts_without_what_only_a_daemon_needs() -> None:
    loaded = "import sys; from boothlab.daemon.client import run; print(*sys.modules)"

    modules = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)

    assert not {"asyncio", "argparse", "logging", "json", "subprocess"} & set(modules.stdout.split())
