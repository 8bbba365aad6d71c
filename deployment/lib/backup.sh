# shellcheck shell=bash
# Backups: pgBackRest keeps base backups and every piece of the write-ahead log, encrypted; pictures, settings and secrets go beside it as
# encrypted archives. Redis is not part of it: sessions and limits may be lost. Needs ui.sh, packages.sh, installed.sh, managed.sh.

STANZA=ecommerce
BACKREST_CONF=${INSTALL_PREFIX:-}/etc/pgbackrest/ecommerce.conf
BACKUP_STATE=$STATE_DIR/backup       # when the last ones were made: read by ecommerce doctor
PASSPHRASE=$SECRETS_DIR/backup_passphrase
FILES_SNAPSHOT=$STATE_DIR/backup-files.snar

backup_dir() { setting BACKUP_DIR /var/backups/ecommerce; }
files_dir() { echo "$(backup_dir)/files"; }
cluster_data() { echo "/var/lib/postgresql/$(setting PG_CLUSTER)"; }
backrest() { (cd / && runuser -u postgres -- pgbackrest --config="$BACKREST_CONF" --stanza=$STANZA "$@" 9>&-); }
backup_is_set_up() { [ -s "$BACKREST_CONF" ] && [ -s "$PASSPHRASE" ]; }
need_backup() { shop_is_installed || die "no shop is installed on this machine"; backup_is_set_up || die "backups are not set up: $PROGRAM setup"; }

# --- setting up

backup_setup() {
  need_root
  shop_is_installed || die "no shop is installed on this machine: deployment/setup.sh"
  install_backrest
  make_backup_folders
  [ -s "$PASSPHRASE" ] || (umask 077 && od -An -tx1 -N32 /dev/urandom | tr -d ' \n' >"$PASSPHRASE.new" && mv "$PASSPHRASE.new" "$PASSPHRASE")
  write_backrest_conf
  backrest stanza-create >/dev/null || die "the backup folder $(backup_dir) cannot be used: what pgBackRest says is above"
  archive_on
  backrest check >/dev/null || die "PostgreSQL does not archive to $(backup_dir): what pgBackRest says is above"
  install_backup_units
  say "Backups go to $(backup_dir): every night, and the log of changes within a minute."
  say "Keep a copy of $PASSPHRASE off this machine: without it no backup can be read, and with the machine lost it is lost too."
  case $(backup_dir) in
    /mnt/* | /media/* | /srv/*) ;;
    *) [ "$(stat -c %d "$(backup_dir)")" != "$(stat -c %d /var/lib/postgresql)" ] || warn "$(backup_dir) lies on the database's own disk: mount another one there (or set BACKUP_DIR), or copy the folder away; RUNBOOK.md says how" ;;
  esac
}

# The backups of a shop whose machine is lost, on a new one: read, not written, until the restored database is in use.
backup_adopt() {
  need_root
  shop_is_installed || die "no shop is installed on this machine: deployment/setup.sh"
  [ -s "$PASSPHRASE" ] || die "$PASSPHRASE: put the pass phrase of the backups there"
  [ -d "$(backup_dir)/postgres/backup" ] || die "there are no backups in $(backup_dir)"
  install_backrest
  chmod 0600 "$PASSPHRASE"
  chown -R postgres:postgres "$(backup_dir)/postgres"
  make_backup_folders
  write_backrest_conf
  [ -n "$(backup_labels)" ] || die "the backups in $(backup_dir) cannot be read: is $PASSPHRASE the pass phrase they were made with?"
  say "The backups in $(backup_dir) can be read. Now: deployment/restore.sh --latest --yes, then $PROGRAM setup"
}

install_backrest() {
  ! has pgbackrest || return 0
  step "Installing pgBackRest"
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends pgbackrest >/dev/null 2>&1 9>&- || die "pgbackrest could not be installed: apt-get install pgbackrest says why"
}

make_backup_folders() {
  install -d -m 0755 "$(backup_dir)"
  install -d -m 0750 -o postgres -g postgres "$(backup_dir)/postgres"
  install -d -m 0700 "$(files_dir)"
  install -d -m 0750 -o root -g postgres "$(dirname "$BACKREST_CONF")"
}

# pgBackRest's settings; the pass phrase in them is why only root and postgres may read it.
write_backrest_conf() {
  local new=$BACKREST_CONF.new
  (
    umask 027
    cat >"$new" <<CONF
# Written by deployment/backup.sh from $ENV_FILE and $PASSPHRASE.
[global]
repo1-path=$(backup_dir)/postgres
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=$(cat "$PASSPHRASE")
# Weekly full ones; what hangs on them goes with them.
repo1-retention-full=$(setting BACKUP_WEEKS 4)
# Many small files in one: fewer of them, and a quicker restore.
repo1-bundle=y
compress-type=zst
process-max=2
# A backup begins at once and not at the next checkpoint.
start-fast=y
log-level-console=warn
log-level-file=info

[$STANZA]
pg1-path=$(cluster_data)
pg1-port=$(setting PG_PORT 5432)
CONF
  )
  chown root:postgres "$new" && chmod 0640 "$new" && mv "$new" "$BACKREST_CONF"
}

# PostgreSQL hands each piece of its log over. A change of archive_mode counts after a restart of it: a second or two, said before.
archive_on() {
  put_file "/etc/postgresql/$(setting PG_CLUSTER)/conf.d/ecommerce-backup.conf" 0644 postgres:postgres <<CONF
# Written by deployment/backup.sh: every piece of the write-ahead log goes to the backup, at the latest after a minute.
archive_mode = on
archive_command = 'pgbackrest --config=$BACKREST_CONF --stanza=$STANZA archive-push %p'
archive_timeout = 60
CONF
  pg_admin postgres -Atc 'SELECT pg_reload_conf()' >/dev/null
  if [ "$(pg_admin postgres -Atc 'SHOW archive_mode')" != on ]; then
    step "Restarting PostgreSQL, which then archives (the shop answers again by itself)"
    systemctl restart "$(pg_cluster_unit)"
    wait_until 60 pg_isready -q -h 127.0.0.1 -p "$(setting PG_PORT 5432)" || die "PostgreSQL does not answer after its restart"
  fi
}

install_backup_units() {
  local unit text hardening
  hardening=$(cat "$ROOT/systemd/backup-hardening.conf")
  for unit in ecommerce-backup.service ecommerce-backup.timer ecommerce-restore-drill.service ecommerce-restore-drill.timer; do
    # Not through a pipe: put_file counts what it changes.
    text=$(render_template "$ROOT/systemd/$unit" "HARDENING=$hardening" "BACKUP_DIR=$(backup_dir)")
    put_file "/etc/systemd/system/$unit" 0644 root:root <<<"$text"
  done
  systemctl daemon-reload
  systemctl enable -q --now ecommerce-backup.timer ecommerce-restore-drill.timer
}

# --- making one

# Full once a week, and what changed since on the other days.
backup_run() { # [full|incr]
  local kind=${1:-} began=$SECONDS
  need_root
  need_backup
  exec 8>>"$STATE_DIR/backup.lock"
  flock -n 8 || die "another backup is at work: wait for it to end"
  [ -n "$kind" ] || kind=$(due_kind)
  case $kind in full | incr) ;; *) die "run takes full or incr" ;; esac
  need_space "$(backup_dir)" "$(($(du -sm "$(cluster_data)" | cut -f1) / 2 + 200))" "a backup"
  step "Backing up the database ($kind)"
  backrest --type="$kind" backup || { note_backup failed; die "the database was not backed up: what pgBackRest says is above"; }
  step "Backing up pictures, settings and secrets ($kind)"
  backup_files "$kind" || { note_backup failed; die "pictures, settings and secrets were not backed up"; }
  note_backup ok
  say "Backed up in $((SECONDS - began)) s; $(backup_dir) holds $(du -sh "$(backup_dir)" | cut -f1)."
}

due_kind() {
  local last
  last=$(backup_labels | grep 'F$' | tail -n 1)
  [ -n "$last" ] && [ -n "$(latest_files_set)" ] && [ "$(date -d "${last:0:8} +7 days" +%s)" -gt "$(($(date +%s) + 3600))" ] && echo incr || echo full
}

# 20261122-023001F, 20261122-023001F_20261123-023001I, …, oldest first
backup_labels() { backrest info --output=json 2>/dev/null | grep -o '"label":"[0-9F_ID-]*"' | cut -d'"' -f4 || true; }

# Pictures never change once written, so an increment holds the new ones. Encrypted with the same pass phrase; whole or not there.
backup_files() { # full|incr
  local set number file paths=()
  if [ "$1" = full ]; then
    set=$(files_dir)/$(date -u +%Y%m%dT%H%M%SZ)
    rm -f "$FILES_SNAPSHOT"
    install -d -m 0700 "$set"
  else
    set=$(latest_files_set)
  fi
  cp "$FILES_SNAPSHOT" "$FILES_SNAPSHOT.new" 2>/dev/null || rm -f "$FILES_SNAPSHOT.new"
  number=$(find "$set" -name '*.tar.enc' | wc -l)
  file=$set/$(printf '%03d' "$number")-$(date -u +%Y%m%dT%H%M%SZ).tar.enc
  for path in "$OPT_DIR/media" "$ETC_DIR"; do [ ! -e "$path" ] || paths+=("${path#/}"); done
  tar -C / --listed-incremental="$FILES_SNAPSHOT.new" --warning=no-file-changed --warning=no-file-removed -cf - "${paths[@]}" 2>/dev/null |
    openssl enc -aes-256-cbc -pbkdf2 -pass "file:$PASSPHRASE" -out "$file.new" || return 1
  (cd "$set" && sha256sum "$(basename "$file.new")" | sed 's/\.new$//' >"$file.sha256")
  mv "$file.new" "$file" && mv "$FILES_SNAPSHOT.new" "$FILES_SNAPSHOT"
  # As many sets as there are weeks.
  find "$(files_dir)" -mindepth 1 -maxdepth 1 -type d | sort | head -n "-$(setting BACKUP_WEEKS 4)" | while read -r set; do rm -rf "$set"; done
}

latest_files_set() { find "$(files_dir)" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort | tail -n 1; }

# For doctor, which runs as the shop's user: when, and whether it went well.
note_backup() { printf '%s %s\n' "$(date +%s)" "$1" >"$BACKUP_STATE.new" && chmod 0644 "$BACKUP_STATE.new" && mv "$BACKUP_STATE.new" "$BACKUP_STATE"; }
note_drill() { printf '%s %s\n' "$(date +%s)" "$1" >"$BACKUP_STATE-drill.new" && chmod 0644 "$BACKUP_STATE-drill.new" && mv "$BACKUP_STATE-drill.new" "$BACKUP_STATE-drill"; }

backup_list() {
  need_root
  need_backup
  backrest info
  say "pictures, settings, secrets:"
  find "$(files_dir)" -name '*.tar.enc' -printf '  %P  %k kB\n' | sort >&2
}

# --- reading them

# Unpacks pictures, settings and secrets as they were at a time into a folder; what is damaged is refused before anything is written.
restore_files() { # FOLDER SECONDS-SINCE-1970
  local set="" one file at files=()
  while read -r one; do
    at=$(stamp_seconds "$(basename "$one")")
    [ "$at" -gt "$2" ] || set=$one
  done < <(find "$(files_dir)" -mindepth 1 -maxdepth 1 -type d | sort)
  [ -n "$set" ] || die "there is no backup of pictures and settings from before that time in $(files_dir)"
  while read -r file; do
    at=${file##*/}
    at=$(stamp_seconds "${at:4:16}")
    [ "$at" -gt "$2" ] || files+=("$file")
  done < <(find "$set" -name '*.tar.enc' | sort)
  for file in "${files[@]}"; do (cd "$set" && sha256sum --quiet -c "$file.sha256" >/dev/null 2>&1) || die "$file is damaged"; done
  install -d -m 0700 "$1"
  for file in "${files[@]}"; do
    openssl enc -d -aes-256-cbc -pbkdf2 -pass "file:$PASSPHRASE" -in "$file" | tar -C "$1" --listed-incremental=/dev/null -xpf - || die "$file cannot be read: is $PASSPHRASE the pass phrase it was made with?"
  done
}

stamp_seconds() { date -u -d "${1:0:4}-${1:4:2}-${1:6:2} ${1:9:2}:${1:11:2}:${1:13:2}" +%s; } # 20261122T023001Z
