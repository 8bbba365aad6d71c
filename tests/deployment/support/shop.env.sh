# shellcheck shell=bash
# The shop that drills and browser tests use: its own folder and ports, and limits that a drill from one address does not
# meet. Sourced by run.sh and by deployment/test.sh; to look at it by hand: . this file, then deployment/deploy.sh status.
DRILL_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
# What the caller's shop is set to is none of its business.
while read -r name; do
  case $name in ECOMMERCE_BIN) ;; *) unset "$name" ;; esac
done < <(sed -n 's/^#\{0,1\} \{0,1\}\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$DRILL_ROOT/.env.example")
export NO_DOTENV=1
export VAR_DIR=${DRILL_VAR_DIR:-$DRILL_ROOT/var/test/shop}
export HTTP_PORT=18080 SERVER_PORT_BASE=15001 METRICS_PORT_BASE=19101 WORKER_METRICS_PORT=19199 REDIS_PORT=17379
export LIMIT_SIGN_IN=100000 LIMIT_SIGN_IN_ACCOUNT=100000 LIMIT_PASSWORD=100000 LIMIT_REGISTER=100000 LIMIT_CHECKOUT=100000
export LIMIT_CONTACT=100000 LIMIT_ALERT=100000
export LIMIT_CHAT_MESSAGES=100000 LIMIT_CHAT_JOINS=100000 LIMIT_CHAT_SOCKETS=2000 LIMIT_CHAT_SOCKETS_ADDRESS=100000
