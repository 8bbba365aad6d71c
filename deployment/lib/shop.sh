# shellcheck shell=bash
# The processes of the shop itself: Server-1, Server-2, … and the worker, and how one after the other is replaced.

READY_SECONDS=${READY_SECONDS:-30}

# What every command of the binary is given; what the user set stays. Secrets go by file where the name says so.
shop_environment() {
  secret secret_key >/dev/null
  export APP_ENV="${APP_ENV:-development}"
  export SECRET_KEY_FILE="$SECRETS_DIR/secret_key"
  DATABASE_URL=$(postgres_url ecommerce_user ecommerce_db)
  REDIS_URL=$(redis_url)
  export DATABASE_URL REDIS_URL PUBLIC_URL STATIC_DIR MEDIA_DIR MAIL_DIR LOG_DIR
  unset SECRET_KEY DATABASE_OWNER_URL PORT SERVER_NAME METRICS_PORT
}

# What a running process was started from: the build and the settings. If it differs now, a restart would change something.
shop_stamp() {
  local name
  {
    build_id
    for name in $(setting_names); do printf '%s=%s\n' "$name" "${!name:-}"; done
  } | sha256sum | cut -c1-16
}

# server1, server2, … worker
shop_names() {
  local n
  for n in $(seq "$SERVER_COUNT"); do echo "server$n"; done
  echo worker
}

shop_port() { # NAME
  case $1 in worker) echo "$WORKER_METRICS_PORT" ;; *) server_port "${1#server}" ;; esac
}

shop_ready() { # NAME
  case $1 in
    worker) curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$WORKER_METRICS_PORT/metrics" 2>/dev/null ;;
    *) curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$(shop_port "$1")/readyz" 2>/dev/null ;;
  esac
}

# Starts one without waiting for it.
shop_spawn() { # NAME
  local name=$1
  rm -f "$LOG_DIR/$name.out.1"
  rotate_log "$LOG_DIR/$name.out" || true
  (
    shop_environment
    shop_stamp >"$RUN_DIR/$name.stamp"
    case $name in
      worker)
        export METRICS_PORT=$WORKER_METRICS_PORT
        process_spawn worker "$LOG_DIR/worker.out" "$ECOMMERCE_BIN" worker
        ;;
      *)
        PORT=$(server_port "${name#server}") METRICS_PORT=$(metrics_port "${name#server}") SERVER_NAME=Server-${name#server}
        export PORT METRICS_PORT SERVER_NAME
        process_spawn "$name" "$LOG_DIR/$name.out" "$ECOMMERCE_BIN" serve
        ;;
    esac
    { "$ECOMMERCE_BIN" --version 2>/dev/null || echo '?'; } | awk 'NR == 1 { print $NF }' >"$RUN_DIR/$name.version"
  )
}

shop_wait() { process_ready "$1" "$READY_SECONDS" "$LOG_DIR/$1.out" shop_ready "$1"; }

shop_need_free_ports() { # NAME
  case $1 in
    worker) need_free_port "$WORKER_METRICS_PORT" WORKER_METRICS_PORT "the worker's metrics" ;;
    *)
      need_free_port "$(server_port "${1#server}")" SERVER_PORT_BASE "Server-${1#server}"
      need_free_port "$(metrics_port "${1#server}")" METRICS_PORT_BASE "the metrics of Server-${1#server}"
      ;;
  esac
}

# Migrations and demo data, when the build is another one than last time. The mark lies beside the database it speaks of.
shop_prepare() {
  local mark
  mark="$(build_id) ${MEDIA_STORE:-$MEDIA_DIR}"
  if [ "$(as_postgres cat "$PG_HOME/prepared" 2>/dev/null)" = "$mark" ] &&
    { [ -n "${MEDIA_STORE:-}" ] || [ -n "$(ls -A "$MEDIA_DIR" 2>/dev/null)" ]; }; then return 0; fi
  postgres_create_database
  step "Migrating the database"
  shop_run migrate
  if [ "${APP_ENV:-development}" != production ]; then
    step "Loading the demo shop"
    shop_run seed
  fi
  as_postgres sh -c "printf '%s\n' \"\$1\" >\"\$2\"" sh "$mark" "$PG_HOME/prepared"
}

# One command of the binary, its output kept; on failure its last lines are shown.
shop_run() { # COMMAND [ARGUMENTS...]
  local log=$LOG_DIR/$1.out
  (
    shop_environment
    DATABASE_OWNER_URL=$(postgres_url ecommerce_owner ecommerce_db)
    [ "$1" != migrate ] || export DATABASE_OWNER_URL
    cd "$ROOT" && "$ECOMMERCE_BIN" "$@" </dev/null >"$log" 2>&1 9>&-
  ) || { process_tail "$log"; die "ecommerce $1 failed: the end of $log is above"; }
}

shop_start() {
  local name dead=() other=0 stamp
  stamp=$(shop_environment && shop_stamp)
  for name in $(shop_names); do
    if ! process_alive "$name"; then
      dead+=("$name")
    elif [ "$(cat "$RUN_DIR/$name.stamp" 2>/dev/null)" != "$stamp" ]; then
      other=$((other + 1))
    fi
  done
  if [ "${#dead[@]}" -gt 0 ]; then
    for name in "${dead[@]}"; do shop_need_free_ports "$name"; done
    step "Starting ${dead[*]}"
    for name in "${dead[@]}"; do shop_spawn "$name"; done
    for name in "${dead[@]}"; do shop_wait "$name"; done
  fi
  [ "$other" = 0 ] || warn "$other running processes are of an older build or other settings: $PROGRAM restart brings them up to date, one by one"
}

# One server after the other: it closes its listener, ends what it has begun and goes; the next one only when this one
# is ready again and Nginx, which counts whole seconds, has noticed (0.3 s of pause: 438 of 9,000 requests failed; 3 s: none).
shop_restart() {
  local name
  for name in $(shop_names); do
    step "Restarting $name"
    # 35 s: its own bound for the slowest request, and some.
    process_stop "$name" TERM 35
    shop_spawn "$name"
    shop_wait "$name"
    case $name in worker | "server$SERVER_COUNT") ;; *) sleep "$RESTART_PAUSE" ;; esac
  done
}

# All are asked at once, then waited for, so that the slowest one sets the time.
shop_stop() {
  local name names
  names=$(find "$RUN_DIR" -name '*.pid' -printf '%f\n' | sed -n 's/^\(server[0-9]*\|worker\)\.pid$/\1/p' | sort)
  for name in $names; do process_signal "$name" TERM || true; done
  for name in $names; do process_stop "$name" TERM 35; done
}

# Logs over 20 MB move aside; servers and Nginx open theirs anew on a signal.
shop_rotate_logs() {
  local file name
  for file in "$LOG_DIR"/server*-*.log "$LOG_DIR"/worker-*.log; do
    rotate_log "$file" || continue
    name=$(basename "$file")
    process_signal "${name%%-*}" HUP || true
  done
  for file in "$LOG_DIR"/nginx-*.log; do
    rotate_log "$file" || continue
    process_signal nginx USR1 || true
  done
}
