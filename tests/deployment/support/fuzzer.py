"""schemathesis, installed once into a virtual environment under var/, and a run of it."""

import hashlib
import re
import subprocess
import sys
import venv
from pathlib import Path

from .shop import HTTP_PORT, ROOT, check, say

REQUIREMENTS = Path(__file__).with_name("schemathesis.txt")
HOME = ROOT / "var" / "test" / "fuzzer"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"


def install():
    """The command, installed anew when the pinned versions have changed."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    mark, command = HOME / "installed", HOME / "bin" / "schemathesis"
    if mark.exists() and mark.read_text() == wanted and command.exists():
        return command
    say("installing schemathesis (once)")
    venv.create(HOME, with_pip=True, clear=True)
    pip = [HOME / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", REQUIREMENTS]
    done = subprocess.run(pip, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    if done.returncode:
        check(False, f"pip installs schemathesis: {done.stderr[-2000:]}")
    mark.write_text(wanted)
    return command


def fuzz(command, who, seconds, headers=(), leave_out=(), port=HTTP_PORT):
    """Asks everything that the document describes, well and badly, for so long; returns the number of cases."""
    # One worker: with several, hypothesis meets a fault of Python 3.11 (AST constructor recursion depth mismatch) now and then.
    arguments = [
        command, "run", f"http://localhost:{port}/api/openapi.json", "--checks", CHECKS, "--max-time", str(seconds),
        "--workers", "1", "--continue-on-failure", "--no-shrink", "--request-timeout", "20", "--warnings", "off", "--no-color",
    ]
    for header in headers:
        arguments += ["--header", header]
    for operation in leave_out:
        arguments += ["--exclude-operation-id", operation]
    done = subprocess.run(arguments, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=HOME, timeout=seconds * 3 + 120)
    cases = re.search(r"(\d[\d,]*) generated", done.stdout)
    if done.returncode or not cases:
        print(done.stdout[-6000:], done.stderr[-2000:], file=sys.stderr)
    number = int(cases.group(1).replace(",", "")) if cases else 0
    check(done.returncode == 0 and number > 0, f"{number} requests as {who}: no 5xx, no answer off the document")
    return number
