# shellcheck shell=bash
# Restoring: into a fresh cluster beside the one in use, so that nothing is lost by a wrong time; then a switch of the two.
# Needs ui.sh, processes.sh (port_taken), installed.sh, backup.sh; for the switch database.sh and operate.sh.

# A time as a person wrote it, as seconds in WANTED_SECONDS; refused if it cannot be restored to.
want_time() { # TIME|latest
  local wanted first
  WANTED_SECONDS=$(date +%s)
  [ "$1" != latest ] || return 0
  wanted=$(date -d "$1" +%s 2>/dev/null) || die "--to '$1': is no time; write it like \"2026-11-22 14:05:00\""
  [ "$wanted" -le "$(date +%s)" ] || die "--to '$1': is in the future"
  first=$(backrest info --output=json 2>/dev/null | grep -o '"timestamp":{"start":[0-9]*,"stop":[0-9]*}' | head -n 1 | grep -o '[0-9]*}$' | tr -d '}') || true
  [ -n "$first" ] || die "there is no backup yet: deployment/backup.sh run"
  [ "$wanted" -ge "$first" ] || die "--to '$1': the oldest backup was finished at $(date -d "@$first" '+%Y-%m-%d %H:%M:%S'), and there is no way to before it"
  WANTED_SECONDS=$wanted
}

# Restores into a cluster of its own; its name is then in RESTORED (15/ecommerce_r20261122140500), its port in RESTORED_PORT.
restore_beside() { # TIME|latest
  local version name data port=5440 options=(--type=default) conf
  need_backup
  want_time "$1"
  version=$(pg_cluster_version) name=ecommerce_r$(date +%Y%m%d%H%M%S)
  data=/var/lib/postgresql/$version/$name
  while port_taken "$port" || pg_lsclusters -h | awk -v port="$port" '$3 == port { found = 1 } END { exit !found }'; do port=$((port + 1)); done
  need_space /var/lib/postgresql "$(($(backrest info --output=json | grep -o '"size":[0-9]*' | cut -d: -f2 | sort -n | tail -n 1 || echo 0) / 1048576 + 300))" "the restored database"
  hand_over_the_rest
  step "Restoring into a fresh cluster, $version/$name on port $port"
  pg_createcluster "$version" "$name" --port "$port" --start-conf manual >/dev/null
  trap 'drop_restored "$version" "$name"' EXIT
  # shellcheck disable=SC2034 # read by restore.sh and the drill
  RESTORED=$version/$name RESTORED_PORT=$port
  # Its settings are those of the cluster in use: recovery wants at least as many connections as there were.
  conf=/etc/postgresql/$(setting PG_CLUSTER)
  if [ -d "$conf/conf.d" ]; then cp -p "$conf"/conf.d/* "/etc/postgresql/$RESTORED/conf.d/" 2>/dev/null || true; fi
  if [ -e "$conf/pg_hba.conf" ]; then cp -p "$conf/pg_hba.conf" "/etc/postgresql/$RESTORED/pg_hba.conf"; fi
  rm -rf "${data:?}"/*
  [ "$1" = latest ] || options=(--type=time "--target=$(date -u -d "@$WANTED_SECONDS" '+%Y-%m-%d %H:%M:%S+00')" --target-action=promote)
  # It must not write into the archive that it is made from, until it is in use.
  backrest "${options[@]}" --pg1-path="$data" --archive-mode=off restore || die "pgBackRest could not restore: what it says is above"
  systemctl start "postgresql@$version-$name.service" 2>/dev/null || restored_ended
  wait_until 3600 restored_is_open || restored_ended
  trap - EXIT
}

restored_sql() { (cd / && runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 --cluster "$RESTORED" -d "$DATABASE_NAME" -c "$1" 9>&-); }
restored_is_open() {
  systemctl is-active -q "postgresql@${RESTORED/\//-}.service" || restored_ended
  [ "$(restored_sql 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]
}

# It ended while it recovered, or does not come to an end.
restored_ended() {
  local log=/var/log/postgresql/postgresql-${RESTORED/\//-}.log
  ! grep -q 'recovery ended before configured recovery target' "$log" || die "the archive ends before that time: --latest restores all there is"
  tail -n 8 "$log" >&2
  die "the restored cluster does not open: the end of its log is above"
}

# Where the cluster in use still answers, what it has not archived yet goes there first: otherwise the last minute would be missing, and a
# time to which nothing was written later could not be told from one that was lost.
hand_over_the_rest() {
  local piece
  [ "$(pg_admin postgres -Atc 'SHOW archive_mode' 2>/dev/null)" = on ] || return 0
  piece=$(pg_admin postgres -At -c 'SELECT pg_current_xact_id()' -c 'SELECT pg_walfile_name(pg_switch_wal())' 2>/dev/null | tail -n 1) || return 0
  wait_until 60 archived "$piece" || warn "PostgreSQL does not archive its last changes: they will be missing"
}
archived() { [ "$(pg_admin postgres -Atc "SELECT last_archived_wal >= '$1' FROM pg_stat_archiver")" = t ]; } # WAL-FILE

drop_restored() { # VERSION NAME
  pg_dropcluster --stop "$1" "$2" >/dev/null 2>&1 || true
  # Debian's tool leaves files that it does not know.
  case $2 in ecommerce_r*) rm -rf "/etc/postgresql/$1/$2" "/var/lib/postgresql/$1/$2" ;; esac
  systemctl daemon-reload || true
}

# What is in it, beside what is in the one in use.
compare_in_words() {
  local statement="SELECT (SELECT count(*) FROM orders) || ' orders, the last at ' || coalesce((SELECT max(placed_at)::timestamp(0)::text FROM orders), '-')
    || '; ' || (SELECT count(*) FROM users) || ' people, ' || (SELECT count(*) FROM products) || ' products'"
  say "  restored   $(restored_sql "$statement")"
  say "  in use     $(pg_admin "$DATABASE_NAME" -Atc "$statement" 2>/dev/null || echo 'does not answer')"
  say "  last change in it at $(restored_sql "SELECT coalesce(pg_last_xact_replay_timestamp()::timestamp(0)::text, 'the backup itself')")"
  [ "$(restored_sql "$STOCK_FAULTS")" = 0 ] || warn "the stock ledger of the restored database does not explain every level"
}

# Variants whose level is not the sum of their ledger.
STOCK_FAULTS="SELECT count(*) FROM stock_levels l LEFT JOIN
  (SELECT variant_id, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved FROM stock_ledger GROUP BY 1) g USING (variant_id)
  WHERE (l.on_hand, l.reserved) IS DISTINCT FROM (coalesce(g.on_hand, 0), coalesce(g.reserved, 0))"

restore_and_switch() { # TIME|latest ask|switch|beside
  local answer began=$SECONDS
  restore_beside "$1"
  say "Restored in $((SECONDS - began)) s."
  compare_in_words
  if [ "$2" = ask ] && [ -t 0 ]; then
    read -r -p "Switch the shop to it? What is only in the one in use is then no longer in the shop. [y/N] " answer
    case ${answer,,} in y | yes) set -- "$1" switch ;; esac
  fi
  if [ "$2" = switch ]; then
    switch_cluster "$RESTORED"
    say "The whole took $((SECONDS - began)) s."
  else
    say "It runs beside: psql --cluster $RESTORED $DATABASE_NAME (as postgres). Switch: $PROGRAM --switch-to $RESTORED. Away: pg_dropcluster --stop ${RESTORED/\// }"
  fi
}

# Puts another cluster in the place of the one in use: its port, its start at boot, its archive. The shop is away for some seconds.
switch_cluster() { # VERSION/NAME
  local old new=$1 port spare began=$SECONDS
  old=$(setting PG_CLUSTER) port=$(setting PG_PORT 5432)
  [ -f "/etc/postgresql/$new/postgresql.conf" ] || die "there is no cluster $new: pg_lsclusters"
  [ "$new" != "$old" ] || die "$new is in use already"
  spare=$(pg_conftool -s "${new%%/*}" "${new#*/}" show port)
  step "Switching from $old to $new: the shop is away for some seconds"
  # shellcheck disable=SC2046 # a word a unit
  systemctl stop $(shop_names | sed 's/^/ecommerce-/; s/$/.service/')
  stop_cluster "$old"
  stop_cluster "$new"
  if [ -d "/etc/postgresql/$old" ]; then
    pg_conftool "${old%%/*}" "${old#*/}" set port "$spare"
    echo manual >"/etc/postgresql/$old/start.conf"
  fi
  pg_conftool "${new%%/*}" "${new#*/}" set port "$port"
  echo auto >"/etc/postgresql/$new/start.conf"
  # What kept it out of the archive while it was beside.
  sed -i '/^archive_mode/d' "/var/lib/postgresql/$new/postgresql.auto.conf"
  systemctl daemon-reload
  set_setting PG_CLUSTER "$new"
  if backup_is_set_up; then write_backrest_conf; fi
  systemctl start "postgresql@${new/\//-}.service" || die "$new does not start: tail /var/log/postgresql/postgresql-${new/\//-}.log. Back: $PROGRAM --switch-to $old"
  wait_until 60 pg_isready -q -h 127.0.0.1 -p "$port" || die "$new does not answer. Back: $PROGRAM --switch-to $old"
  # Its roles have the passwords of their time.
  set_password_of ecommerce_user database_url
  set_password_of ecommerce_owner database_owner_url
  # It may be older than a release since.
  shop_command -o migrate >&2
  installed_start
  say "The shop runs on $new, after $((SECONDS - began)) s away. $old stays on the disk, stopped: back with $PROGRAM --switch-to $old, away with pg_dropcluster ${old/\// }"
  # The new history begins with a backup of its own.
  if backup_is_set_up; then systemctl start --no-block ecommerce-backup.service || true; fi
}

stop_cluster() { systemctl stop "postgresql@${1/\//-}.service" 2>/dev/null || true; } # VERSION/NAME

# Every month by a timer: a backup that was never restored is none.
restore_drill() {
  local began=$SECONDS folder trouble=""
  need_root
  need_backup
  restore_beside latest
  say "  the database was restored in $((SECONDS - began)) s; last change in it at $(restored_sql "SELECT coalesce(pg_last_xact_replay_timestamp()::timestamp(0)::text, 'the backup itself')")"
  trouble=$(compare_with_running)
  drop_restored "${RESTORED%%/*}" "${RESTORED#*/}"
  folder=$(mktemp -d "$(backup_dir)/.drill.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$folder'" EXIT
  restore_files "$folder" "$(date +%s)"
  trouble+=$(compare_files "$folder")
  if [ -n "$trouble" ]; then
    note_drill failed
    die "the restored data is not what it should be:$trouble"
  fi
  note_drill ok
  say "The newest backup was restored and is what it should be, in $((SECONDS - began)) s."
}

# What never changes once it is written must be the same in both, as far as the restored one goes.
compare_with_running() {
  local table statement mine theirs
  for table in orders order_lines order_events stock_ledger; do
    statement="SELECT count(*) || ' ' || coalesce(sum(hashtext(t.id::text)), 0) FROM $table t WHERE id <= $(restored_sql "SELECT coalesce(max(id), 0) FROM $table")"
    mine=$(restored_sql "$statement") theirs=$(pg_admin "$DATABASE_NAME" -Atc "$statement")
    if [ "$mine" = "$theirs" ]; then say "  $table: ${mine%% *} rows, the same as in use"; else printf ' %s: %s restored, %s in use;' "$table" "$mine" "$theirs"; fi
  done
  [ "$(restored_sql "$STOCK_FAULTS")" = 0 ] || printf ' the stock ledger does not explain every level;'
}

# Pictures that are in the backup are byte for byte those in use; settings and secrets are there.
compare_files() { # FOLDER
  local differing
  differing=$(diff -rq "$1$OPT_DIR/media" "$OPT_DIR/media" 2>/dev/null | grep -v "^Only in $OPT_DIR/media" | head -n 3 || true)
  [ -z "$differing" ] || printf ' pictures differ: %s;' "$(tr '\n' ' ' <<<"$differing")"
  [ -s "$1$ENV_FILE" ] && [ -s "$1$SECRETS_DIR/secret_key" ] || printf ' settings or secrets are missing in the backup;'
  say "  $(find "$1" -type f | wc -l) pictures, settings and secrets unpacked"
}
