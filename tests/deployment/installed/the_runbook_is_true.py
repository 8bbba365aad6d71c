"""Every block of deployment/RUNBOOK.md, run in its order on a blank machine, ends well."""

import re
import time
from pathlib import Path

from support import archives, bed
from support.machine import check, say

RUNBOOK = Path(__file__).resolve().parents[3] / "deployment" / "RUNBOOK.md"
# A block begins in the folder in which the one before it ended; its variables stay too.
KEEP = "\ndeclare -p MOMENT RESTORED BEFORE CLUSTER 2>/dev/null >/root/.runbook || true; pwd >/root/.runbook-folder"
RESUME = "set -euo pipefail; . /root/.runbook 2>/dev/null || true; cd \"$(cat /root/.runbook-folder 2>/dev/null || echo /root)\"\n"


def blocks():
    """(heading, script) of each block of shell."""
    heading, found = "", []
    for part in re.split(r"(^#+ [^\n]*$|^```sh\n.*?^```$)", RUNBOOK.read_text(), flags=re.MULTILINE | re.DOTALL):
        if part.startswith("```sh"):
            found.append((heading, part.removeprefix("```sh\n").removesuffix("```")))
        elif part.startswith("#"):
            heading = part.lstrip("# ")
    return found


with bed.machine("book", image=bed.packages_image(), unpack=False) as machine:
    version = archives.base_version()
    machine.put(archives.BASE, f"/root/{archives.BASE.name}")
    machine.run("mkdir /root/new")
    machine.put(archives.release("9.9.runbook"), "/root/new/")
    for number, (heading, script) in enumerate(blocks(), 1):
        began = time.monotonic()
        code, said = machine.outcome(RESUME + script + KEEP, timeout=900)
        if code:
            print(said)
        check(code == 0, f"{number}. {heading}: {len(script.strip().splitlines())} lines, {time.monotonic() - began:.0f} s")
    left = machine.run("ls /opt/ecommerce /etc/ecommerce")
    check("media" in left and "secrets" in left and "releases" not in left, "and after the last one only the data is left")
