# shellcheck shell=bash
# Where things lie and which ports they use. Everything can be set from the environment or in .env; .env.example explains.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
# Debian keeps servers' programs in sbin, which is not on the path of an ordinary user.
export PATH="$PATH:/usr/sbin:/sbin"

# How Cargo builds the program; package.sh takes more time for it.
BUILD_PROFILE=release

# Reads KEY=VALUE lines from .env. What the environment already holds wins, and nothing is executed.
load_dotenv() {
  local line name value
  [ -f "$ROOT/.env" ] && [ -z "${NO_DOTENV:-}" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do
    [[ $line =~ ^[[:space:]]*([A-Za-z_][A-Za-z0-9_]*)=(.*)$ ]] || continue
    name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
    if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value=${BASH_REMATCH[1]}; fi
    [ -n "${!name+set}" ] || export "$name=$value"
  done <"$ROOT/.env"
}

need_port() { # NAME
  if ! [[ ${!1} =~ ^[1-9][0-9]{0,4}$ ]] || [ "${!1}" -gt 65535 ]; then die "$1=${!1} is no port number"; fi
}

settings() {
  load_dotenv
  VAR_DIR=$(realpath -m "${VAR_DIR:-$ROOT/var}")
  SERVER_COUNT=${SERVER_COUNT:-3}
  # Loopback by default: the demo accounts have well-known passwords.
  HTTP_ADDRESS=${HTTP_ADDRESS:-127.0.0.1}
  HTTP_PORT=${HTTP_PORT:-8080}
  SERVER_PORT_BASE=${SERVER_PORT_BASE:-5001}
  METRICS_PORT_BASE=${METRICS_PORT_BASE:-9101}
  WORKER_METRICS_PORT=${WORKER_METRICS_PORT:-9199}
  REDIS_PORT=${REDIS_PORT:-7379}
  RESTART_PAUSE=${RESTART_PAUSE:-3}
  [[ $SERVER_COUNT =~ ^[1-9]$ ]] || die "SERVER_COUNT=$SERVER_COUNT: 1 to 9 servers"
  local name
  for name in HTTP_PORT SERVER_PORT_BASE METRICS_PORT_BASE WORKER_METRICS_PORT REDIS_PORT; do need_port "$name"; done

  RUN_DIR=$VAR_DIR/run             # a pid and start time a process
  LOG_DIR=$VAR_DIR/logs
  SECRETS_DIR=$VAR_DIR/secrets
  STATIC_DIR=${STATIC_DIR:-$ROOT/static/dist}
  MEDIA_DIR=${MEDIA_DIR:-$VAR_DIR/media}
  MAIL_DIR=${MAIL_DIR:-$VAR_DIR/mail}
  PUBLIC_URL=${PUBLIC_URL:-http://localhost:$HTTP_PORT}
  TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
  # Another program in place of the built one: then nothing is built.
  # shellcheck disable=SC2034 # read by build.sh and deploy.sh
  PREBUILT=${ECOMMERCE_BIN:+yes}
  ECOMMERCE_BIN=${ECOMMERCE_BIN:-$TARGET_DIR/$BUILD_PROFILE/ecommerce}
}

# Every setting there is, by .env.example, which is complete.
setting_names() { sed -n 's/^#\{0,1\} \{0,1\}\([A-Z][A-Z0-9_]*\)=.*/\1/p' "$ROOT/.env.example" | sort -u; }

server_port() { echo $((SERVER_PORT_BASE + $1 - 1)); }
metrics_port() { echo $((METRICS_PORT_BASE + $1 - 1)); }

make_directories() {
  mkdir -p "$VAR_DIR" "$MEDIA_DIR" || die "cannot write to $VAR_DIR: run this as its owner"
  # Addresses of people, mails and keys: for the owner alone. VAR_DIR itself stays open, PostgreSQL may run as another user.
  install -d -m 0700 "$RUN_DIR" "$LOG_DIR" "$SECRETS_DIR" "$MAIL_DIR" "$VAR_DIR/redis" "$VAR_DIR/nginx"
}

# Two runs at once would start things twice. The lock goes with the process; children must not inherit it (9>&-).
take_lock() {
  mkdir -p "$VAR_DIR" 2>/dev/null || die "cannot write to $VAR_DIR: run this as its owner"
  exec 9>"$VAR_DIR/lock" || die "cannot write to $VAR_DIR: run this as its owner"
  flock -n 9 || die "another run is at work in $VAR_DIR: wait for it to end"
}

# A random secret, made once and kept.
secret() { # NAME
  local file=$SECRETS_DIR/$1
  [ -s "$file" ] || (umask 077 && head -c 48 /dev/urandom | base64 -w0 | tr '+/' '-_' >"$file.new" && mv "$file.new" "$file")
  cat "$file"
}
