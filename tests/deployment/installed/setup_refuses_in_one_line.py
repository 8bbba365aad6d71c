"""A wrong or too old system, no root, ports taken, an old Redis, too old packages, a full disk, a damaged archive, one for another machine, wrong
options: one line each, and nothing is changed."""

from support import bed
from support.machine import check, say

FILES = "find /etc /opt /usr /var/lib -xdev ! -type d -not -path '/var/lib/systemd/*' -printf '%p %s %T@\\n' | sort"

with bed.machine("refuse") as machine:
    before = machine.run(FILES)
    machine.run("useradd -m ada && cp -r /root/release /home/ada/ && chown -R ada /home/ada/release")
    before = machine.run(FILES)
    said = machine.run("runuser -u ada -- /home/ada/release/deployment/setup.sh --unattended", expect=1).strip().splitlines()
    check(len(said) == 1 and "root" in said[0], f"without root: {said[0]}")

    # systems
    machine.run("cp -P /etc/os-release /root/os-release")
    for text, word in (('ID=debian\nVERSION_ID="11"\nPRETTY_NAME="Debian GNU/Linux 11 (bullseye)"', "too old"), ('ID=ubuntu\nVERSION_ID="22.04"\nPRETTY_NAME="Ubuntu 22.04.5 LTS"', "too old"),
                       ('ID=fedora\nVERSION_ID="42"\nPRETTY_NAME="Fedora Linux 42"', "not supported")):
        machine.refuses("--unattended", word, text.split('PRETTY_NAME="')[1].rstrip('"'), before=f"rm -f /etc/os-release; printf '%s\\n' '{text}' >/etc/os-release",
                        after="rm -f /etc/os-release; cp -P /root/os-release /etc/os-release")
    # options
    machine.refuses("--servers 12 --unattended", "--servers", "1 to 9")
    machine.refuses("--servers two --unattended", "--servers")
    machine.refuses("--tls maybe --unattended", "--tls")
    machine.refuses("--domain 'shop example' --tls none --demo --unattended", "--domain")
    machine.refuses("--domain shop.example.com --unattended", "--tls")
    machine.refuses("--domain shop.example.com --tls none --unattended", "https")
    machine.refuses("--domain localhost --tls certbot --unattended", "certbot")
    machine.refuses("--domain shop.example.com --tls files --unattended", "--certificate")
    machine.refuses("--domain shop.example.com --tls files --certificate /nowhere.pem --key /nowhere.key --unattended", "/nowhere.pem")
    machine.refuses("--admin owner --unattended", "--admin-email")
    machine.refuses("--colour blue", "--colour")
    machine.refuses("--servers", "wants a value")
    machine.refuses("--purge-data", "--uninstall")
    machine.refuses("--uninstall --unattended", "not installed")
    # ports
    hold = "python3 -c 'import socket,time\ns=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); s.bind((\"127.0.0.1\", {port})); s.listen(); time.sleep(30)' & holder=$!; sleep 0.5"
    if machine.outcome("command -v python3")[0]:
        hold = "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 1, LocalAddr => \"127.0.0.1\", LocalPort => {port}, ReuseAddr => 1) or die; sleep 30' & holder=$!; sleep 0.5"
    for port, words in ((80, ("80", "in use")), (5002, ("5002", "Server-2")), (9103, ("9103", "metrics")), (9199, ("9199", "worker"))):
        machine.refuses("--unattended --demo", *words, before=hold.format(port=port), after="kill $holder")
    # what is there already
    machine.refuses("--unattended --demo", "Redis 6.0.16", "too old", before="printf '#!/bin/sh\\necho Redis server v=6.0.16 sha=0\\n' >/usr/local/bin/redis-server; chmod +x /usr/local/bin/redis-server",
                    after="rm /usr/local/bin/redis-server")
    machine.refuses("--unattended --demo", "PostgreSQL 13", before="printf '#!/bin/sh\\nprintf \"postgresql:\\\\n  Candidate: 13+225\\\\n\"\\n' >/usr/local/bin/apt-cache; chmod +x /usr/local/bin/apt-cache",
                    after="rm /usr/local/bin/apt-cache")
    # disk
    machine.refuses("--unattended --demo", "/opt", "MB", before="mount -t tmpfs -o size=100m tmpfs /opt", after="umount /opt")
    # archive
    machine.refuses("--unattended --demo", "damaged", "bin/ecommerce", before="cp -a /root/release/bin/ecommerce /root/good; printf x | dd of=/root/release/bin/ecommerce bs=1 seek=5000 conv=notrunc status=none",
                    after="mv /root/good /root/release/bin/ecommerce")
    machine.refuses("--unattended --demo", "damaged", "logrotate", before="mv /root/release/deployment/logrotate.conf /root/kept", after="mv /root/kept /root/release/deployment/logrotate.conf")
    machine.refuses("--unattended --demo", "aarch64", before="sed -i 's/^ARCH=.*/ARCH=aarch64/' /root/release/RELEASE", after="sed -i 's/^ARCH=.*/ARCH=x86_64/' /root/release/RELEASE")
    machine.refuses("--unattended --demo", "glibc", "9.99", before="cp -a /root/release/RELEASE /root/kept; sed -i 's/^GLIBC=.*/GLIBC=9.99/' /root/release/RELEASE", after="mv /root/kept /root/release/RELEASE")
    now = machine.run(FILES)
    changed = set(now.splitlines()) ^ set(before.splitlines())
    check(not {line for line in changed if "/etc/os-release" not in line and "/usr/lib/os-release" not in line}, f"after all of it nothing on the machine has changed {sorted(changed)[:5]}")

    # An old PostgreSQL that is there already is nobody's trouble: a newer one is put beside it.
    machine.run("mkdir -p /usr/lib/postgresql/13/bin && for name in postgres initdb psql; do printf '#!/bin/sh\\nexit 1\\n' >/usr/lib/postgresql/13/bin/$name; chmod +x /usr/lib/postgresql/13/bin/$name; done")

    # A real shop is no demo, and a demo shop's settings cannot hold what belongs elsewhere.
    machine.setup("--unattended")
    check(machine.setting("PG_CLUSTER") == "15/ecommerce", "an old PostgreSQL 13 was there: the shop has a newer one of its own beside it")
    said = machine.setup("--unattended --demo", expect=1).strip().splitlines()
    check(len(said) == 1 and "everybody knows" in said[0], f"--demo on a real shop: {said[0]}")
    said = machine.run("ecommerce seed", expect=1)
    check("refuses" in said, f"demo accounts in production: {said.strip()}")
    machine.run("echo PORT=5001 >>/etc/ecommerce/ecommerce.env")
    said = machine.setup("--unattended", expect=1).strip().splitlines()
    check("sets PORT" in said[-1], f"a server's own setting in everybody's file: {said[-1]}")
    machine.run("sed -i '/^PORT=/d' /etc/ecommerce/ecommerce.env")
    machine.run("echo SHOP_CURRENCY=ABC >>/etc/ecommerce/ecommerce.env")
    said = machine.deploy("restart", expect=1).strip().splitlines()
    check(any("SHOP_CURRENCY" in line for line in said) and machine.ready(("server2", "server3")), f"a wrong setting: deploy.sh restart stops at the first server, the others serve on: {said[-1]}")
    machine.run("curl -fsS -o /dev/null http://localhost/ && sed -i '/^SHOP_CURRENCY=ABC/d' /etc/ecommerce/ecommerce.env")
    machine.deploy("restart")
    machine.run("cp -a /etc/ecommerce/secrets/secret_key /root/ && echo aaaa >/etc/ecommerce/secrets/secret_key")
    said = machine.deploy("restart", expect=1)
    check("SECRET_KEY" in said, f"a weak secret: {[line.strip() for line in said.splitlines() if 'SECRET_KEY' in line][0]}")
    machine.run(": >/etc/ecommerce/secrets/secret_key")
    said = machine.deploy("restart", expect=1)
    check("SECRET_KEY" in said, f"an empty one: {[line.strip() for line in said.splitlines() if 'SECRET_KEY' in line][0]}")
    machine.run("rm /etc/ecommerce/secrets/secret_key; systemctl restart ecommerce-server2", expect=1)
    for command in ("restart", "start"):
        said = machine.deploy(command, expect=1).strip().splitlines()
        check(len(said) == 1 and "/etc/ecommerce/secrets/secret_key is missing" in said[0] and machine.ready(("server3",)), f"deploy.sh {command}, a missing one: {said[0]}")
    machine.run("cp -a /root/secret_key /etc/ecommerce/secrets/secret_key")
    machine.deploy("start")
    machine.deploy("restart")
    # Two at once.
    said = machine.run("flock /var/lib/ecommerce/lock sleep 5 & sleep 0.5; " + f"{bed.SETUP} --unattended; code=$?; wait; exit $code", expect=1).strip().splitlines()
    check("at work" in said[-1], f"two at once: {said[-1]}")
    say("after all that:")
    machine.setup("--unattended")
    check(True, "the shop is whole")
