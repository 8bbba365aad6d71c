"""Machines of the test bed that come and go: blank ones, and copies of one on which the shop was installed."""

import contextlib
import hashlib
import os
import subprocess
import time
from pathlib import Path

from support.machine import TESTBED, Machine, check, say

ARCHIVE = Path(os.environ.get("ARCHIVE", ""))
IMAGES = Path(os.environ.get("DRILL_IMAGES", "/var/tmp/ecommerce-drills"))
SETUP = "/root/release/deployment/setup.sh"


def testbed(*arguments):
    """A command of the test bed that must succeed."""
    done = subprocess.run([TESTBED, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        print(done.stdout)
        check(False, f"testbed {' '.join(map(str, arguments))}")
    return done.stdout


class Bed(Machine):
    """A machine with the archive unpacked in /root/release."""

    def setup(self, options="--unattended --demo", expect=0, timeout=600):
        """Runs setup.sh with these options."""
        return self.run(f"{SETUP} {options}", expect, timeout)

    def refuses(self, options, *words, before="", after=""):
        """Setup ends with 1 and one line that holds these words; nothing of the shop is there afterwards."""
        said = self.run(f"{before}\n{SETUP} {options} 2>&1; code=$?\n{after}\nexit $code", expect=1).strip().splitlines()
        line = said[-1] if said else ""
        check(len(said) == 1 and all(word.lower() in line.lower() for word in words), f"{options or before}: {line}")

    def first_page(self):
        """Waits for the home page through Nginx."""
        self.run("for i in $(seq 300); do curl -fsS -o /dev/null http://localhost/ 2>/dev/null && exit 0; sleep 0.1; done; exit 1")

    def reboot(self):
        """Reboots and waits for systemd."""
        testbed("reboot", self.name)

    def ready(self, names=("server1", "server2", "server3", "worker")):
        """Whether these are active."""
        return all(self.run(f"systemctl is-active ecommerce-{name}", expect=None).strip() == "active" for name in names)


@contextlib.contextmanager
def machine(name, image=None, unpack=True, memory="2G"):
    """A fresh machine, gone at the end."""
    testbed("destroy", name)
    testbed("up", name, "--fresh", "--mem", memory, *(["--image", image] if image else []))
    try:
        bed = Bed(name)
        if unpack:
            bring_archive(bed)
        yield bed
    finally:
        if not os.environ.get("KEEP_MACHINES"):
            testbed("destroy", name)


def bring_archive(bed):
    """The tested archive, unpacked in /root/release."""
    bed.put(ARCHIVE, "/root/release.tar.gz")
    bed.run("rm -rf /root/release && mkdir /root/release && tar -xzf /root/release.tar.gz -C /root/release --strip-components=1")


def installed(name):
    """A machine on which the demo shop is installed, from an image that is made once an archive."""
    return machine(name, image=installed_image(), unpack=False)


def packages_image():
    """A machine with the shop's packages and nothing else: what a drill of the rest may begin with."""
    image = IMAGES / "packages.tar"
    if not image.exists():
        IMAGES.mkdir(parents=True, exist_ok=True)
        with machine("dbase", unpack=False) as bed:
            # A cluster and services that come with the packages are none of the shop's.
            bed.run("apt-get update -q && mkdir -p /etc/postgresql-common/createcluster.d && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/no.conf && "
                    "DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql redis-server nginx curl libnginx-mod-http-brotli-static && "
                    "systemctl disable --now redis-server nginx && rm -f /etc/postgresql-common/createcluster.d/no.conf", timeout=600)
            keep(bed, image)
    return image


def installed_image():
    """The image, made if there is none of this archive."""
    with open(ARCHIVE, "rb") as opened:
        key = hashlib.file_digest(opened, "sha256").hexdigest()[:12]
    image = IMAGES / f"installed-{key}.tar"
    if not image.exists():
        with machine("dinst", image=packages_image()) as bed:
            bed.setup()
            # Those of other archives are a gigabyte each.
            for old in IMAGES.glob("installed-*.tar"):
                old.unlink()
            keep(bed, image)
    return image


def keep(bed, image):
    """Makes an image of a machine, which stops for it."""
    image.parent.mkdir(parents=True, exist_ok=True)
    testbed("down", bed.name)
    testbed("save", bed.name, image)


@contextlib.contextmanager
def timed(what):
    """Says how long something took."""
    began = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - began:.1f} s")
