# shellcheck shell=bash
# deploy.sh on an installed machine: start, stop, restart, status and logs through systemctl. Needs installed.sh and ui.sh.

installed_units() { shop_names | while read -r name; do unit_of "$name"; done; }

installed_start() {
  need_root
  need_secrets
  systemctl start "$(pg_cluster_unit)" "$REDIS_UNIT" nginx.service || die "a store or Nginx does not start: systemctl status says which"
  # shellcheck disable=SC2046 # a word a unit
  systemctl start ecommerce.target $(installed_units) || die "a unit does not start: $PROGRAM status, $PROGRAM logs"
  local name
  for name in $(shop_names); do wait_installed_ready "$name" 30 || die "$name is not ready: $PROGRAM logs $name"; done
  wait_until 15 shop_answers_here || die "the servers run but Nginx does not answer for them: nginx -t, systemctl status nginx"
  say "The shop is open: $(setting PUBLIC_URL)"
}

# The servers and the worker; PostgreSQL, Redis and Nginx may serve others and stay.
installed_stop() {
  need_root
  # shellcheck disable=SC2046 # a word a unit
  systemctl stop ecommerce.target $(installed_units)
  say "The servers and the worker have ended; PostgreSQL, Redis and Nginx run on. The data stays."
}

# One after the other, each ready and noticed by Nginx before the next (deploy.sh says why 3 s).
installed_restart() {
  need_root
  need_secrets
  local name last
  last=server$(server_count)
  for name in $(shop_names); do
    step "Restarting $name"
    systemctl restart "$(unit_of "$name")" || { wait_installed_ready "$name" 1 || true; die "$name does not start again; the others still run: $PROGRAM logs $name"; }
    wait_installed_ready "$name" 30 || die "$name is not ready; the others still run: $PROGRAM logs $name"
    case $name in worker | "$last") ;; *) sleep "$(setting RESTART_PAUSE 3)" ;; esac
  done
  say "All servers and the worker are new; the shop was up meanwhile."
}

unit_row() { # NAME UNIT PORT READY-COMMAND...
  local name=$1 unit=$2 port=$3 pid memory state ready=no
  shift 3
  pid=$(systemctl show -P MainPID "$unit")
  state=$(systemctl is-active "$unit" || true)
  if [ "$state" = active ]; then
    if "$@"; then ready=ready; else UNIT_FAULTS=1; fi
    memory=$(systemctl show -P MemoryCurrent "$unit")
    [[ $memory =~ ^[0-9]{1,15}$ ]] && memory=$(awk -v bytes="$memory" 'BEGIN { printf "%.1f MB", bytes / 1048576 }') || memory='?'
    printf '%-10s %8s %7s  %-12s %12s\n' "$name" "$pid" "$port" "$ready" "$memory"
  else
    printf '%-10s %8s %7s  %-12s\n' "$name" - "$port" "$state"
    UNIT_FAULTS=1
  fi
}

# Exits 3, like systemctl, when something is not running.
installed_status() {
  local name port redis_port
  UNIT_FAULTS=0
  redis_port=$(setting REDIS_PORT 6379)
  say "Release $(release_in_use) at $(setting PUBLIC_URL)"
  printf '%-10s %8s %7s  %-12s %12s\n' name pid port ready memory
  unit_row nginx nginx.service "$(case $(setting PUBLIC_URL) in https:*) echo 443 ;; *) setting HTTP_PORT 80 ;; esac)" nginx_answers
  for name in $(shop_names); do
    case $name in worker) port=$(worker_metrics_port) ;; *) port=$(server_port "${name#server}") ;; esac
    unit_row "$name" "$(unit_of "$name")" "$port" installed_ready "$name"
  done
  unit_row redis "$REDIS_UNIT" "$redis_port" redis_answers "$redis_port"
  unit_row postgres "$(pg_cluster_unit)" "$(setting PG_PORT 5432)" pg_answers
  [ "$UNIT_FAULTS" = 0 ] || exit 3
}

nginx_answers() { curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$(setting HTTP_PORT 80)/nginx_status" 2>/dev/null; }
# Without the password an answer is a refusal, which is an answer.
redis_answers() { redis-cli -h 127.0.0.1 -p "$1" PING 2>&1 | grep -E 'PONG|NOAUTH' >/dev/null; } # PORT
pg_answers() { pg_isready -q -h 127.0.0.1 -p "$(setting PG_PORT 5432)"; }

# With a name the journal of that unit, without one of all; the same lines lie in /opt/ecommerce/logs.
installed_logs() { # [NAME] [-f]
  local name="" follow=(-n 50 --no-pager) units=()
  while [ $# -gt 0 ]; do
    case $1 in -f) follow=(-n 30 -f) ;; *) name=$1 ;; esac
    shift
  done
  case $name in
    "") mapfile -t units < <(installed_units) ;;
    nginx) units=(nginx.service) ;;
    redis) units=("$REDIS_UNIT") ;;
    postgres) units=("$(pg_cluster_unit)") ;;
    *)
      mapfile -t units < <(installed_units | grep "^ecommerce-$name" || true)
      [ "${#units[@]}" -gt 0 ] || die "no log begins with '$name'; there are: $(shop_names | xargs) nginx redis postgres"
      ;;
  esac
  exec journalctl -o cat "${follow[@]}" "${units[@]/#/--unit=}"
}
