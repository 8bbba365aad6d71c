# shellcheck shell=bash
# setup.sh --uninstall: what setup put into the system goes; the data stays unless it is told to go too. Packages stay: others may use them.

something_is_here() { [ -e "$ENV_FILE" ] || [ -d "$STATE_DIR" ] || [ -d "$OPT_DIR" ]; }

uninstall() {
  announce_uninstall
  agreed "Take the shop away?" "$([ "$ASK" = yes ] && echo no || echo yes)" || die "nothing was changed"
  step "Stopping and taking away the services"
  remove_units
  remove_site
  remove_cache_service
  rest_database
  close_firewall
  step "Taking away the program"
  rm -rf "$RELEASES_DIR" "$STATIC_UNION" "$RELEASES_HISTORY" "$CURRENT" "$CURRENT.new"
  if [ -n "$PURGE" ]; then purge_data; else
    [ ! -d "$(setting BACKUP_DIR /var/backups/ecommerce)" ] || say "The backups in $(setting BACKUP_DIR /var/backups/ecommerce) stay."
    say "The shop is gone. What stays: $ETC_DIR (settings, secrets), $OPT_DIR (pictures, logs, mails), the PostgreSQL cluster $(setting PG_CLUSTER) (stopped), /var/lib/redis/ecommerce."
    say "setup.sh brings it back with all of it; setup.sh --uninstall --purge-data deletes it."
  fi
}

announce_uninstall() {
  say "Takes away: the servers, the worker, the shop's Redis, its site in Nginx, its releases."
  if [ -n "$PURGE" ]; then
    say "Deletes the data too, for good: database $DATABASE_NAME ($(setting PG_CLUSTER)), pictures, mails, logs, settings, secrets."
  else
    say "Keeps the data: the database (its cluster is stopped), pictures, logs, settings and secrets."
  fi
  say "Packages (PostgreSQL, Redis, Nginx) stay installed."
}

remove_units() {
  local unit
  for unit in /etc/systemd/system/ecommerce-*.service /etc/systemd/system/ecommerce-*.timer /etc/systemd/system/ecommerce.target; do
    [ -e "$unit" ] || continue
    systemctl disable -q --now "$(basename "$unit")" 2>/dev/null || true
    rm -f "$unit" "$unit.ecommerce-new"
    rm -rf "$unit.d"
  done
  rm -rf /etc/systemd/system/ecommerce.target.wants
  for unit in nginx.service "$(pg_cluster_unit)"; do
    rm -f "/etc/systemd/system/$unit.d/ecommerce.conf"
    rmdir "/etc/systemd/system/$unit.d" 2>/dev/null || true
  done
  rm -f /etc/logrotate.d/ecommerce /etc/logrotate.d/ecommerce.ecommerce-new /usr/local/bin/ecommerce
  systemctl daemon-reload
  systemctl reset-failed 'ecommerce*' 2>/dev/null || true
}

remove_site() {
  rm -f "$SITE_FILE" "$SITE_FILE.ecommerce-new"
  untune_nginx
  enable_default_site
  # It ran for the shop alone: then it rests again.
  if [ -e "$STATE_DIR/nginx-enabled" ] && [ -z "$(find "$NGINX_DIR/conf.d" "$NGINX_DIR/sites-enabled" ! -type d ! -path "$DEFAULT_SITE" 2>/dev/null)" ]; then
    systemctl disable -q --now nginx.service 2>/dev/null || true
    rm -f "$STATE_DIR/nginx-enabled"
  fi
  ! systemctl is-active -q nginx.service || systemctl reload nginx.service || warn "Nginx does not take its configuration without the shop: nginx -t says why"
}

remove_cache_service() {
  systemctl disable -q --now "$REDIS_UNIT" 2>/dev/null || true
  rm -f "$REDIS_CONF" "$REDIS_CONF.ecommerce-new"
}

# The cluster stays with its data, and does not start by itself.
rest_database() {
  local cluster
  cluster=$(setting PG_CLUSTER)
  [ -n "$cluster" ] && has pg_ctlcluster && [ -d "/etc/postgresql/$cluster" ] || return 0
  systemctl stop "$(pg_cluster_unit)" || true
  echo manual >"/etc/postgresql/$cluster/start.conf"
  systemctl daemon-reload
}

# The one in use and what restores left beside it: the name is the shop's. Debian's tool leaves files that it does not know.
drop_clusters() {
  local version name
  has pg_lsclusters || return 0
  while read -r version name; do
    pg_dropcluster --stop "$version" "$name" 2>/dev/null || true
    rm -rf "/etc/postgresql/$version/$name" "/var/lib/postgresql/$version/$name"
  done < <(pg_lsclusters -h | awk '$2 ~ /^ecommerce/ { print $1, $2 }')
}

purge_data() {
  local cluster
  cluster=$(setting PG_CLUSTER)
  step "Deleting the data"
  drop_clusters
  rm -rf "$OPT_DIR" "$ETC_DIR" /etc/pgbackrest/ecommerce.conf /var/lib/redis/ecommerce /var/log/redis/redis-server-ecommerce.log*
  rm -f /var/log/nginx/ecommerce_access.log* /var/log/nginx/ecommerce_error.log* "/var/log/postgresql/postgresql-${cluster%%/*}-ecommerce.log"*
  ! getent passwd "$SHOP_USER" >/dev/null || userdel "$SHOP_USER" 2>/dev/null || true
  ! getent group "$SHOP_USER" >/dev/null || groupdel "$SHOP_USER" 2>/dev/null || true
  rm -rf "$STATE_DIR"
  say "The shop and its data are gone."
}
