"""Ask ClusterLabs booth what it says of each case, and write that to recorded.json.

Usage: ``python record.py IMAGE``. README.md tells which image, and what is recorded.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

HERE: Final = Path(__file__).parent
TIME_LIMIT_S: Final = 300

# Loopback is the only network: there is nobody to connect to, and so the attempt to do so
# is what shows that a file was accepted. IPv6 is off because this client waits for ever for
# the list of addresses where newer kernels have any of it.
_CONTAINER: Final = ["docker", "run", "--rm", "--network", "none", "--entrypoint", "sh"]
_NO_IPV6: Final = ["--sysctl", "net.ipv6.conf.all.disable_ipv6=1"]
_ASK: Final = """
for file in /cases/*.conf; do
    echo "@@ ${file##*/}"
    timeout 10 booth list -c "$file" 2>&1
    echo
done
"""
_SAID: Final = re.compile(r"(?:\w{3} +\d+ [\d:]{8} \S+ booth: \[\d+\]: (?:ERROR|(WARN)): )?(.*)")
_LINE: Final = re.compile(r" ?in config file line (\d+)$")
_LATER: Final = re.compile(r"connect to |User \"|cannot read config$|heartbeat: |Aborted|$")
"""What is said after the file was read, or when it was refused anyway."""


def main(image: str) -> None:
    """Write what the client in this image says of every case."""
    cases = {name: case["text"] for name, case in tomllib.loads((HERE / "cases.toml").read_text()).items()}
    answers = _answers(image, list(cases.values()))
    recorded = {name: _recorded(answer) for name, answer in zip(cases, answers, strict=True)}
    lines = (f"{json.dumps(name)}: {json.dumps(said)}" for name, said in recorded.items())
    (HERE / "recorded.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _answers(image: str, texts: list[str]) -> list[str]:
    """Return the client's output for each text."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for number, text in enumerate(texts):
            (Path(folder) / f"{number:04}.conf").write_bytes(text.encode())
        command = [*_CONTAINER, *_NO_IPV6, "-v", f"{folder}:/cases:ro", image, "-c", _ASK]
        ran = subprocess.run(command, capture_output=True, timeout=TIME_LIMIT_S, check=True)
    return re.split(r"^@@ \d+\.conf\n", ran.stdout.decode(), flags=re.MULTILINE)[1:]


def _recorded(answer: str) -> dict[str, object]:
    """Return the words of a refusal, its line, and the warnings."""
    said = [found.groups() for line in answer.splitlines() if (found := _SAID.match(line))]
    told = [(warned, text) for warned, text in said if not _LATER.match(text)]
    refused = [text for warned, text in told if not warned]
    line = _LINE.search(refused[-1]) if refused else None
    words = [short for text in refused if (short := _LINE.sub("", text))]
    return {
        "refused": words,
        "line": int(line[1]) if line else None,
        "warned": [text for warned, text in told if warned],
    }


if __name__ == "__main__":
    main(sys.argv[1])
