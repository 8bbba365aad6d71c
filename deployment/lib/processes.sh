# shellcheck shell=bash
# Processes this project started, known by pid and start time, so that a pid the kernel gave to somebody else is never signalled.

# Clock ticks after boot at which a live process began; fails for one that is gone or a zombie.
process_start_time() { # PID
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) } # the name before it may hold spaces
  # shellcheck disable=SC2086 # split on purpose: state is the first field, the start time the twentieth
  set -- $stat
  case $1 in Z | X) return 1 ;; esac
  echo "${20}"
}

process_save() { # NAME PID
  local started
  started=$(process_start_time "$2") || return 1
  echo "$2 $started" >"$RUN_DIR/$1.pid.new" && mv "$RUN_DIR/$1.pid.new" "$RUN_DIR/$1.pid"
}

# Prints the pid of a process of ours that is alive.
process_pid() { # NAME
  local pid started
  [ -s "$RUN_DIR/$1.pid" ] || return 1
  read -r pid started <"$RUN_DIR/$1.pid" || return 1
  [ "$(process_start_time "$pid")" = "$started" ] || return 1
  echo "$pid"
}

process_alive() { process_pid "$1" >/dev/null; }
process_gone() { ! process_alive "$1"; }

# Starts a command in a session of its own, detached, with its output appended to LOG.
process_spawn() { # NAME LOG COMMAND...
  local name=$1 log=$2
  shift 2
  (cd "$ROOT" && exec setsid "$@" </dev/null >>"$log" 2>&1 9>&-) &
  # A process that dies at once has no start time to save; the wait for its readiness reports it.
  process_save "$name" $! || rm -f "$RUN_DIR/$name.pid"
}

process_signal() { # NAME SIGNAL
  local pid
  pid=$(process_pid "$1") || return 1
  kill -s "$2" "$pid" 2>/dev/null
}

# Asks with SIGNAL, waits, then kills. Nothing to do is fine.
process_stop() { # NAME SIGNAL SECONDS
  if process_signal "$1" "$2" && ! wait_until "$3" process_gone "$1"; then
    warn "$1 did not end within $3 s and is killed"
    process_signal "$1" KILL || true
    wait_until 5 process_gone "$1" || die "$1 (pid $(process_pid "$1")) cannot be ended"
  fi
  rm -f "$RUN_DIR/$1.pid"
}

# Waits until a process of ours is ready; says in one line which died or hangs, with the end of its output.
process_ready() { # NAME SECONDS LOG COMMAND...
  local name=$1 seconds=$2 log=$3 deadline
  shift 3
  deadline=$((SECONDS + seconds))
  until "$@"; do
    if process_gone "$name"; then
      process_tail "$log"
      die "$name ended while starting: the end of $log is above"
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      process_tail "$log"
      die "$name is not ready after $seconds s: the end of $log is above"
    fi
    sleep 0.05
  done
}

process_tail() { # LOG
  [ ! -s "$1" ] || tail -n 15 "$1" | cut -c1-400 | sed 's/^/    /' >&2
}

# Resident memory in MB. One with children (PostgreSQL, Nginx) counts them too, shared pages once.
process_memory() { # PID
  local children
  children=$(cat "/proc/$1/task/$1/children" 2>/dev/null || true)
  if [ -z "$children" ]; then
    awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status" 2>/dev/null || echo '?'
    return 0
  fi
  local pid
  for pid in $1 $children; do cat "/proc/$pid/smaps_rollup" 2>/dev/null || true; done |
    awk '/^Pss:/ { sum += $2 } END { printf "%.1f", sum / 1024 }'
}

# --- ports

# Whether somebody listens on a TCP port. Read from the kernel's tables: no tool to install, and no connection made.
port_taken() { # PORT
  local hex
  hex=$(printf '%04X' "$1")
  awk -v port=":$hex\$" '$2 ~ port && $4 == "0A" { found = 1 } END { exit !found }' /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

need_free_port() { # PORT VARIABLE WHAT
  port_taken "$1" || return 0
  local holder=""
  if has ss; then holder=$(ss -ltnpH "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/ by \1 (pid \2)/p' | head -n 1); fi
  die "port $1, wanted for $3, is in use$holder: end that or set $2 to another port"
}

# --- logs

# Moves a log over 20 MB aside. Its writer must open it anew afterwards; tells whether something moved.
rotate_log() { # FILE
  [ -f "$1" ] && [ "$(stat -c %s "$1")" -gt $((20 * 1024 * 1024)) ] || return 1
  mv -f "$1" "$1.1"
}
