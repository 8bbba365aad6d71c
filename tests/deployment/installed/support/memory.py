"""What the memory of a machine is used for. Pages that several processes share are counted once (Pss)."""

import threading

from .machine import check, say

UNITS = ("nginx", "redis-server@ecommerce", "postgresql@15-ecommerce", "ecommerce-server1", "ecommerce-server2", "ecommerce-server3", "ecommerce-worker")
# A line a process: its unit's name (or the first word of what else it is) and its kilobytes.
SCRIPT = """for one in /proc/[0-9]*; do
  size=$(sed -n 's/^Pss: *\\([0-9]*\\).*/\\1/p' $one/smaps_rollup 2>/dev/null) || continue
  unit=$(sed -n 's|^[0-9]*:name=systemd:.*/\\([^/]*\\)\\.service.*|\\1|p; s|^0::.*/\\([^/]*\\)\\.service.*|\\1|p' $one/cgroup 2>/dev/null | head -n 1)
  echo "${unit:-$(cat $one/comm 2>/dev/null)} ${size:-0}"
done"""
# Of the first or second version of control groups, of every group on the machine.
KILLED = "find /sys/fs/cgroup \\( -name memory.oom_control -o -name memory.events \\) -exec sed -n 's/^oom_kill //p' {} + 2>/dev/null"


def by_unit(machine):
    """Megabytes of each unit of the shop and its stores; everything else on the machine under "the system"."""
    kilobytes = dict.fromkeys((*UNITS, "the system"), 0)
    for line in machine.run(SCRIPT, expect=None).splitlines():
        name, size = line.rsplit(" ", 1)
        # The script itself is the drill's.
        if name.startswith("testbed-exec") or name in ("bash", "sed", "head"):
            continue
        kilobytes[name if name in UNITS else "the system"] += int(size)
    return {name: size // 1024 for name, size in kilobytes.items()}


def in_words(sizes):
    """One line."""
    return ", ".join(f"{name} {size}" for name, size in sizes.items())


def killed(machine):
    """How many processes the kernel ended for want of memory."""
    found = machine.run(KILLED, expect=None).split()
    if not found:
        check(False, "the kernel says whether it had to")
    return sum(map(int, found))


class Peak:
    """`with Peak(machine) as peak:` — looks again and again; then peak.sizes is the look at which the sum was the largest."""

    def __init__(self, machine, pause=1.0):
        self.machine, self.pause, self.sizes, self.looks = machine, pause, {}, 0

    def __enter__(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()
        return self

    def _look(self):
        while not self.over.is_set():
            now = by_unit(self.machine)
            self.looks += 1
            if sum(now.values()) > sum(self.sizes.values()):
                self.sizes = now
            self.over.wait(self.pause)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join(30)

    def holds(self, what, most):
        """Says the peak and checks its sum."""
        say(f"memory {what} (MB, shared pages counted once, the largest of {self.looks} looks): {in_words(self.sizes)}")
        check(0 < sum(self.sizes.values()) < most, f"everything on the machine {what}: {sum(self.sizes.values())} MB")
