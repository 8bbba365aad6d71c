#!/usr/bin/env bash
# The shop from a checkout, with one command. See --help.
set -Eeuo pipefail
PROGRAM=deployment/deploy.sh
# No silent end: what is not foreseen says where it happened.
trap 'printf "%s: line %s of %s failed: %s\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
# In a release under /opt/ecommerce the same words mean the system's services: deployment/lib/installed.sh.
ROOT=$(cd "$LIB/../.." && pwd -P)
# shellcheck source=lib/ui.sh
. "$LIB/ui.sh"
# shellcheck source=lib/installed.sh
. "$LIB/installed.sh"
if runs_installed; then
  # shellcheck source=lib/on_machine.sh
  . "$LIB/on_machine.sh"
  on_machine "$@"
  exit
fi
for part in settings processes packages postgres redis nginx build shop; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done

usage() {
  cat <<'TEXT'
deployment/deploy.sh start|stop|restart|status|logs|env

  start           installs what is missing (PostgreSQL, Redis, Nginx, Node; their services are not started), builds,
                  starts a private PostgreSQL, Redis and Nginx, three servers and the worker, migrates, loads the demo shop.
                  Again: starts what is dead, changes nothing else.
  stop            ends everything that start started, and nothing else. The data stays.
  restart         builds, migrates and replaces the servers one after the other; the shop stays up.
  status          a row a process: pid, port, ready or not, version, memory.
  logs [NAME] [-f]   the last lines of all logs, or of those whose name begins with NAME (server1, worker, nginx, postgres, redis).
  env             what the servers are given, as lines for a shell: eval "$(deployment/deploy.sh env)"

Everything it writes lies under var/ (VAR_DIR), the build under target/ and static/dist/. Ports: HTTP_PORT 8080,
SERVER_PORT_BASE 5001, METRICS_PORT_BASE 9101, WORKER_METRICS_PORT 9199, REDIS_PORT 7379. From the environment or .env;
.env.example lists all settings.
TEXT
}

# What is about to happen, before it happens.
announce() {
  local packages
  # shellcheck disable=SC2046 # words on purpose
  packages=$(missing_packages run $(build_purposes) | xargs)
  say "The shop in $ROOT"
  [ -z "$packages" ] || say "  installs with apt: $packages (no service of theirs is started)"
  [ -n "$PREBUILT" ] || say "  builds the front-end assets and the release binary, as far as something has changed"
  say "  runs a private PostgreSQL, Redis and Nginx, $SERVER_COUNT servers and a worker; data and logs in $VAR_DIR"
}

# Everything whose port is wanted and dead, checked before anything is touched.
check_ports() {
  local name
  process_alive nginx || need_free_port "$HTTP_PORT" HTTP_PORT Nginx
  process_alive redis || need_free_port "$REDIS_PORT" REDIS_PORT Redis
  for name in $(shop_names); do process_alive "$name" || shop_need_free_ports "$name"; done
}

all_alive() {
  local name
  for name in postgres redis nginx $(shop_names); do process_alive "$name" || return 1; done
}

prepare_machine() {
  [ -n "$PREBUILT" ] || check_rust
  # shellcheck disable=SC2046 # words on purpose
  install_packages run $(build_purposes)
  check_versions
  build_all
}

start() {
  take_lock
  make_directories
  local was_running=no
  if all_alive; then was_running=yes; else announce; fi
  [ "$was_running" = yes ] || { check_ports; need_space "$VAR_DIR" 300 "the shop"; }
  prepare_machine
  postgres_start
  redis_start
  shop_rotate_logs
  # While older servers run, a new build's migrations wait for `restart`.
  if ! all_alive; then shop_prepare; fi
  shop_start
  nginx_start
  wait_until 15 shop_answers || die "Nginx runs but the shop does not answer at http://$(nginx_address)/: see $PROGRAM logs"
  if [ "$was_running" = yes ]; then say "Already running, nothing changed."; fi
  farewell
}

shop_answers() { curl -fsS -o /dev/null -m 5 "http://$(nginx_address)/" 2>/dev/null; }

farewell() {
  cat <<TEXT

The shop is open: $PUBLIC_URL
  accounts   john_doe / password123, jane_smith / password123 · agent / agent123 (support) · admin / admin123 (administrator)
  cards      4242 4242 4242 4242 is approved, 4000 0000 0000 0002 is declined
  mails      land in $MAIL_DIR (or set EMAIL_HOST)
  database   $PG_HOME
Try next:
  for i in {1..9}; do curl -s $PUBLIC_URL/ | grep -o 'Server-[0-9]'; done      each server three times
  $PROGRAM status · logs -f · restart · stop
TEXT
}

restart() {
  take_lock
  make_directories
  all_alive || die "not everything is running: $PROGRAM start first"
  prepare_machine
  postgres_choose_home
  shop_rotate_logs
  # Before the servers: a migration must suit the release before it too.
  shop_prepare
  nginx_reload_if_changed
  shop_restart
  say "All servers and the worker are new; the shop was up meanwhile."
}

stop() {
  take_lock
  make_directories
  # From the outside in, so that nothing is asked that is gone already.
  step "Stopping"
  nginx_stop
  shop_stop
  redis_stop
  postgres_stop
  say "Everything that was started here has ended; the data stays in $VAR_DIR and $(cat "$VAR_DIR/postgres.home" 2>/dev/null || echo "$VAR_DIR/postgres")."
}

status_row() { # NAME PORT VERSION READY-COMMAND...
  local name=$1 port=$2 version=$3 pid ready=no
  shift 3
  if pid=$(process_pid "$name"); then
    if "$@"; then ready=ready; fi
    printf '%-10s %8s %7s  %-10s %-12s %8s MB\n' "$name" "$pid" "$port" "$ready" "$version" "$(process_memory "$pid")"
  else
    printf '%-10s %8s %7s  %-10s\n' "$name" - "$port" "not running"
    STATUS=1
  fi
}

# Exits 3, like a service manager, when something is not running.
status() {
  local name version stamp
  STATUS=0
  [ -d "$SECRETS_DIR" ] || { say "Nothing was started here yet: $PROGRAM start"; exit 3; }
  PG_HOME=$(cat "$VAR_DIR/postgres.home" 2>/dev/null || echo "$VAR_DIR/postgres")
  stamp=$(shop_environment && shop_stamp)
  printf '%-10s %8s %7s  %-10s %-12s %11s\n' name pid port ready version memory
  status_row nginx "$HTTP_PORT" "$(nginx -v 2>&1 | sed 's|.*/\([0-9.]*\).*|\1|')" nginx_ready
  for name in $(shop_names); do
    version=$(cat "$RUN_DIR/$name.version" 2>/dev/null || echo '?')
    [ "$(cat "$RUN_DIR/$name.stamp" 2>/dev/null)" = "$stamp" ] || version="$version (old)"
    status_row "$name" "$(shop_port "$name")" "$version" shop_ready "$name"
  done
  status_row redis "$REDIS_PORT" "$(redis-server --version 2>/dev/null | sed 's/.*v=\([0-9.]*\).*/\1/')" redis_ready
  status_row postgres socket "$("$(postgres_bin)/postgres" -V 2>/dev/null | awk '{ print $3 }')" postgres_ready
  [ "$STATUS" = 0 ] || exit 3
}

logs() {
  local name="" follow=() files=()
  while [ $# -gt 0 ]; do
    case $1 in -f) follow=(-F) ;; *) name=$1 ;; esac
    shift
  done
  mapfile -t files < <(find "$LOG_DIR" -maxdepth 1 -type f -size +0 \( -name "$name*.log" -o -name "$name*.out" \) 2>/dev/null | sort)
  [ "${#files[@]}" -gt 0 ] || die "no log begins with '$name'; there are: $(find "$LOG_DIR" -maxdepth 1 -type f -printf '%f ' 2>/dev/null)"
  exec tail -n 30 "${follow[@]}" "${files[@]}"
}

print_env() {
  [ -s "$VAR_DIR/postgres.home" ] || die "nothing was started here yet: $PROGRAM start"
  PG_HOME=$(cat "$VAR_DIR/postgres.home")
  shop_environment
  # shellcheck disable=SC2034 # printed by its name below
  DATABASE_OWNER_URL=$(postgres_url ecommerce_owner ecommerce_db)
  local name
  for name in APP_ENV DATABASE_URL DATABASE_OWNER_URL REDIS_URL SECRET_KEY_FILE PUBLIC_URL STATIC_DIR MEDIA_DIR MAIL_DIR LOG_DIR; do
    printf 'export %s=%q\n' "$name" "${!name}"
  done
}

case ${1:-} in
  start | stop | restart | status)
    [ $# = 1 ] || die "$1 takes no arguments (see --help)"
    settings
    "$1"
    ;;
  logs) shift && settings && logs "$@" ;;
  env) settings && print_env ;;
  -h | --help | help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
