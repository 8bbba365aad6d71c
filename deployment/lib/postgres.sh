# shellcheck shell=bash
# A PostgreSQL of our own: no TCP, one socket in a folder that only its user (and root) may enter. That is why "trust" is
# enough of a key: whoever reaches the socket could read the data files as well.

PG_SOCKET=5432 # a private socket has a number in its name; not the setting PG_PORT, which is an installed machine's

# Runs a command as the user the database belongs to. PostgreSQL refuses to run as root; Debian's package made `postgres`.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && exec runuser -u postgres -- "$@" 9>&-); else "$@" 9>&-; fi
}

# Chooses PG_HOME: under VAR_DIR where its user can reach it and the socket's path fits the kernel's 107 bytes,
# else a folder under /var/lib. Kept, so that a later chmod does not lose the data from sight.
postgres_choose_home() {
  local near=$VAR_DIR/postgres far
  if [ -s "$VAR_DIR/postgres.home" ]; then
    PG_HOME=$(cat "$VAR_DIR/postgres.home")
    return 0
  fi
  PG_HOME=$near
  if ! socket_fits "$near" || ! as_postgres test -x "$VAR_DIR" 2>/dev/null; then
    far=/var/lib/ecommerce-$(printf '%s' "$VAR_DIR" | sha256sum | cut -c1-12)
    PG_HOME=$far
  fi
  echo "$PG_HOME" >"$VAR_DIR/postgres.home"
}

socket_fits() { [ $((${#1} + $(printf '/.s.PGSQL.%s' "$PG_SOCKET" | wc -c))) -le 107 ]; }

postgres_create() {
  [ ! -s "$PG_HOME/data/PG_VERSION" ] || return 0
  step "Creating a private PostgreSQL in $PG_HOME"
  local owner
  owner=$(id -un)
  [ "$(id -u)" != 0 ] || owner=postgres
  case $PG_HOME in
    "$VAR_DIR"/*) install -d -m 0700 "$PG_HOME" && { [ "$(id -u)" != 0 ] || chown postgres: "$PG_HOME"; } ;;
    *) as_root install -d -m 0700 -o "$owner" "$PG_HOME" ;;
  esac
  # One that broke off half-way has no PG_VERSION or no data: begin anew.
  as_postgres rm -rf "$PG_HOME/data.new"
  as_postgres "$PG_BIN/initdb" -D "$PG_HOME/data.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >>"$LOG_DIR/postgres.log" 2>&1 ||
    { process_tail "$LOG_DIR/postgres.log"; die "initdb failed: the end of $LOG_DIR/postgres.log is above"; }
  as_postgres mv "$PG_HOME/data.new" "$PG_HOME/data"
}

postgres_start() {
  PG_BIN=$(postgres_bin)
  postgres_choose_home
  ! process_alive postgres || return 0
  # Ours all the same if only the note of its pid was lost.
  if postgres_ready; then postgres_adopt && return 0; fi
  need_space "$(dirname "$PG_HOME")" 300 "a database"
  rotate_log "$LOG_DIR/postgres.log" || true
  postgres_create
  postgres_check_version
  step "Starting PostgreSQL"
  # fsync and the like stay on here: the drills are about what survives. Tests switch them off (PG_OPTIONS).
  as_postgres "$PG_BIN/pg_ctl" start -s -w -t 60 -D "$PG_HOME/data" \
    -o "-c listen_addresses='' -k '$PG_HOME' -p $PG_SOCKET -c unix_socket_permissions=0700 -c max_connections=200 ${PG_OPTIONS:-}" \
    </dev/null >>"$LOG_DIR/postgres.log" 2>&1 ||
    { process_tail "$LOG_DIR/postgres.log"; die "PostgreSQL did not start: the end of $LOG_DIR/postgres.log is above"; }
  postgres_adopt || die "PostgreSQL ended while starting: see $LOG_DIR/postgres.log"
}

postgres_adopt() { process_save postgres "$(as_postgres head -n 1 "$PG_HOME/data/postmaster.pid")"; }

# A cluster belongs to one major version; the machine may have got a newer one since.
postgres_check_version() {
  local cluster
  cluster=$(as_postgres cat "$PG_HOME/data/PG_VERSION")
  [ -x "/usr/lib/postgresql/$cluster/bin/postgres" ] ||
    die "the database in $PG_HOME was made by PostgreSQL $cluster, which this machine no longer has: install postgresql-$cluster"
  PG_BIN=/usr/lib/postgresql/$cluster/bin
}

# Fast shutdown: transactions are rolled back, the rest is written; after the bound the next start recovers from the log.
postgres_stop() { process_stop postgres INT 30; }

postgres_ready() { "$(postgres_bin)/pg_isready" -q -h "$PG_HOME" -p "$PG_SOCKET"; }

# psql as the superuser of our own cluster.
postgres_sql() { # DATABASE [psql arguments...]
  local database=$1
  shift
  "$(postgres_bin)/psql" -X -q -v ON_ERROR_STOP=1 -h "$PG_HOME" -p "$PG_SOCKET" -U postgres -d "$database" "$@"
}

# An address of a database for a role; the folder of the socket stands percent-encoded where a host would.
postgres_url() { # ROLE DATABASE
  local folder=${PG_HOME//%/%25}
  folder=${folder//\//%2F}
  printf 'postgres://%s@%s:%s/%s' "$1" "${folder// /%20}" "$PG_SOCKET" "$2"
}

# The two roles and the database. The owner migrates, and with that gives the application's role its rights, DDL not among them.
postgres_create_database() {
  [ -z "$(postgres_sql postgres -Atc "SELECT 1 FROM pg_database WHERE datname = 'ecommerce_db'")" ] || return 0
  postgres_sql postgres <<'SQL'
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest('{ecommerce_owner,ecommerce_user}'::text[]) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
CREATE DATABASE ecommerce_db OWNER ecommerce_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
REVOKE ALL ON DATABASE ecommerce_db FROM PUBLIC;
GRANT CONNECT ON DATABASE ecommerce_db TO ecommerce_user;
SQL
}
