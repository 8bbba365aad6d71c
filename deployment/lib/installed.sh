# shellcheck shell=bash
# The installed machine, as every script sees it: where things lie, what is set, and how a server is asked. Needs ui.sh.
#
# /opt/ecommerce/releases/<VERSION>/   one release: bin/ecommerce, static/, migrations/, nginx/, systemd/, deployment/, seed/, VERSION, SHA256SUMS
# /opt/ecommerce/current               a link to the release in use; units, Nginx and settings name this path
# /opt/ecommerce/static                static files of all releases on the machine; Nginx serves /static/ from it
# /opt/ecommerce/{logs,media,mail}     what the shop writes
# /etc/ecommerce/ecommerce.env         settings (root:ecommerce 0640)
# /etc/ecommerce/secrets/              a file a secret (root 0600), handed to units as credentials
# /var/lib/ecommerce/                  what setup remembers: checksums of the files it wrote, the release before, locks

# INSTALL_PREFIX is for tests of these functions alone.
OPT_DIR=${INSTALL_PREFIX:-}/opt/ecommerce
ETC_DIR=${INSTALL_PREFIX:-}/etc/ecommerce
STATE_DIR=${INSTALL_PREFIX:-}/var/lib/ecommerce
RELEASES_DIR=$OPT_DIR/releases
CURRENT=$OPT_DIR/current
# shellcheck disable=SC2034 # read by the scripts that source this
STATIC_UNION=$OPT_DIR/static # every release's static files side by side, for Nginx: a page of the release before finds its own
ENV_FILE=$ETC_DIR/ecommerce.env
SECRETS_DIR=$ETC_DIR/secrets
SHOP_USER=ecommerce
# shellcheck disable=SC2034 # read by the scripts that source this
DATABASE_NAME=ecommerce_db

# Secrets that every unit is given, and the one that migrations alone get. A file may be empty: then it is not set.
SHOP_SECRETS="secret_key database_url redis_url email_host_password media_s3_secret"
OWNER_SECRET=database_owner_url

# Whether the shop is installed on this machine.
shop_is_installed() { [ -f "$ENV_FILE" ] && [ -L "$CURRENT" ]; }

# Whether the script that asks lies in an installed release (and not in a checkout or an unpacked archive).
runs_installed() { case ${ROOT:-} in "$RELEASES_DIR"/*) return 0 ;; *) return 1 ;; esac; }

need_root() { [ "$(id -u)" = 0 ] || die "this changes the system: run it as root (sudo $PROGRAM)"; }

# --- settings: KEY=VALUE lines, the last one counts, as systemd reads them; nothing in the file is executed

# What setup.sh was told but has not written yet (WANTED_SERVER_COUNT=2) goes before the file.
setting() { # NAME [DEFAULT]
  local wanted=WANTED_$1
  if [ -n "${!wanted+set}" ]; then printf '%s\n' "${!wanted:-${2:-}}"; else stored_setting "$@"; fi
}

stored_setting() { # NAME [DEFAULT]
  local value=""
  [ ! -f "$ENV_FILE" ] || value=$(sed -n "s/^[[:space:]]*$1=//p" "$ENV_FILE" | tail -n 1)
  if [[ $value =~ ^\"(.*)\"$ || $value =~ ^\'(.*)\'$ ]]; then value=${BASH_REMATCH[1]}; fi
  printf '%s\n' "${value:-${2:-}}"
}

# Writes one setting: its line is replaced, or added at the end; the others and all comments stay.
set_setting() { # NAME VALUE
  local new=$ENV_FILE.new
  [ "$(stored_setting "$1")" != "$2" ] || return 0
  (umask 027 && NAME=$1 VALUE=$2 awk '
    BEGIN { line = ENVIRON["NAME"] "=" ENVIRON["VALUE"] }
    index($0, ENVIRON["NAME"] "=") == 1 { if (!done) print line; done = 1; next }
    { print }
    END { if (!done) print line }' "$ENV_FILE" >"$new")
  chown "root:$SHOP_USER" "$new" && chmod 0640 "$new" && mv "$new" "$ENV_FILE"
}

server_count() { setting SERVER_COUNT 3; }
server_port() { echo $(($(setting SERVER_PORT_BASE 5001) + $1 - 1)); }
metrics_port() { echo $(($(setting METRICS_PORT_BASE 9101) + $1 - 1)); }
worker_metrics_port() { setting WORKER_METRICS_PORT 9199; }

# server1, server2, … worker: the names people and logs use.
shop_names() {
  local n
  for n in $(seq "$(server_count)"); do echo "server$n"; done
  echo worker
}

unit_of() { echo "ecommerce-$1.service"; } # NAME

# --- the database's cluster: Debian's tools know it as PG_CLUSTER (15/ecommerce); a restore may have put another one in its place

pg_cluster_version() { local cluster; cluster=$(setting PG_CLUSTER); echo "${cluster%%/*}"; }
pg_cluster_name() { local cluster; cluster=$(setting PG_CLUSTER); echo "${cluster#*/}"; }
pg_cluster_unit() { echo "postgresql@$(pg_cluster_version)-$(pg_cluster_name).service"; }
# Of this cluster as its superuser, over the socket.
pg_admin() { # DATABASE [psql arguments...]
  local database=$1
  shift
  (cd / && runuser -u postgres -- psql -X -q -v ON_ERROR_STOP=1 --cluster "$(setting PG_CLUSTER)" -d "$database" "$@" 9>&-)
}

# shellcheck disable=SC2034 # read by the scripts that source this
REDIS_UNIT=redis-server@ecommerce.service

# --- releases

release_in_use() { basename "$(readlink "$CURRENT")"; }
release_dir() { echo "$RELEASES_DIR/$1"; } # VERSION

# Points `current` at a release in one step: there is no moment without one.
use_release() { # VERSION
  [ -x "$(release_dir "$1")/bin/ecommerce" ] || die "release $1 is not in $RELEASES_DIR"
  ln -sfn "releases/$1" "$CURRENT.new" && mv -T "$CURRENT.new" "$CURRENT"
}

# --- processes

# Units are handed these files; systemd alone would not say which is missing. An empty one is there, and then not set.
need_secrets() {
  local name
  for name in $SHOP_SECRETS; do
    [ -e "$SECRETS_DIR/$name" ] ||
      die "$SECRETS_DIR/$name is missing: take it from a backup (deployment/restore.sh --files FOLDER), or run deployment/setup.sh, which makes a new one; nothing was changed"
  done
}

# Whether a server or the worker is up and takes requests or jobs.
installed_ready() { # NAME
  case $1 in
    worker) curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$(worker_metrics_port)/metrics" 2>/dev/null ;;
    *) curl -fsS -o /dev/null -m 2 "http://127.0.0.1:$(server_port "${1#server}")/readyz" 2>/dev/null ;;
  esac
}

# systemd waits for READY=1 itself (Type=notify); this also asks the port, and says why not.
wait_installed_ready() { # NAME SECONDS
  wait_until "$2" installed_ready "$1" && return 0
  journalctl -q -n 8 -o cat --no-pager -u "$(unit_of "$1")" 2>/dev/null | cut -c1-300 | sed 's/^/    /' >&2 || true
  return 1
}

# Where Nginx is asked from this machine, so that the shop is seen as the outside sees it.
shop_answers_here() { # [PATH]
  local url
  url=$(setting PUBLIC_URL)
  case $url in
    https://*) curl -fsSk -o /dev/null -m 5 --resolve "$(url_host "$url"):443:127.0.0.1" "https://$(url_host "$url")${1:-/}" 2>/dev/null ;;
    *) curl -fsS -o /dev/null -m 5 -H "Host: $(url_host "$url")" "http://127.0.0.1:$(setting HTTP_PORT 80)${1:-/}" 2>/dev/null ;;
  esac
}

url_host() { local rest=${1#*://}; rest=${rest%%/*}; echo "${rest%%:*}"; } # URL

# Runs a command of a release's binary as a unit of its own would: its user, its settings, its secrets, nothing of the caller's.
#   shop_command [-r VERSION] [-o] COMMAND...    -o: with the owner's database address too, for `migrate`
shop_command() {
  local version="" owner="" unit name secrets arguments=()
  while :; do
    case ${1:-} in
      -r) version=$2 && shift 2 ;;
      -o) owner=$OWNER_SECRET && shift ;;
      *) break ;;
    esac
  done
  version=${version:-$(release_in_use)}
  unit=ecommerce-command-$$-$RANDOM
  secrets="$SHOP_SECRETS $owner"
  for name in $secrets; do
    arguments+=(-p "LoadCredential=$name:$SECRETS_DIR/$name" "--setenv=${name^^}_FILE=/run/credentials/$unit.service/$name")
  done
  # A terminal is handed through, for the question after a password; otherwise the streams are.
  if [ -t 0 ] && [ -t 1 ]; then arguments+=(--pty); else arguments+=(--pipe); fi
  systemd-run --quiet --wait --collect --unit="$unit" --service-type=exec --working-directory=/ \
    -p "User=$SHOP_USER" -p "Group=$SHOP_USER" -p UMask=0027 -p "EnvironmentFile=$ENV_FILE" -p "RuntimeMaxSec=${COMMAND_SECONDS:-3600}" \
    -p NoNewPrivileges=yes -p ProtectSystem=strict -p ProtectHome=yes -p PrivateTmp=yes -p MemoryMax=1G \
    -p "ReadWritePaths=$OPT_DIR/media $OPT_DIR/mail $OPT_DIR/logs" "${arguments[@]}" \
    -- "$(release_dir "$version")/bin/ecommerce" "$@" 9>&-
}

# One run at a time of whatever changes this machine (setup, a release, a restore). The lock goes with the process.
take_machine_lock() { # WHAT
  mkdir -p "$STATE_DIR"
  exec 9>>"$STATE_DIR/lock"
  flock -n 9 || die "$(cat "$STATE_DIR/lock.by" 2>/dev/null || echo 'another run') is at work on this machine: wait for it to end"
  printf '%s (pid %s, since %s)\n' "$1" $$ "$(date +%H:%M:%S)" >"$STATE_DIR/lock.by"
}
