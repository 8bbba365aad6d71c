"""ab -n 1000 -c 10 counts no failed request."""

import re
import subprocess

from support.shop import FULL, HTTP_PORT, check

REQUESTS = 10000 if FULL else 1000
output = subprocess.run(
    ["ab", "-n", str(REQUESTS), "-c", "10", f"http://127.0.0.1:{HTTP_PORT}/"], capture_output=True, text=True, check=True
).stdout


def figure(name):
    return re.search(rf"{name}:\s+([0-9.]+)", output).group(1)


check(int(figure("Complete requests")) == REQUESTS, f"{REQUESTS} requests complete, {figure('Requests per second')} a second")
check(int(figure("Failed requests")) == 0, "none failed")
check("Non-2xx responses" not in output, "all are 2xx")
