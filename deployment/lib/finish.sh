# shellcheck shell=bash
# The end of an installation: the first administrator, a look at everything, and what to know. Needs ui.sh, installed.sh, operate.sh, site.sh.

has_administrator() {
  [ -n "$(pg_admin "$DATABASE_NAME" -Atc "SELECT 1 FROM user_roles WHERE role = 'administrator' LIMIT 1")" ]
}

# By the options, or by questions; an unattended installation without them says how to make one.
first_administrator() {
  ADMIN_SAYS=""
  if [ -n "$ADMIN" ]; then
    # Named by an option: made unless the account is there (a second run, or the demo shop's own beside it).
    [[ $ADMIN =~ ^[A-Za-z0-9._-]+$ ]] || { warn "--admin $ADMIN: letters, digits, dots, - and _; no administrator was made"; return 0; }
    [ -z "$(pg_admin "$DATABASE_NAME" -Atc "SELECT 1 FROM users WHERE lower(username::text) = lower('$ADMIN')")" ] || return 0
  elif has_administrator; then return 0; fi
  if [ -z "$ADMIN" ] && [ "$ASK" = yes ]; then
    agreed "Make the first administrator now?" yes || return 0
    ADMIN=$(question "  Name to sign in with" admin)
    ADMIN_EMAIL=$(question "  Mail address" "admin@$DOMAIN")
    shop_command admin create --username "$ADMIN" --email "$ADMIN_EMAIL" || warn "no administrator yet: sudo ecommerce admin create --username NAME --email ADDRESS"
    return 0
  fi
  [ -n "$ADMIN" ] || return 0
  local password log=$STATE_DIR/setup.log
  if [ -n "$ADMIN_PASSWORD_FILE" ]; then password=$(head -n 1 "$ADMIN_PASSWORD_FILE"); else password=$(random_text | cut -c1-20); fi
  printf '%s\n' "$password" | shop_command admin create --username "$ADMIN" --email "$ADMIN_EMAIL" >"$log" 2>&1 || { warn "no administrator yet: $(tail -n 1 "$log")"; return 0; }
  ADMIN_SAYS="  administrator    $ADMIN$([ -n "$ADMIN_PASSWORD_FILE" ] || echo " / $password   (shown once: change it at /account)")"
}

check_line() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then printf '  ok   %s\n' "$what" >&2; else
    printf '  BAD  %s\n' "$what" >&2
    CHECK_FAULTS=$((CHECK_FAULTS + 1))
  fi
}

# Seen from the outside in, as far as this machine can.
final_check() {
  local name log=$STATE_DIR/doctor.log
  CHECK_FAULTS=0 BACKUP_SAYS=""
  step "A look at everything"
  check_line "PostgreSQL $(setting PG_CLUSTER), port $(setting PG_PORT)" pg_answers
  check_line "Redis, port $(setting REDIS_PORT)" redis_is_ours
  for name in $(shop_names); do check_line "$name is ready" installed_ready "$name"; done
  check_line "units start at boot" boot_units_are_enabled
  check_line "Nginx shows the shop at $(setting PUBLIC_URL)" wait_until 15 shop_answers_here
  check_line "Nginx takes its configuration" nginx -t -q
  if shop_command doctor </dev/null >"$log" 2>&1; then check_line "ecommerce doctor: all is well" true
  elif ! grep -q '^✗' "$log" || grep '^✗' "$log" | grep -v '^✗ Backup' >/dev/null; then
    grep -E '^✗' "$log" | sed 's/^/       /' >&2 || tail -n 3 "$log" >&2
    check_line "ecommerce doctor" false
  else
    # A new shop has no backup yet; where it is to go is a decision of its own.
    check_line "ecommerce doctor: all is well but for the backup" true
    BACKUP_SAYS="  backups          none yet: sudo $CURRENT/deployment/backup.sh setup"
  fi
  [ "$CHECK_FAULTS" = 0 ] || die "$CHECK_FAULTS of these are not as they should be: the shop is installed but wants a hand"
  farewell
}

boot_units_are_enabled() {
  local unit
  for unit in ecommerce.target $(installed_units) nginx.service postgresql.service "$REDIS_UNIT"; do systemctl is-enabled -q "$unit" || return 1; done
}

farewell() {
  say ""
  say "The shop is open: $(setting PUBLIC_URL)"
  [ -z "$ADMIN_SAYS" ] || say "$ADMIN_SAYS"
  if [ "$(setting APP_ENV)" != production ]; then
    say "  demo accounts    admin / admin123, agent / agent123, john_doe / password123, jane_smith / password123"
  elif ! has_administrator; then
    say "  administrator    sudo ecommerce admin create --username NAME --email ADDRESS"
  fi
  [ -n "$(setting EMAIL_HOST)" ] || say "  mails            land in $OPT_DIR/mail until EMAIL_HOST is set"
  [ -z "$BACKUP_SAYS" ] || say "$BACKUP_SAYS"
  say "  settings         $ENV_FILE, then sudo $CURRENT/deployment/deploy.sh restart"
  say "  processes        systemctl status ecommerce-server1 … ecommerce-worker; $CURRENT/deployment/deploy.sh status"
  say "  logs             $OPT_DIR/logs, /var/log/nginx/ecommerce_access.log, journalctl -u ecommerce-server1"
}
