"""Uninstalling leaves the data and nothing else; setup brings the shop back with it; with --purge-data nothing of the shop is left."""

from support import bed
from support.machine import check, say

# What the machine had besides the shop. State of packages and of the system itself changes by itself.
FILES = ("find / -xdev ! -type d -not -path '/proc/*' -not -path '/sys/*' -not -path '/run/*' -not -path '/tmp/*' -not -path '/root/*' -not -path '/var/cache/*' -not -path '/var/lib/apt/*' "
         "-not -path '/var/lib/dpkg/*' -not -path '/var/log/journal/*' -not -path '/var/lib/systemd/*' -not -path '/var/lib/nginx/*' -printf '%p\\n' | sort")
LEFT = "comm -13 /root/before /root/after"

with bed.machine("remove", image=bed.packages_image()) as machine:
    machine.run(f"{FILES} >/root/before")
    machine.setup("--unattended --demo")
    machine.run("curl -fsS -c /root/jar -H 'Content-Type: application/json' -d '{\"product_id\": 1, \"quantity\": 2}' http://localhost/api/cart/add")
    orders = machine.sql_number("SELECT count(*) FROM products")
    said = machine.run(f"{bed.SETUP} --uninstall --unattended")
    check("What stays" in said, "it says what stays")
    machine.run(f"{FILES} >/root/after")
    left = machine.run(LEFT).split("\n")
    kept = ("/opt/ecommerce/media/", "/opt/ecommerce/logs/", "/opt/ecommerce/mail/", "/etc/ecommerce/", "/var/lib/postgresql/", "/etc/postgresql/", "/var/lib/redis/ecommerce/", "/var/lib/ecommerce/", "/var/log/")
    strange = [path for path in left if path and not path.startswith(kept)]
    # The account's lines lie in files that were there; their old forms are what useradd keeps.
    strange = [path for path in strange if not path.startswith(("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid"))]
    check(not strange, f"nothing but data is left {strange[:9]}")
    check(machine.run("comm -23 /root/before /root/after").strip() == "", "and nothing that was there before is gone")
    check(machine.run("pgrep -c -u ecommerce || true").strip() == "0" and machine.run("systemctl list-unit-files 'ecommerce*' --no-legend | wc -l").strip() == "0", "no process, no unit")
    check(machine.run("systemctl is-active postgresql@15-ecommerce redis-server@ecommerce", expect=None).split() == ["inactive"] * 2, "its database and Redis rest")
    check(machine.run("systemctl is-active nginx", expect=None).strip() == "inactive", "Nginx, which did not run before, rests")
    check("Welcome to nginx" in machine.run("nginx -t -q && systemctl start nginx && curl -s http://localhost/ && systemctl stop nginx"), "and would show its own page again")
    machine.reboot()
    check(machine.run("systemctl --failed --no-legend --plain | wc -l").strip() == "0", "a reboot is clean")

    machine.setup("--unattended")
    check(machine.sql_number("SELECT count(*) FROM products") == orders, f"setup again: the {orders} products are there")
    check('"item_count":2' in machine.run("curl -fsS -b /root/jar http://localhost/api/cart/").replace(" ", ""), "and the visitor's cart")

    machine.run(f"{bed.SETUP} --uninstall --purge-data --unattended")
    machine.run(f"{FILES} >/root/after")
    left = [path for path in machine.run(LEFT).split("\n") if path and not path.startswith(("/var/log/", "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid"))]
    check(not left, f"--purge-data: nothing of the shop is left {left[:9]}")
    check(machine.run("getent passwd ecommerce || true") == "", "its account neither")
    said = machine.run(f"{bed.SETUP} --uninstall --unattended", expect=1)
    check("not installed here" in said, f"once more: {said.strip()}")
    machine.setup("--unattended --demo")
    machine.first_page()
    say("and it can be installed anew")
