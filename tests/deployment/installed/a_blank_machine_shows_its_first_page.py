"""From a blank machine and an archive to the first page in under five minutes, on 2 GB; the shop is then what the contract says."""

import re
import subprocess
import time

from support import bed, memory
from support.machine import TESTBED, check, say

with bed.machine("blank", unpack=False) as machine:
    machine.put(bed.ARCHIVE, "/root/release.tar.gz")
    began = time.monotonic()
    machine.run("mkdir /root/release && tar -xzf /root/release.tar.gz -C /root/release --strip-components=1")
    said = machine.setup("--unattended --demo --domain shop.test --admin owner --admin-email owner@shop.test")
    machine.run("curl -fsS -H 'Host: shop.test' -o /root/first.html http://127.0.0.1/")
    took = time.monotonic() - began
    check(took < 300, f"blank machine to first page of the demo shop: {took:.0f} s")
    check("BAD" not in said and said.count("  ok ") == 10, "setup's own look at everything finds nothing")
    check("owner /" in said and "http://shop.test" in said, "it ends with the first administrator and the address")

    # What the outside sees: from another machine's network, by the name.
    outside = subprocess.run([TESTBED, "netexec", "hub", "--", "curl", "-sS", "-D", "-", "-H", "Host: shop.test", f"http://{machine.address}/"], capture_output=True, text=True).stdout
    check("X-Served-By: Server-" in outside or "x-served-by: Server-" in outside, "another machine is served by a server")
    strange = subprocess.run([TESTBED, "netexec", "hub", "--", "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: evil.test", f"http://{machine.address}/"], capture_output=True, text=True).stdout
    check(strange == "400", "another name gets 400")
    status = subprocess.run([TESTBED, "netexec", "hub", "--", "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Host: shop.test", f"http://{machine.address}/nginx_status"], capture_output=True, text=True).stdout
    check(status == "404", "/nginx_status is not found from outside")
    check("Active connections" in machine.run("curl -sS http://127.0.0.1/nginx_status"), "and answers on loopback")
    ports = machine.run("ss -ltnH | awk '{ print $4 }' | grep -vE '^(127\\.0\\.0\\.[0-9]+|\\[::1\\]|127\\.0\\.0\\.53%lo)' | sed 's/.*://' | sort -un | xargs").split()
    check(ports == ["80"], f"nothing but the web listens on other addresses than loopback: {ports}")
    password = re.search(r"owner / (\S+)", said).group(1)
    answer = machine.run(f"curl -sS -H 'Host: shop.test' -H 'Content-Type: application/json' -d '{{\"username\": \"owner\", \"password\": \"{password}\"}}' http://127.0.0.1/auth/login")
    check('"role":"administrator"' in answer.replace(" ", ""), "the first administrator can sign in")
    sizes = memory.by_unit(machine)
    say(f"memory at rest (MB, shared pages counted once): {memory.in_words(sizes)}")
    check(0 < sum(sizes.values()) < 1024, f"everything on the machine at rest: {sum(sizes.values())} MB")
