"""TLS with a self-signed certificate, with given files, with certbot (a stand-in for it: the test bed has no Let's Encrypt); http leads to https,
cookies are Secure, wrong certificates are refused."""

from support import bed
from support.machine import check, say

CURL = "curl -sS --resolve shop.test:443:127.0.0.1 --resolve shop.test:80:127.0.0.1"
# Answers the challenge through the running site, as Let's Encrypt would ask, and leaves what certbot leaves.
CERTBOT = """#!/bin/bash
set -e
while [ $# -gt 0 ]; do case $1 in -w) webroot=$2;; -d) name=$2;; --deploy-hook) hook=$2;; esac; shift; done
[ ! -e /root/certbot-fails ] || { echo "Detail: DNS problem: NXDOMAIN looking up A for $name"; exit 1; }
mkdir -p "$webroot/.well-known/acme-challenge" && echo proof >"$webroot/.well-known/acme-challenge/token"
[ "$(curl -fsS -H "Host: $name" http://127.0.0.1/.well-known/acme-challenge/token)" = proof ]
mkdir -p "/etc/letsencrypt/live/$name" && cp /root/ca/fullchain.pem /root/ca/privkey.pem "/etc/letsencrypt/live/$name/"
$hook
"""

with bed.machine("tls", image=bed.packages_image()) as machine:
    machine.setup("--unattended --domain shop.test --tls self-signed")
    said = machine.run(f"{CURL} -k -D - -o /dev/null https://shop.test/").lower()
    check("http/2 200" in said and "strict-transport-security: max-age=" in said, "self-signed: the shop answers over https with HSTS, over HTTP/2")
    said = machine.run(f"{CURL} -D - -o /dev/null 'http://shop.test/products?page=2'")
    check("301" in said.splitlines()[0] and "https://shop.test/products?page=2" in said, "http leads to https, the same page")
    said = machine.run("curl -sS -o /dev/null -w '%{redirect_url}' -H 'Host: evil.test' http://127.0.0.1/")
    check(said.startswith("https://shop.test/"), "under the shop's own name, whatever was asked for")
    said = machine.run(f"{CURL} -k -D - -o /dev/null -H 'Content-Type: application/json' -d '{{\"username\": \"ada\", \"email\": \"ada@shop.test\", \"password\": \"lovelace-1815\"}}' https://shop.test/auth/register")
    cookies = [line for line in said.splitlines() if line.lower().startswith("set-cookie")]
    check(cookies and all("__Host-" in line and "Secure" in line and "HttpOnly" in line and "SameSite" in line for line in cookies), f"{len(cookies)} cookies, each __Host-, Secure, HttpOnly and SameSite")
    for version, ends in (("--tls-max 1.1 --tlsv1.0", 35), ("--tlsv1.2 --tls-max 1.2", 0), ("--tlsv1.3", 0)):
        code = machine.outcome(f"{CURL} -k {version} -o /dev/null https://shop.test/")[0]
        check((code == 0) == (ends == 0), f"curl {version}: {'taken' if code == 0 else 'refused'}")
    check(machine.run("stat -c '%U %a' /etc/ecommerce/tls /etc/ecommerce/tls/privkey.pem").split() == ["root", "700", "root", "600"], "the key is root's alone")
    before = machine.run("sha256sum /etc/ecommerce/tls/fullchain.pem")
    machine.setup("--unattended")
    check(machine.run("sha256sum /etc/ecommerce/tls/fullchain.pem") == before, "a second run keeps the certificate")

    # Given files, from a small authority of our own.
    machine.run("mkdir -p /root/ca && cd /root/ca && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=Drill -keyout ca.key -out ca.pem 2>/dev/null && "
                "leaf() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj \"/CN=$1\" -addext \"subjectAltName=DNS:$1\" -keyout \"$2.key\" -out \"$2.csr\" 2>/dev/null && "
                "openssl x509 -req -in \"$2.csr\" -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy $3 -out \"$2.pem\" 2>/dev/null; } && "
                "leaf shop.test good '-days 30' && leaf other.test other '-days 30' && leaf shop.test old '-not_before 20200101000000Z -not_after 20200102000000Z' ; "
                "cat good.pem ca.pem >fullchain.pem; cp good.key privkey.pem; ls")
    for certificate, key, word in (("other.pem", "other.key", "is not for shop.test"), ("good.pem", "other.key", "does not belong"), ("good.key", "good.key", "no certificate")):
        said = machine.setup(f"--unattended --tls files --certificate /root/ca/{certificate} --key /root/ca/{key}", expect=1).strip().splitlines()
        check(len(said) == 1 and word in said[0], said[0])
    machine.setup("--unattended --tls files --certificate /root/ca/fullchain.pem --key /root/ca/privkey.pem")
    code = machine.run(f"{CURL} --cacert /root/ca/ca.pem -o /dev/null -w '%{{http_code}}' https://shop.test/")
    check(code == "200", "files: a client that trusts their authority is served")

    # certbot, first with a name that does not lead here.
    machine.run(f"cat >/usr/local/bin/certbot <<'SH'\n{CERTBOT}SH\nchmod +x /usr/local/bin/certbot; touch /root/certbot-fails")
    said = machine.setup("--unattended --tls certbot --email ada@shop.test")
    check("NXDOMAIN" in said and "The shop is open" in said, "certbot refused: said in one line, the shop runs with its own certificate meanwhile")
    check(machine.outcome(f"{CURL} --cacert /root/ca/ca.pem -o /dev/null https://shop.test/")[0] == 60, "which nobody trusts")
    machine.run("rm /root/certbot-fails")
    machine.setup("--unattended")
    code = machine.run(f"{CURL} --cacert /root/ca/ca.pem -o /dev/null -w '%{{http_code}}' https://shop.test/")
    check(code == "200", "a second run gets it, through the shop's own site, and Nginx uses it")
    say("not shown: a certificate of the real Let's Encrypt")
