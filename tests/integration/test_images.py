"""The images, on a real engine: built when needed, reused when not, and fit for their nodes."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from docker.errors import NotFound

from boothlab.engine import images, runtime
from boothlab.engine.client import connect
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.images import ImageBuildError, bases, recipe, store
from boothlab.engine.images.build import build
from boothlab.engine.images.recipe import LABEL, Recipe
from boothlab.engine.plan import NODE_CAPABILITIES, PLAIN_CAPABILITIES
from boothlab.engine.progress import SilentProgress
from boothlab.engine.topology.load import load
from boothlab.engine.waits import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import docker
    from docker.models.containers import Container

SELFTEST = Recipe("selftest", "debian12")
WITHOUT_ROCKY = DISTRIBUTIONS | {"rocky9": replace(DISTRIBUTIONS["rocky9"], bases=("boothlab/nowhere:0",))}
HEAD = f"ARG BASE\nFROM ${{BASE}}\nLABEL {LABEL}=selftest\n"


class Recorder:
    """A progress that remembers what was done, and calls back at each detail."""

    def __init__(self, at_detail: Callable[[str], None] = lambda _: None) -> None:
        self.works: list[str] = []
        self.notes: list[str] = []
        self.detail = at_detail

    @contextmanager
    def activity(self, where: str, what: str) -> Iterator[Recorder]:
        """Remember the work."""
        self.works.append(f"{what} {where}")
        yield self

    def note(self, text: str) -> None:
        """Remember the note."""
        self.notes.append(text)


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    """Return the engine's client."""
    found = connect()
    yield found
    found.close()


@pytest.fixture(scope="module")
def base(client: docker.DockerClient) -> str:
    """Return the name of a base image that is on the engine."""
    return bases.Bases(client, SilentProgress(), renew=False).get("debian12")


@pytest.fixture(scope="module")
def standalone(client: docker.DockerClient) -> images.ImageSet:
    """Return the images of a lab without Pacemaker."""
    return images.resolve(client, load("standalone").topology, SilentProgress())


def remove_selftests(client: docker.DockerClient) -> None:
    """Remove every container and image of the image that these tests build."""
    for container in client.containers.list(
        all=True, filters={"label": f"{LABEL}=selftest"}, ignore_removed=True
    ):
        container.remove(force=True)
    for image in client.images.list(filters={"label": f"{LABEL}=selftest"}):
        with suppress(NotFound):
            client.images.remove(image.id, force=True)


@pytest.fixture
def dockerfile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: docker.DockerClient
) -> Iterator[Callable[[str], Recipe]]:
    """Return a function that writes the Dockerfile of an image of ours and returns its recipe."""
    monkeypatch.setattr(recipe, "lab_folder", lambda: tmp_path)
    path = tmp_path / "images" / "selftest" / "Dockerfile"
    path.parent.mkdir(parents=True)
    (tmp_path / "images" / "common").mkdir()

    def write(text: str) -> Recipe:
        path.write_text(HEAD + text)
        return Recipe("selftest", "debian12")

    yield write
    remove_selftests(client)


def built(client: docker.DockerClient, wanted: Recipe, base: str) -> Recipe:
    """Build an image and return its recipe."""
    build(client, wanted, base, SilentProgress(), cancelled=Event())
    return wanted


class TestResolving:
    def test_images_that_are_there_are_taken_at_once(
        self, client: docker.DockerClient, standalone: images.ImageSet
    ) -> None:
        recorder, begun = Recorder(), time.monotonic()
        assert images.resolve(client, load("standalone").topology, recorder) == standalone
        assert recorder.works == []
        assert time.monotonic() - begun < 2

    def test_every_image_carries_the_label_of_its_folder(self, client: docker.DockerClient) -> None:
        found = images.resolve(client, load("three-site-fast").topology, SilentProgress())
        for tag, folder in ((found.node, DISTRIBUTIONS[found.distribution].image), (found.router, "router")):
            assert client.images.get(tag).labels[LABEL] == folder

    def test_a_distribution_that_cannot_be_had_is_replaced_and_that_is_told(
        self, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bases, "DISTRIBUTIONS", WITHOUT_ROCKY)
        monkeypatch.setattr(bases, "PULL_SILENCE_LIMIT_S", 5)
        topology = load("three-site-fast").topology.model_copy(
            update={"distribution": ("rocky9", "debian12")}
        )
        recorder = Recorder()
        assert images.resolve(client, topology, recorder, rebuild=False).distribution == "debian12"
        (note,) = recorder.notes
        assert note.startswith("the nodes run Debian 12 instead")
        assert "Rocky Linux 9: boothlab/nowhere:0 cannot be pulled" in note

    def test_none_that_can_be_had_is_an_error_with_a_remedy(
        self, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bases, "DISTRIBUTIONS", WITHOUT_ROCKY)
        topology = load("three-site-fast").topology.model_copy(update={"distribution": ("rocky9",)})
        with pytest.raises(images.BaseImageError, match="Rocky Linux 9 cannot be had") as caught:
            images.resolve(client, topology, Recorder())
        assert "debian12" in caught.value.remedy


class TestBuilding:
    def test_a_failing_step_tells_command_last_words_and_how_to_try_by_hand(
        self, client: docker.DockerClient, base: str, dockerfile: Callable[[str], Recipe]
    ) -> None:
        with pytest.raises(ImageBuildError, match="exit 7") as caught:
            built(client, dockerfile("RUN echo E: no such package; exit 7\n"), base)
        assert "E: no such package" in caught.value.message
        assert (
            f"docker build --build-arg BASE={base} -f lab/images/selftest/Dockerfile" in caught.value.remedy
        )

    def test_a_cancelled_build_ends_soon_and_leaves_no_container(
        self, client: docker.DockerClient, base: str, dockerfile: Callable[[str], Recipe]
    ) -> None:
        wanted, cancelled = dockerfile("RUN for i in $(seq 300); do echo line $i; sleep 0.2; done\n"), Event()

        def cancel(text: str) -> None:
            if text == "line 1":
                cancelled.set()

        begun = time.monotonic()
        with pytest.raises(ImageBuildError, match="cancelled"):
            build(client, wanted, base, Recorder(cancel), cancelled=cancelled)
        assert time.monotonic() - begun < 20
        wait_until(
            lambda: client.containers.list(
                all=True, filters={"label": f"{LABEL}=selftest"}, ignore_removed=True
            ),
            lambda left: not left,
            what="the build's container is gone",
            limit_s=20,
        )


class TestKeepingOrder:
    def test_an_outdated_image_goes_unless_a_container_uses_it(
        self, client: docker.DockerClient, base: str, dockerfile: Callable[[str], Recipe]
    ) -> None:
        unused = built(client, dockerfile("RUN true\n"), base).tag
        used = built(client, dockerfile("RUN true # in use\n"), base).tag
        container = client.containers.create(used)
        current = built(client, dockerfile("RUN true # now\n"), base).tag
        store.remove_outdated(client, "selftest", "debian12", keep=current)
        assert store.find(client, unused) is None
        assert store.find(client, used) is not None
        container.remove()
        store.remove_outdated(client, "selftest", "debian12", keep=current)
        assert store.find(client, used) is None
        assert store.find(client, current) is not None

    def test_what_a_failed_build_left_goes_with_the_next_good_one(
        self, client: docker.DockerClient, base: str, dockerfile: Callable[[str], Recipe]
    ) -> None:
        with pytest.raises(ImageBuildError):
            built(client, dockerfile("RUN true\nRUN false\n"), base)
        current = built(client, dockerfile("ENV good=1\nRUN true\n"), base).tag
        store.remove_outdated(client, "selftest", "debian12", keep=current)
        left = client.images.list(filters={"label": f"{LABEL}=selftest"})
        assert [image.tags for image in left] == [[current]]

    def test_an_image_is_current_on_a_base_that_is_here_or_when_none_is(
        self,
        client: docker.DockerClient,
        base: str,
        standalone: images.ImageSet,
        dockerfile: Callable[[str], Recipe],
    ) -> None:
        wanted = dockerfile("RUN true\n")
        assert not store.is_current(client, wanted, [base])
        built(client, wanted, base)
        other = standalone.node
        assert store.is_current(client, wanted, [base])
        assert store.is_current(client, wanted, ["boothlab/nowhere:0"])
        assert store.is_current(client, wanted, [other, base])
        assert not store.is_current(client, wanted, [other])


def run(container: Container, command: str) -> str:
    """Run a command in a container, insist on success and return its output."""
    status, output = container.exec_run(["sh", "-c", command])
    text = str(output.decode(errors="replace"))
    assert status == 0, f"{command}\n{text}"
    return text


@contextmanager
def started(client: docker.DockerClient, image: str, capabilities: tuple[str, ...], **options: Any) -> Any:  # noqa: ANN401
    """Provide a container without a network, as the lab would run it."""
    container = client.containers.run(
        image,
        detach=True,
        network="none",
        hostname="node",
        labels={LABEL: "selftest"},
        cap_drop=["ALL"],
        cap_add=[*runtime.BASE_CAPABILITIES, *capabilities],
        security_opt=["seccomp=unconfined", "apparmor=unconfined"],
        sysctls={"net.ipv6.conf.all.disable_ipv6": "1"} | options.pop("sysctls", {}),
        **options,
    )
    try:
        yield container
    finally:
        container.remove(force=True)


@pytest.fixture(scope="module")
def node(client: docker.DockerClient) -> Iterator[Container]:
    """Provide a booted Pacemaker node."""
    found = images.resolve(client, load("three-site-fast").topology, SilentProgress())
    with started(client, found.node, NODE_CAPABILITIES, **runtime._SYSTEMD_OPTIONS) as container:
        wait_until(
            lambda: container.exec_run(["systemctl", "is-system-running"]).output.decode().strip(),
            lambda state: state in {"running", "degraded"},
            what="systemd is up",
            limit_s=60,
        )
        yield container


class TestPacemakerNode:
    def test_boots_without_a_failed_unit(self, node: Container) -> None:
        assert run(node, "systemctl is-system-running").strip() == "running"
        assert run(node, "systemctl --failed --no-legend") == ""

    def test_has_the_bus_and_a_journal_that_keeps_messages(self, node: Container) -> None:
        assert "org.freedesktop.systemd1" in run(node, "busctl list --no-legend")
        run(node, "logger -t boothd-site ticket granted")
        wait_until(
            lambda: run(node, "journalctl -q -o cat -t boothd-site"),
            lambda text: "ticket granted" in text,
            what="the message is in the journal",
            limit_s=10,
        )

    def test_knows_few_units_so_that_pcs_need_not_wait_for_the_list(self, node: Container) -> None:
        units = run(node, "systemctl list-unit-files --no-legend").splitlines()
        assert 40 < len(units) < 100

    def test_starts_neither_the_cluster_nor_apache_by_itself(self, node: Container) -> None:
        data = DISTRIBUTIONS["debian12"]
        assert data.image == "debian"
        for unit in ("corosync", "pacemaker", "pcsd", "apache2", "booth@booth"):
            status, _ = node.exec_run(["systemctl", "is-active", unit])
            assert status != 0, unit

    def test_apache_starts_without_warnings_and_tells_its_status_on_the_node(self, node: Container) -> None:
        config = DISTRIBUTIONS["debian12"].apache_config
        said = run(node, f". /etc/apache2/envvars && mkdir -p /run/apache2 && apache2 -t -f {config} 2>&1")
        assert said.strip() == "Syntax OK"
        run(node, f". /etc/apache2/envvars && apache2 -k start -f {config}")
        page = "curl -s http://127.0.0.1/server-status"
        assert "Server uptime" in wait_until(lambda: run(node, page), what="Apache answers", limit_s=10)
        run(node, f". /etc/apache2/envvars && apache2 -k stop -f {config}")

    def test_booths_unit_can_be_enabled(self, node: Container) -> None:
        run(node, "systemctl enable booth@booth && systemctl is-enabled booth@booth")
        run(node, "systemctl disable booth@booth")

    def test_pcsd_starts_and_answers_without_pages(self, node: Container) -> None:
        certificate = run(node, "cat /var/lib/pcsd/pcsd.crt")
        run(node, "systemctl start pcsd")
        code = wait_until(
            lambda: run(node, "curl -sk -o /dev/null -w '%{http_code}' https://127.0.0.1:2224/ || true"),
            lambda code: code != "000",
            what="pcsd answers",
            limit_s=60,
        )
        assert code == "404"
        assert run(node, "cat /var/lib/pcsd/pcsd.crt") == certificate, "pcsd made itself a certificate"
        assert "PCSD_DISABLE_GUI=true" in run(node, "cat /etc/default/pcsd")

    def test_files_of_hacluster_can_be_put_in_by_number(self, node: Container) -> None:
        assert run(node, "id -u hacluster; getent group haclient | cut -d: -f3").split() == ["189", "189"]

    def test_has_a_machine_id_of_its_own(self, client: docker.DockerClient, node: Container) -> None:
        assert len(run(node, "cat /etc/machine-id").strip()) == 32
        image = client.images.get(node.attrs["Config"]["Image"])
        assert client.containers.run(image, ["cat", "/etc/machine-id"], entrypoint="", remove=True) == b""


class TestStandaloneMember:
    CONF = (
        "site = 127.0.0.1\\nsite = 192.0.2.1\\narbitrator = 192.0.2.2\\n"
        'ticket = "T"\\n  expire = 2\\n  timeout = 100ms\\n  retries = 3\\n'
    )

    @pytest.fixture
    def member(self, client: docker.DockerClient, standalone: images.ImageSet) -> Iterator[Container]:
        with started(client, standalone.node, PLAIN_CAPABILITIES) as container:
            run(container, f"printf '{self.CONF}' > /etc/booth/booth.conf")
            yield container

    def test_start_returns_when_booth_answers_and_may_be_repeated(self, member: Container) -> None:
        begun = time.monotonic()
        run(member, "booth-service start")
        assert time.monotonic() - begun < 3
        assert run(member, "booth list") == "ticket: T, leader: NONE\n"
        pid = run(member, "booth-service status")
        run(member, "booth-service start")
        assert run(member, "booth-service status") == pid

    def test_the_container_outlives_its_daemon(self, member: Container) -> None:
        run(member, "booth-service start && booth-service stop")
        status, output = member.exec_run(["booth-service", "status"])
        assert (status, output) == (3, b"boothd does not run\n")
        run(member, "booth-service start && pkill -KILL boothd && booth-service start && booth list")
        member.reload()
        assert member.status == "running"

    def test_stop_ends_even_a_daemon_that_was_halted(self, member: Container) -> None:
        run(member, "booth-service start && pkill -STOP boothd && booth-service stop && ! pgrep boothd")

    def test_restart_keeps_the_log(self, member: Container) -> None:
        run(member, "booth-service start && booth-service restart")
        assert run(member, "booth-service log").count("daemon started") == 2

    def test_a_start_that_fails_tells_what_the_daemon_said(self, member: Container) -> None:
        run(member, "echo bogus >> /etc/booth/booth.conf")
        status, output = member.exec_run(["booth-service", "start"])
        assert status == 1
        assert "config file line 8" in output.decode()

    def test_ipv6_is_refused_before_boothd_hangs_on_it(
        self, client: docker.DockerClient, standalone: images.ImageSet
    ) -> None:
        on = {f"net.ipv6.conf.{name}.disable_ipv6": "0" for name in ("all", "lo")}
        with started(client, standalone.node, PLAIN_CAPABILITIES, sysctls=on) as container:
            run(container, f"printf '{self.CONF}' > /etc/booth/booth.conf")
            if not run(container, "cat /proc/net/if_inet6"):
                pytest.skip("this kernel has no IPv6")
            status, output = container.exec_run(["booth-service", "start"])
        assert status == 1
        assert "disable_ipv6=1" in output.decode()

    def test_booth_writes_its_tickets_through_the_stand_in(self, member: Container) -> None:
        run(member, "booth-service start")
        state = wait_until(
            lambda: run(member, "crm_ticket -t T -q || true"),
            lambda text: 'granted="false"' in text,
            what="boothd has written the ticket's first state",
            limit_s=10,
        )
        assert 'owner="0"' in state
        log = run(member, "cat /var/log/crm_ticket.log")
        assert '"exit": 4, "argv": ["-g", "-t", "any-ticket-name"]' in log
        assert '"argv": ["-t", "T", "-r", "--force", "-S", "owner", "-v0"' in log
        assert run(member, "stat -c %U /var/lib/booth-cib/T.xml") == "hacluster\n"


def test_the_router_has_the_tools_that_impair_and_record(
    client: docker.DockerClient, standalone: images.ImageSet
) -> None:
    with started(client, standalone.router, PLAIN_CAPABILITIES) as container:
        run(container, "for tool in tc nft iptables tcpdump conntrack ping curl; do command -v $tool; done")
        begun = time.monotonic()
        container.stop(timeout=10)
        assert time.monotonic() - begun < 5
