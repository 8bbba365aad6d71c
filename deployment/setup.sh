#!/usr/bin/env bash
# Installs the shop on this machine, or takes it away. See --help.
# shellcheck disable=SC2034 # WANTED_NAME goes before NAME of the settings: setting() in lib/installed.sh
set -Eeuo pipefail
PROGRAM=deployment/setup.sh
# No silent end: what is not foreseen says where it happened, and that a second run goes on from there.
trap 'printf "%s: line %s of %s failed: %s. Nothing is lost: run it again when the cause is gone\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
ROOT=$(cd "$LIB/../.." && pwd -P)
export PATH="$PATH:/usr/sbin:/sbin"
for part in ui processes packages nginx installed managed releases machine database cache units site operate backup firewall finish; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done

usage() {
  cat <<'TEXT'
sudo deployment/setup.sh [options]        from a release archive, on Debian 12 or Ubuntu 24.04 and later

Installs PostgreSQL, Redis and Nginx, and runs the shop behind them under systemd. Says what it will do and asks before it does. Can be run
again: with the same options nothing changes, with others those change; what an administrator changed in a file stays.

  --domain NAME         the name people use (shop.example.com). Without one the shop is open on this machine alone: http://localhost
  --tls HOW             certbot (Let's Encrypt; NAME must lead here), files (yours), self-signed (browsers warn) or none (localhost, --demo)
  --certificate FILE --key FILE     for --tls files: PEM, the certificate with its chain
  --email ADDRESS       whom Let's Encrypt writes to
  --servers N           1 to 9 application servers (3)
  --demo                the demo shop with accounts whose passwords everybody knows; not for the public
  --admin NAME --admin-email ADDRESS [--admin-password-file FILE]     the first administrator; without a file the password is made and shown
  --firewall yes|no     let web traffic through ufw or firewalld; with yes and neither of them, install ufw and close all but ssh and web
  --unattended          asks nothing: what is not said has its default

  --uninstall           takes the shop away: units, site, program. The data (database, pictures, settings, secrets) stays
  --purge-data          with --uninstall: the data too

From a checkout it makes the archive first, which needs Rust and Node there (deployment/package.sh).
TEXT
}

usage_error() { die "$* (see --help)"; }

ACTION=install DEMO="" ASK=yes PURGE="" FIREWALL="" ADMIN="" ADMIN_EMAIL="" ADMIN_PASSWORD_FILE="" DOMAIN=""
ARGUMENTS=("$@")
while [ $# -gt 0 ]; do
  case $1 in
    --domain | --tls | --certificate | --key | --email | --servers | --admin | --admin-email | --admin-password-file | --firewall)
      [ -n "${2:-}" ] || usage_error "$1 wants a value"
      ;;&
    --domain) DOMAIN=${2,,} && shift ;;
    --tls) WANTED_TLS=$2 && shift ;;
    --certificate) WANTED_TLS_CERTIFICATE=$(realpath -m "$2") && shift ;;
    --key) WANTED_TLS_KEY=$(realpath -m "$2") && shift ;;
    --email) WANTED_CERTBOT_EMAIL=$2 && shift ;;
    --servers) WANTED_SERVER_COUNT=$2 && shift ;;
    --admin) ADMIN=$2 && shift ;;
    --admin-email) ADMIN_EMAIL=$2 && shift ;;
    --admin-password-file) ADMIN_PASSWORD_FILE=$(realpath -m "$2") && shift ;;
    --firewall) FIREWALL=$2 && shift ;;
    --demo) DEMO=yes ;;
    --unattended) ASK=no ;;
    --uninstall) ACTION=uninstall ;;
    --purge-data) PURGE=yes ;;
    -h | --help) usage && exit 0 ;;
    *) usage_error "$1: no such option" ;;
  esac
  shift
done
{ [ -t 0 ] && [ -t 2 ]; } || ASK=no

question() { # TEXT DEFAULT
  local answer
  read -r -p "$1 [$2] " answer || answer=""
  printf '%s\n' "${answer:-$2}"
}

# yes unless the answer begins with n (or no unless it begins with y, when that is the default).
agreed() { # TEXT yes|no
  local answer
  [ "$ASK" = yes ] || { [ "$2" = yes ]; return; }
  answer=$(question "$1" "$([ "$2" = yes ] && echo Y/n || echo y/N)")
  case ${answer,,} in y | yes) return 0 ;; n | no) return 1 ;; *) [ "$2" = yes ] ;; esac
}

# --- what is wanted: options, else what is installed, else an answer or a default

choose() {
  choose_domain
  choose_tls
  if [ -z "$(stored_setting SERVER_COUNT)" ] && [ -z "${WANTED_SERVER_COUNT:-}" ]; then WANTED_SERVER_COUNT=3; fi
  [[ $(setting SERVER_COUNT 3) =~ ^[1-9]$ ]] || usage_error "--servers $(setting SERVER_COUNT): 1 to 9"
  case ${FIREWALL:=ask} in yes | no | ask) ;; *) usage_error "--firewall $FIREWALL: yes or no" ;; esac
  choose_mode
  [ -z "$ADMIN$ADMIN_EMAIL" ] || { [ -n "$ADMIN" ] && [ -n "$ADMIN_EMAIL" ]; } || usage_error "--admin and --admin-email belong together"
  [ -z "$ADMIN_PASSWORD_FILE" ] || [ -r "$ADMIN_PASSWORD_FILE" ] || usage_error "--admin-password-file $ADMIN_PASSWORD_FILE: there is no such file"
}

choose_domain() {
  local known
  known=$(url_host "$(stored_setting PUBLIC_URL)")
  if [ -z "$DOMAIN" ] && [ -z "$known" ] && [ "$ASK" = yes ]; then
    DOMAIN=$(question "The shop's name (localhost: only on this machine)" "$(hostname -f 2>/dev/null | grep -F . || echo localhost)")
  fi
  DOMAIN=${DOMAIN:-${known:-localhost}}
  [[ $DOMAIN =~ ^[a-z0-9]([a-z0-9-]{0,62}(\.|$))([a-z0-9-]{1,63}(\.|$))*$ && $DOMAIN != *. && ${#DOMAIN} -le 253 ]] ||
    usage_error "--domain $DOMAIN: a name like shop.example.com"
}

choose_tls() {
  local tls=${WANTED_TLS:-$(stored_setting TLS)} port=""
  [ -z "${WANTED_TLS_CERTIFICATE:-}${WANTED_TLS_KEY:-}" ] || tls=${tls:-files}
  if [ -z "$tls" ]; then
    if [ "$DOMAIN" = localhost ]; then tls=none
    elif [ "$ASK" = yes ]; then tls=$(question "TLS: certbot, files, self-signed or none" certbot)
    elif [ -n "$DEMO" ]; then tls=none
    else usage_error "--domain $DOMAIN wants --tls certbot, --tls files or --tls self-signed"; fi
  fi
  case $tls in none | certbot | self-signed | files) ;; *) usage_error "--tls $tls: certbot, files, self-signed or none" ;; esac
  WANTED_TLS=$tls
  if [ "$tls" = files ]; then
    if [ -z "$(setting TLS_CERTIFICATE)" ] || [ -z "$(setting TLS_KEY)" ]; then usage_error "--tls files wants --certificate FILE and --key FILE"; fi
    ! has openssl || check_tls_files "$(setting TLS_CERTIFICATE)" "$(setting TLS_KEY)" "$DOMAIN"
  fi
  if [ "$tls" = certbot ]; then
    [[ $DOMAIN == *.* && ! $DOMAIN =~ ^[0-9.]+$ ]] || usage_error "--tls certbot: Let's Encrypt gives no certificate for $DOMAIN"
  fi
  # The shop's address as people see it. Without a name it is not open to the network: Host headers can be made up.
  if [ "$tls" = none ]; then
    port=$(stored_setting HTTP_PORT 80)
    WANTED_PUBLIC_URL=http://$DOMAIN$([ "$port" = 80 ] || echo ":$port")
  else
    port=$(stored_setting HTTPS_PORT 443)
    WANTED_PUBLIC_URL=https://$DOMAIN$([ "$port" = 443 ] || echo ":$port")
  fi
  if [ "$DOMAIN" = localhost ]; then WANTED_HTTP_ADDRESS=127.0.0.1; elif [ "$(stored_setting HTTP_ADDRESS)" = 127.0.0.1 ]; then WANTED_HTTP_ADDRESS='*'; fi
}

choose_mode() {
  local mode
  mode=$(stored_setting APP_ENV)
  if [ -n "$DEMO" ] && [ "$mode" = production ]; then
    usage_error "--demo: a real shop is installed here, and demo accounts have passwords that everybody knows"
  fi
  WANTED_APP_ENV=${mode:-$([ -n "$DEMO" ] && echo development || echo production)}
  [ "$WANTED_APP_ENV" = development ] || [ "$WANTED_TLS" != none ] || [ "$DOMAIN" = localhost ] ||
    usage_error "--tls none with --domain $DOMAIN: a real shop is reached over https, or passwords travel in the clear"
}

# --- saying it, doing it

plan() {
  local packages version
  version=$(cat "$ROOT/VERSION")
  packages=$(wanted_packages | xargs)
  say "The shop, release $version, on this machine:"
  [ -z "$packages" ] || say "  installs with apt    $packages"
  say "  address              $(setting PUBLIC_URL) $(tls_in_words)"
  say "  processes            $(server_count) servers (ports $(server_port 1)-$(server_port "$(server_count)")), a worker, a PostgreSQL cluster and a Redis of its own, Nginx"
  say "  files                $OPT_DIR, $ETC_DIR, $STATE_DIR, units in /etc/systemd/system, $SITE_FILE"
  [ "$(setting APP_ENV)" = production ] || say "  demo                 products, and accounts whose passwords everybody knows: not for the public"
  ! shop_is_installed || say "  already installed    release $(release_in_use); only what differs is changed"
  if shop_is_installed && [ "$(release_in_use)" != "$version" ]; then
    die "release $(release_in_use) is installed: $CURRENT/deployment/deploy.sh rollout brings another one without a failed request"
  fi
  agreed "Go on?" yes || die "nothing was changed"
}

tls_in_words() {
  case $(setting TLS) in
    certbot) echo "(certificate from Let's Encrypt)" ;;
    self-signed) echo "(self-signed certificate: browsers will warn)" ;;
    files) echo "(certificate $(setting TLS_CERTIFICATE))" ;;
    *) [ "$DOMAIN" != localhost ] || echo "(on this machine alone)" ;;
  esac
}

wanted_packages() {
  missing_packages run installed
  # shellcheck disable=SC2046 # words on purpose
  missing_packages $(more_purposes)
}

# What not every shop needs.
more_purposes() {
  [ "$(setting TLS)" != certbot ] || echo certbot
  [ "$(setting APP_ENV)" != production ] || echo backup
}

install_wanted_packages() {
  [ -n "$(wanted_packages)" ] || return 0
  # An apt that was cut off in the middle is brought to its end first.
  [ -z "$(dpkg --audit 2>/dev/null)" ] || wait_until 300 finish_dpkg || die "dpkg was interrupted here and cannot go on: dpkg --configure -a says why"
  # shellcheck disable=SC2046 # words on purpose
  install_packages run installed $(more_purposes)
  check_versions
}

# Again and again, since one that still runs holds the lock. No service is started meanwhile.
finish_dpkg() {
  forbid_services
  DEBIAN_FRONTEND=noninteractive dpkg --configure -a >/dev/null 2>&1 9>&- || return 1
  restore_policies
}

# What options and answers said, into the file. Nothing else in it is touched.
store_settings() {
  local name value
  for name in APP_ENV PUBLIC_URL HTTP_ADDRESS SERVER_COUNT TLS TLS_CERTIFICATE TLS_KEY CERTBOT_EMAIL; do
    value=WANTED_$name
    [ -z "${!value:-}" ] || set_setting "$name" "${!value}"
  done
  # The sender of the shop's mails, once, when there is a name that could send.
  [[ $DOMAIN != *.* || $DOMAIN =~ ^[0-9.]+$ ]] || [ -n "$(stored_setting EMAIL_FROM)" ] || set_setting EMAIL_FROM "shop@$DOMAIN"
}

install_shop() {
  local settings_before
  install_wanted_packages
  step "Account, folders, settings and the release's files"
  make_account
  make_folders
  sweep_leftovers
  settings_before=$(sha256sum "$ENV_FILE" 2>/dev/null || true)
  make_settings
  store_settings
  check_settings
  make_secrets
  install_release
  step "Database"
  install_database
  step "Redis"
  install_cache
  load_schema
  step "Services"
  install_units
  start_or_restart "$settings_before"
  step "Nginx"
  case $(setting TLS) in
    none) ;;
    # On a blank machine there was no openssl to look at them before.
    files) check_tls_files "$(setting TLS_CERTIFICATE)" "$(setting TLS_KEY)" "$DOMAIN" ;;
    *) make_self_signed ;;
  esac
  install_site
  [ "$(setting TLS)" != certbot ] || request_certbot
  open_firewall
  first_administrator
  set_up_backups
  final_check
}

# A real shop has backups from its first day on. A demo has what deployment/backup.sh setup gives it.
set_up_backups() {
  [ "$(setting APP_ENV)" = production ] || return 0
  # Its timer is gone after --uninstall.
  { [ ! -e "$BACKUP_STATE" ] || [ ! -e /etc/systemd/system/ecommerce-backup.timer ]; } || return 0
  step "Backups"
  backup_setup
  backup_run
}

# Migrations of the release in use, and the demo shop once.
load_schema() {
  local log=$STATE_DIR/setup.log
  step "Schema"
  shop_command -o migrate </dev/null >"$log" 2>&1 || { tail -n 5 "$log" >&2; die "the schema could not be made: see above"; }
  [ "$(setting APP_ENV)" != production ] && [ ! -e "$STATE_DIR/demo-loaded" ] || return 0
  step "Demo shop"
  if [ -d "$ROOT/seed/media" ]; then
    cp -r "$ROOT/seed/media/." "$OPT_DIR/media/"
    chown -R "$SHOP_USER:www-data" "$OPT_DIR/media"
  else
    say "    (its pictures are drawn now, which takes about two minutes)"
  fi
  shop_command seed </dev/null >"$log" 2>&1 || { tail -n 5 "$log" >&2; die "the demo shop could not be loaded: see above"; }
  touch "$STATE_DIR/demo-loaded"
}

# What does not run is started; what runs with other settings or another unit is replaced, server by server.
start_or_restart() { # CHECKSUM OF THE SETTINGS BEFORE
  local changed=$MANAGED_CHANGES running=no name
  ! systemctl is-active -q ecommerce-server1.service || running=yes
  # shellcheck disable=SC2046 # a word a unit
  systemctl start ecommerce.target $(installed_units) || {
    for name in $(shop_names); do systemctl is-active -q "$(unit_of "$name")" || { wait_installed_ready "$name" 1 || true; die "$name does not start: the end of its journal is above"; }; done
    die "a unit does not start: systemctl --failed"
  }
  for name in $(shop_names); do wait_installed_ready "$name" 30 || die "$name is not ready: the end of its journal is above"; done
  if [ "$running" = yes ] && { [ "$changed" -gt 0 ] || [ "$(sha256sum "$ENV_FILE")" != "$1" ]; }; then
    installed_restart
  fi
}

main() {
  need_root
  if [ "$ACTION" = uninstall ]; then
    # shellcheck source=lib/uninstall.sh
    . "$LIB/uninstall.sh"
    something_is_here || die "the shop is not installed here"
    take_machine_lock setup.sh
    uninstall
    return
  fi
  [ -z "$PURGE" ] || usage_error "--purge-data goes with --uninstall"
  if [ ! -s "$ROOT/SHA256SUMS" ]; then
    from_checkout
    return
  fi
  choose
  check_machine
  plan
  take_machine_lock setup.sh
  trap 'restore_policies' EXIT
  install_shop
}

# A checkout has no release: one is made and unpacked, and its own setup goes on.
from_checkout() {
  local archive work options=()
  check_system
  # Pictures of the demo shop are for a demo shop.
  [ -n "$DEMO" ] || options=(--without-pictures)
  step "This is a checkout: making a release first (needs Rust and Node; deployment/package.sh --help)"
  # Why it fails it has said itself.
  archive=$("$ROOT/deployment/package.sh" "${options[@]}") || exit 1
  work=$(mktemp -d /var/tmp/ecommerce-setup.XXXXXX)
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$work'" EXIT
  tar -C "$work" -xzf "$archive"
  "$work/$(basename "$archive" .tar.gz)/deployment/setup.sh" "${ARGUMENTS[@]}"
}

main
