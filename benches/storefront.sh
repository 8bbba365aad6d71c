#!/usr/bin/env bash
# How fast and how small the catalogue is, beside what this machine can do at all in the same minutes: nginx's own static file and
# pgbench -S. Starts a shop of its own (var/bench; ports 28080, 25001 …), fills it to 1,000, 10,000 and 100,000 products, measures at
# each size, prints a table of every claim with its figure, and removes what it made. Exits 1 if a claim is not met.
#
#   benches/storefront.sh [SIZE…]      default: 1000 10000 100000, about a quarter of an hour on two cores
#
# ECOMMERCE_BIN names a release binary, else one is built; BENCH_SECONDS is the length of one round (5); BENCH_KEEP=1 keeps the shop's
# data, filled as it is, for the next run.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"
case ${1:-} in -h | --help) sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '/^set /d' && exit 0 ;; esac

# What the caller's shop is set to is none of its business.
while read -r name; do
  case $name in ECOMMERCE_BIN) ;; *) unset "$name" ;; esac
done < <(sed -n 's/^#\{0,1\} \{0,1\}\([A-Z][A-Z0-9_]*\)=.*/\1/p' .env.example)
export NO_DOTENV=1 VAR_DIR=${BENCH_VAR_DIR:-$ROOT/var/bench}
export HTTP_PORT=28080 SERVER_PORT_BASE=25001 METRICS_PORT_BASE=29101 WORKER_METRICS_PORT=29199 REDIS_PORT=27379
# pgbench is to be measured over TCP, and the server beside it as well. Another loopback address: 127.0.0.1:5432 may be taken.
export BENCH_PG_HOST=127.0.28.1 PG_OPTIONS="-c listen_addresses=127.0.28.1"

for tool in wrk pgbench; do
  if ! command -v "$tool" >/dev/null && ! compgen -G "/usr/lib/postgresql/*/bin/$tool" >/dev/null; then
    echo "benches/storefront.sh: installs wrk and postgresql-contrib"
    if [ "$(id -u)" = 0 ]; then apt-get install -y -qq wrk postgresql-contrib; else sudo apt-get install -y -qq wrk postgresql-contrib; fi >/dev/null
  fi
done

# Ends what was started here and removes its data.
clean_up() {
  local home
  deployment/deploy.sh stop >/dev/null 2>&1 || true
  [ -z "${BENCH_KEEP:-}" ] || return 0
  home=$(cat "$VAR_DIR/postgres.home" 2>/dev/null || echo "$VAR_DIR/postgres")
  rm -rf "$home" 2>/dev/null || sudo rm -rf "$home"
  rm -rf "$VAR_DIR"
}
# A broken run may have left a shop of another size.
clean_up
trap clean_up EXIT
trap 'exit 130' INT TERM
deployment/deploy.sh start >/dev/null
eval "$(deployment/deploy.sh env)"
export ECOMMERCE=${ECOMMERCE_BIN:-$ROOT/target/release/ecommerce}
[ $# -gt 0 ] || set -- 1000 10000 100000
PYTHONDONTWRITEBYTECODE=1 python3 benches/storefront.py "$@"
