"""A machine of 2 GB carries all of it at once: the demo shop with backups, 200 requests/s and a crowd that asks as fast as it is answered, people
in the chat, a release, and a full backup. Memory of everything on the machine, at rest and under that load; nothing is killed for want of it."""

import time

from support import archives, bed, memory, scene
from support.load import OpenLoad
from support.machine import check, say
from support.talk import Talk

MOST_AT_REST, MOST_UNDER_LOAD = 1024, 1536  # of 2,048 MB; the rest is left to the kernel and its cache of files

with bed.installed("memory") as machine:
    machine.first_page()
    scene.take_limits_away(machine)
    machine.run("/opt/ecommerce/current/deployment/backup.sh setup", timeout=600)
    for page in ("/", "/products", "/login", "/chat", "/api/products/"):
        machine.run(f"for i in 1 2 3 4 5 6; do curl -fsS -o /dev/null http://localhost{page}; done")
    with memory.Peak(machine) as rest:
        time.sleep(5)
    rest.holds("at rest", MOST_AT_REST)

    machine.run("apt-get install -y -q --no-install-recommends apache2-utils >/dev/null && mkdir -p /root/drill", timeout=120)
    machine.put(archives.release("9.6.memory"), "/root/drill/")
    plan = scene.prepare(machine)
    with memory.Peak(machine) as peak, Talk(machine, conversations=10) as talk, OpenLoad(machine, plan) as load:
        time.sleep(5)
        load.mark("a crowd, a release and a backup")
        crowd = machine.start("ab -q -k -n 1000000 -c 60 -t 20 http://localhost/products & ab -q -n 1000000 -c 20 -t 20 'http://localhost/products?search=mug' & wait")
        backup = machine.start("/opt/ecommerce/current/deployment/backup.sh run full")
        machine.deploy("rollout", "/root/drill/ecommerce-9.6.memory.tar.gz")
        crowd.communicate()
        said = backup.communicate()[0]
        check(backup.returncode == 0, f"a full backup meanwhile: {[line for line in said.splitlines() if 'Backed up' in line][-1].strip()}")
        load.mark("after")
        time.sleep(5)
    load.report()
    load.summary()
    say(f"failed under all of it at once: {load.failed() or 'nothing'}")
    talk.nothing_is_lost()
    peak.holds("under load", MOST_UNDER_LOAD)
    servers = [peak.sizes[f"ecommerce-server{n}"] for n in (1, 2, 3)]
    check(max(servers) <= 120, f"no server among it uses more than 120 MB (Q30): {servers}")
    check(memory.killed(machine) == 0, "nothing was killed for want of memory")
