#!/usr/bin/env bash
# What the chat's sockets do, beside Node's Socket.IO with its Redis adapter on the same machine, the same Redis and the same
# PostgreSQL, in turns: messages a second to 1, 10 and 100 listeners of one conversation, on the sender's server and on others; the
# delay from sent to seen across servers at 50 messages a second; the memory of 5,000 idle sockets.
#
# The shop's messages are numbered, stored and committed before anybody is told; membership and limits are asked each time. Node's are
# measured twice: with the same work, which is a limit in Redis, the conversation's counter and the message in a copy of the shop's
# tables, committed, then told ("Node that stores"); and only passed on, which is what the library does by itself ("Node that passes
# on"). "Twice" is claimed of the first, the second stands beside it. One conversation alone waits for the disk at each message,
# whoever serves it; ten at once show what the servers do.
#
# Starts a shop and a Node of its own (var/bench-chat; ports 38080, 35001 …, 36001 …), prints a table of every claim with its figure,
# and removes what it made. Exits 1 if a claim is not met.
#
#   benches/chat.sh [rate] [delay] [memory]      default: all, about eight minutes on two cores
#
# ECOMMERCE_BIN names a release binary, else one is built; BENCH_SECONDS is the length of one round (1.5), BENCH_SOCKETS the number of
# idle sockets (5000), BENCH_IDLE how long they idle (26 s). The whole run ends after ten minutes at the latest.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"
case ${1:-} in -h | --help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '/^set /d' && exit 0 ;; esac
for part in "$@"; do
  case $part in rate | delay | memory) ;; *) echo "benches/chat.sh: '$part' is none of rate, delay, memory (see --help)" >&2 && exit 2 ;; esac
done

# What the caller's shop is set to is none of its business.
while read -r name; do
  case $name in ECOMMERCE_BIN) ;; *) unset "$name" ;; esac
done < <(sed -n 's/^#\{0,1\} \{0,1\}\([A-Z][A-Z0-9_]*\)=.*/\1/p' .env.example)
export NO_DOTENV=1 VAR_DIR=${BENCH_VAR_DIR:-$ROOT/var/bench-chat}
export HTTP_PORT=38080 SERVER_PORT_BASE=35001 METRICS_PORT_BASE=39101 WORKER_METRICS_PORT=39199 REDIS_PORT=37379 NODE_PORT_BASE=36001
# Without the demo shop: nothing here looks at a product.
export APP_ENV=production
# One person says more here than a person may. It is counted all the same.
export LIMIT_CHAT_MESSAGES=100000000 LIMIT_CHAT_JOINS=100000000 LIMIT_CHAT_SOCKETS=100000 LIMIT_CHAT_SOCKETS_ADDRESS=100000
export CHAT_PER_AGENT=100000

# A file a socket, at both ends.
files=$((${BENCH_SOCKETS:-5000} + 2000))
if [ "$(ulimit -Sn)" != unlimited ] && [ "$(ulimit -Sn)" -lt "$files" ]; then
  ulimit -Sn "$files" || {
    echo "benches/chat.sh: $files open files are needed, the limit is $(ulimit -Hn): BENCH_SOCKETS=… for fewer sockets" >&2
    exit 1
  }
fi

child=
# Ends what was started here and removes its data.
clean_up() {
  local home
  [ -z "$child" ] || { kill "$child" 2>/dev/null && wait "$child"; } || true
  deployment/deploy.sh stop >/dev/null 2>&1 || true
  home=$(cat "$VAR_DIR/postgres.home" 2>/dev/null || echo "$VAR_DIR/postgres")
  rm -rf "$home" 2>/dev/null || sudo rm -rf "$home"
  rm -rf "$VAR_DIR"
}
# A broken run may have left something.
clean_up
trap clean_up EXIT
trap 'exit 130' INT TERM
deployment/deploy.sh start >/dev/null
if [ ! -d benches/chat/node_modules/socket.io ] || [ benches/chat/package-lock.json -nt benches/chat/node_modules/.package-lock.json ]; then
  (cd benches/chat && npm ci --no-audit --no-fund >/dev/null)
fi
eval "$(deployment/deploy.sh env)"
export ECOMMERCE=${ECOMMERCE_BIN:-$ROOT/target/release/ecommerce}
# Not in the foreground: it is told at once when this script is to end.
PYTHONDONTWRITEBYTECODE=1 python3 benches/chat "$@" &
child=$!
code=0
wait "$child" || code=$?
child=
exit "$code"
