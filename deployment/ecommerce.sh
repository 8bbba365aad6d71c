#!/usr/bin/env bash
# `ecommerce` on an installed machine: a command of the release in use, as the shop's user, with its settings and secrets.
set -Eeuo pipefail
PROGRAM=ecommerce
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
# shellcheck source=lib/ui.sh
. "$LIB/ui.sh"
# shellcheck source=lib/installed.sh
. "$LIB/installed.sh"

shop_is_installed || die "the shop is not installed here: $ENV_FILE is missing"
case ${1:-} in
  "" | -h | --help | --version) exec "$CURRENT/bin/ecommerce" "${1:---help}" ;;
  serve | worker) die "systemd runs the servers and the worker: systemctl start|stop|status ecommerce-server1" ;;
  seed) [ "$(setting APP_ENV)" != production ] || die "seed makes accounts with public passwords: it refuses to run with APP_ENV=production" ;;
esac
need_root
case $1 in migrate) shop_command -o "$@" ;; *) shop_command "$@" ;; esac
