#!/usr/bin/env bash
# How fast the catalogue is, beside what the machine can do at all in the same minutes: nginx's own static file and pgbench -S.
# Starts a shop of its own (var/bench, ports 28080, 25001 …), fills it to 1,000, 10,000 and 100,000 products, measures at each size, prints
# every figure with the claim it belongs to (docs: QUALITY in ARCHITECTURE.md), and stops it. About 15 minutes on two cores.
#
#   benches/storefront.sh [SIZE…]      default: 1000 10000 100000
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$ROOT"

# What the caller's shop is set to is none of its business.
while read -r name; do
  case $name in ECOMMERCE_BIN) ;; *) unset "$name" ;; esac
done < <(sed -n 's/^#\{0,1\} \{0,1\}\([A-Z][A-Z0-9_]*\)=.*/\1/p' .env.example)
export NO_DOTENV=1 VAR_DIR=${BENCH_VAR_DIR:-$ROOT/var/bench}
export HTTP_PORT=28080 SERVER_PORT_BASE=25001 METRICS_PORT_BASE=29101 WORKER_METRICS_PORT=29199 REDIS_PORT=27379
export LIMIT_SIGN_IN=100000 LIMIT_SIGN_IN_ACCOUNT=100000 LIMIT_PASSWORD=100000 LIMIT_REGISTER=100000 LIMIT_CHECKOUT=100000
export LIMIT_CONTACT=100000 LIMIT_ALERT=100000

for tool in wrk pgbench; do
  command -v "$tool" >/dev/null || [ -x "/usr/lib/postgresql/15/bin/$tool" ] || {
    echo "benches/storefront.sh: installs $tool" >&2
    apt-get install -y -qq wrk postgresql-contrib >/dev/null 2>&1 || sudo apt-get install -y -qq wrk postgresql-contrib >/dev/null
  }
done

trap 'deployment/deploy.sh stop >/dev/null 2>&1 || true' EXIT
deployment/deploy.sh start
eval "$(deployment/deploy.sh env)"
export ECOMMERCE=${ECOMMERCE_BIN:-$ROOT/target/release/ecommerce}
python3 benches/storefront.py "${@:-1000 10000 100000}"
