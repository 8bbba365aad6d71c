"""Release archives for drills, made from the one that is being tested (ARCHIVE): other versions, broken ones, other migrations."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

BASE = Path(os.environ.get("ARCHIVE", ""))
_folder = tempfile.TemporaryDirectory(prefix="drill-archives-")
FOLDER = Path(_folder.name)

# In place of the program: what a drill wants of it, else the program itself. $0 is its path.
WRAPPER = """#!/bin/sh
# A drill's release: {name}
case "$1" in {case} esac
exec "${{0%/*}}/ecommerce.real" "$@"
"""
ENDS_AT_ONCE = "serve) echo 'this release is broken on purpose' >&2; exit 1;;"
NEVER_READY = "serve) exec sleep 600;;"
WORKER_BROKEN = "worker) exit 1;;"
NEEDS_LATER_GLIBC = "*) echo \"$0: /lib/x86_64-linux-gnu/libc.so.6: version \\`GLIBC_2.99' not found (required by $0)\" >&2; exit 1;;"


def unpacked():
    """The tested archive's only folder, unpacked once."""
    target = FOLDER / "base"
    if not target.exists():
        if not BASE.is_file():
            raise SystemExit("ARCHIVE=… must name the release archive that is tested (deployment/package.sh makes one)")
        target.mkdir()
        # The demo shop's pictures would only make the drill slower.
        subprocess.run(["tar", "-xzf", BASE, "-C", target, "--exclude=*/seed/media"], check=True)
    return next(target.iterdir())


def base_version():
    """The version of the tested archive."""
    return (unpacked() / "VERSION").read_text().strip()


def release(version, case=None, migrations=None, change=None):
    """An archive of that version. `case`: shell cases in place of the program's commands. `migrations`: {file name: SQL} to be added.
    `change`: a function that spoils the folder after its checksums were made."""
    folder = FOLDER / f"ecommerce-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    # Hard links: only what is changed is written anew.
    subprocess.run(["cp", "-al", unpacked(), folder], check=True)
    write(folder / "VERSION", version + "\n")
    # Every release has static files of its own name, as a build with another style sheet has.
    write(folder / "static" / static_name(version), f"of release {version}\n")
    for name, text in (migrations or {}).items():
        write(folder / "migrations" / name, text)
    if case:
        program = folder / "bin" / "ecommerce"
        program.rename(folder / "bin" / "ecommerce.real")
        write(program, WRAPPER.format(name=version, case=case), 0o755)
    sums = [f"{digest(file)}  {file.relative_to(folder)}\n" for file in sorted(folder.rglob("*")) if file.is_file() and file.name != "SHA256SUMS"]
    write(folder / "SHA256SUMS", "".join(sums))
    if change:
        change(folder)
    archive = FOLDER / f"ecommerce-{version}.tar.gz"
    subprocess.run(["tar", "-C", FOLDER, "--use-compress-program=gzip -1", "-cf", archive, folder.name], check=True)
    return archive


def static_name(version):
    """The static file that only this version has."""
    return f"drill-{hashlib.sha256(version.encode()).hexdigest()[:12]}.txt"


def digest(file):
    """SHA-256 of a file."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write(path, text, mode=0o644):
    """A new file in place of what may be a link to the base's."""
    path.unlink(missing_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
