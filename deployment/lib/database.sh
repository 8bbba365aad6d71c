# shellcheck shell=bash
# The shop's PostgreSQL on an installed machine: a cluster of its own, so that its version, settings, backups and restores concern
# nobody else's databases. Needs ui.sh, processes.sh (port_taken), packages.sh (postgres_bin), installed.sh, managed.sh.

# Settings PG_CLUSTER (15/ecommerce) and PG_PORT say which; they are made on the first run and kept.
install_database() {
  choose_cluster
  create_cluster
  configure_cluster
  restart_on_failure "$(pg_cluster_unit)"
  systemctl enable -q postgresql.service
  # --uninstall left it resting.
  ! grep -qx manual "$(cluster_conf)/start.conf" || echo auto >"$(cluster_conf)/start.conf"
  start_cluster
  create_roles_and_database
}

# The newest PostgreSQL of this machine, and the first port from 5432 on that nobody has.
choose_cluster() {
  [ -z "$(setting PG_CLUSTER)" ] || return 0
  local port=5432 version
  version=$(basename "$(dirname "$(postgres_bin)")")
  while port_taken "$port" || pg_lsclusters -h 2>/dev/null | awk -v port="$port" '$3 == port { found = 1 } END { exit !found }'; do port=$((port + 1)); done
  set_setting PG_PORT "$port"
  # Last: this one says that the choice was made.
  set_setting PG_CLUSTER "$version/ecommerce"
}

cluster_conf() { echo "/etc/postgresql/$(setting PG_CLUSTER)"; }
cluster_exists() { pg_lsclusters -h | awk -v v="$1" -v n="$2" '$1 == v && $2 == n { found = 1 } END { exit !found }'; } # VERSION NAME

create_cluster() {
  local version name mark=$STATE_DIR/creating-cluster
  version=$(pg_cluster_version) name=$(pg_cluster_name)
  [ -x "/usr/lib/postgresql/$version/bin/postgres" ] || die "the shop's database was made by PostgreSQL $version, which this machine no longer has: apt-get install postgresql-$version"
  if [ -e "$mark" ]; then
    # Broken off in the middle: nothing was ever in it.
    pg_dropcluster --stop "$version" "$name" 2>/dev/null || true
    rm -rf "/var/lib/postgresql/$version/$name" "/etc/postgresql/$version/$name"
  elif cluster_exists "$version" "$name"; then
    return 0
  fi
  need_space /var/lib/postgresql 300 "a database"
  step "Creating the PostgreSQL cluster $version/$name on port $(setting PG_PORT)"
  touch "$mark"
  # Checksums: a disk that lies is noticed when a page is read.
  pg_createcluster "$version" "$name" --port "$(setting PG_PORT)" --locale C.UTF-8 --encoding UTF8 --start-conf auto -- --data-checksums >/dev/null ||
    die "pg_createcluster failed: what it says is above"
  rm -f "$mark"
  systemctl daemon-reload
}

# Apart from Debian's own file, so that both can be seen and a restored cluster takes it along.
configure_cluster() {
  local connections memory buffers=128MB
  connections=$((($(server_count) + 1) * $(setting DATABASE_POOL_SIZE 10) + 40))
  memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
  [ "$memory" -lt 3500 ] || buffers=256MB
  put_file "$(cluster_conf)/conf.d/ecommerce.conf" 0644 postgres:postgres <<CONF
# What the shop wants of its cluster; written by setup.sh. Your own settings belong in another file here, with a later name.

# Only this machine, over TCP with a password (pg_hba.conf is Debian's).
listen_addresses = 'localhost'
password_encryption = 'scram-sha-256'
# Each process of the shop holds DATABASE_POOL_SIZE; the rest is for migrations, listeners, backups and people.
max_connections = $connections
# A tenth of a small machine: the kernel's cache does the rest.
shared_buffers = $buffers
# Connections that died with their client are noticed.
client_connection_check_interval = '10s'
tcp_keepalives_idle = 60
# Statements over a second are told, without what people typed.
log_min_duration_statement = '1s'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
CONF
  if [ "$MANAGED_CHANGES" -gt 0 ] && systemctl is-active -q "$(pg_cluster_unit)" && [ -n "$(pg_pending_restart "$connections" "$buffers")" ]; then
    warn "max_connections or shared_buffers changed: they count after systemctl restart $(pg_cluster_unit) (the shop is away for a second or two)"
  fi
}

# What would only count after a restart.
pg_pending_restart() { # CONNECTIONS BUFFERS
  pg_admin postgres -Atc "SELECT 1 WHERE current_setting('max_connections')::int <> $1 OR pg_size_bytes(current_setting('shared_buffers')) <> pg_size_bytes('$2')"
}

start_cluster() {
  systemctl start "$(pg_cluster_unit)" || {
    tail -n 5 "/var/log/postgresql/postgresql-$(pg_cluster_version)-$(pg_cluster_name).log" 2>/dev/null | sed 's/^/    /' >&2
    die "PostgreSQL does not start: the end of its log is above"
  }
  wait_until 30 pg_isready -q -h 127.0.0.1 -p "$(setting PG_PORT)" || die "PostgreSQL does not answer on port $(setting PG_PORT)"
}

# The two roles and the database, each only if it is not there; a password only if the one in the secret does not open.
create_roles_and_database() {
  make_database_secret database_url ecommerce_user
  make_database_secret database_owner_url ecommerce_owner
  pg_admin postgres <<SQL
SELECT format('CREATE ROLE %I LOGIN', name) FROM unnest('{ecommerce_owner,ecommerce_user}'::text[]) AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \\gexec
SELECT 'CREATE DATABASE $DATABASE_NAME OWNER ecommerce_owner ENCODING ''UTF8'' LOCALE ''C.UTF-8'' TEMPLATE template0'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '$DATABASE_NAME') \\gexec
REVOKE ALL ON DATABASE $DATABASE_NAME FROM PUBLIC;
GRANT CONNECT ON DATABASE $DATABASE_NAME TO ecommerce_user;
SQL
  set_password_of ecommerce_user database_url
  set_password_of ecommerce_owner database_owner_url
}

make_database_secret() { # SECRET ROLE
  # Over loopback without TLS: whoever could listen there could read the database's files.
  make_secret "$1" "postgres://$2:$(random_text)@127.0.0.1:$(setting PG_PORT)/$DATABASE_NAME?sslmode=disable"
}

# The password goes by standard input: a command line could be read by every user of the machine.
set_password_of() { # ROLE SECRET
  local url password
  url=$(cat "$SECRETS_DIR/$2")
  if PGCONNECT_TIMEOUT=5 psql -XAtqc 'SELECT 1' "$url" >/dev/null 2>&1; then return 0; fi
  password=${url#*://*:} && password=${password%%@*}
  printf "ALTER ROLE %s PASSWORD '%s';\n" "$1" "$password" | pg_admin postgres
  PGCONNECT_TIMEOUT=5 psql -XAtqc 'SELECT 1' "$url" >/dev/null || die "$1 cannot sign in to the database with the password in $SECRETS_DIR/$2"
}
