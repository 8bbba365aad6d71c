"""deployment/package.sh: the same files make the same archive, with everything in it that a blank machine needs and a list of what it is made of; it
says on which glibc it runs; programs that must not be released are refused in one line."""

import json
import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

from support import archives
from support.machine import check, say

PACKAGE = Path(__file__).resolve().parents[3] / "deployment" / "package.sh"
PROGRAM = archives.unpacked() / "bin" / "ecommerce"
WANTED = ("bin/ecommerce", "static/manifest.json", "migrations/", "nginx/", "systemd/", "deployment/setup.sh", "seed/shop/", "SHA256SUMS", "VERSION", "RELEASE", "SBOM.cdx.json", "LICENSE")


def package(folder, program=PROGRAM, expect=0, version="9.5.archive"):
    """(the archive's path, what was said) of one packaging."""
    done = subprocess.run([PACKAGE, "--version", version, "--without-pictures", "--output", folder], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "ECOMMERCE_BIN": str(program), "STATIC_DIR": str(archives.unpacked() / "static")})
    if done.returncode != expect:
        print(done.stdout + done.stderr)
        check(False, f"package.sh ends with {expect}, not {done.returncode}")
    return done.stdout.strip(), done.stderr.strip()


with tempfile.TemporaryDirectory(prefix="drill-package-") as folder:
    folder = Path(folder)
    (one, said), (two, _) = (package(folder / name) for name in ("one", "two"))
    check(archives.digest(one) == archives.digest(two), "two packagings of the same files are one archive, byte by byte")
    with tarfile.open(one) as archive:
        names = [member.name.partition("/")[2] for member in archive]
        lacking = [wanted for wanted in WANTED if not any(name.startswith(wanted) for name in names)]
        check(not lacking, f"{len(names)} entries; it lacks nothing {lacking or ''}")
        top = archive.getmembers()[0].name.split("/")[0]
        bill = json.load(archive.extractfile(f"{top}/SBOM.cdx.json"))
        release = dict(line.split("=", 1) for line in archive.extractfile(f"{top}/RELEASE").read().decode().splitlines())
        loose = [member.name for member in archive if member.uid or member.gid or member.mode & 0o022]
    check(not loose, "everything belongs to root and nobody else may write it")
    kinds = {part["purl"].split("/")[0] for part in bill["components"]}
    check(bill["bomFormat"] == "CycloneDX" and {"pkg:cargo", "pkg:npm"} <= kinds, f"a bill of materials in CycloneDX {bill['specVersion']}: {len(bill['components'])} parts {sorted(kinds)}")
    line = next(line.strip() for line in said.splitlines() if "glibc" in line)
    check(release["GLIBC"] in line, f"it says where it runs: {line}")
    check(tuple(map(int, release["GLIBC"].split("."))) <= (2, 36), "which Debian 12 is")

    content = PROGRAM.read_bytes()
    for what, changed, words in (("a drill build", content + b"\0DRILL_KILL_AT\0", "drill build"), ("a debug build", content + b"\0.debug_info\0", "debug build"), ("a script", b"#!/bin/sh\n", "no program"),
                                 ("one for another processor", content[:18] + (243).to_bytes(2, "little") + content[20:], "no program for")):
        program = folder / "program"
        archives.write(program, changed, 0o755)
        _, said = package(folder / "bad", program, expect=1)
        check(words in said.splitlines()[-1] and not list((folder / "bad").glob("*.tar.gz")), f"{what}: {said.splitlines()[-1].split(': ', 1)[1][:160]}")
    _, said = package(folder / "bad", version="../evil", expect=1)
    check("--version" in said, said.splitlines()[-1])
    say(f"size without the demo shop's pictures: {Path(one).stat().st_size / 1e6:.1f} MB")
