#!/usr/bin/env bash
# New secrets for an installed shop. See --help.
set -Eeuo pipefail
PROGRAM=deployment/rotate.sh
trap 'printf "%s: line %s of %s failed: %s. Run it again: it goes on from there\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
# shellcheck disable=SC2034 # read by the parts
ROOT=$(cd "$LIB/../.." && pwd -P)
export PATH="$PATH:/usr/sbin:/sbin"
for part in ui processes packages installed managed machine database cache operate backup; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done

usage() {
  cat <<'TEXT'
sudo deployment/rotate.sh secret_key|database|redis|backup

Makes a new one and has every process use it, server by server; the shop stays up.
  secret_key   signs sessions and links: everybody signs in again, links in mails sent before no longer work; carts stay.
  database     the passwords of both roles.
  redis        the password; the old one holds until every process has the new one.
  backup       the pass phrase: earlier backups are moved aside with the old one, and a full backup is made.
Given by others (email_host_password, media_s3_secret): write the file in /etc/ecommerce/secrets, then deployment/deploy.sh restart.
TEXT
}

# In one step: whoever reads the file meanwhile has the old or the new one.
replace_secret() { # NAME TEXT
  (umask 077 && printf '%s\n' "$2" >"$SECRETS_DIR/$1.new") && mv "$SECRETS_DIR/$1.new" "$SECRETS_DIR/$1"
}

rotate_secret_key() {
  replace_secret secret_key "$(random_text)$(random_text)"
  installed_restart
}

# Connections that are open stay; new ones of a server that has not been replaced yet are refused, which lasts as long as the restart.
rotate_database() {
  local role secret old new
  for role in ecommerce_user ecommerce_owner; do
    secret=$([ "$role" = ecommerce_user ] && echo database_url || echo database_owner_url)
    old=$(cat "$SECRETS_DIR/$secret")
    new=${old%%://*}://$role:$(random_text)@${old##*@}
    replace_secret "$secret" "$new"
    set_password_of "$role" "$secret"
  done
  installed_restart
}

rotate_redis() {
  local old new port
  old=$(redis_password) port=$(setting REDIS_PORT 6379)
  new=$(random_text)
  # Beside the old one, so that nobody is turned away.
  printf 'ACL SETUSER default >%s\n' "$new" | REDISCLI_AUTH=$old redis-cli -h 127.0.0.1 -p "$port" | grep -qx OK || die "Redis did not take a second password"
  replace_secret redis_url "redis://:$new@127.0.0.1:$port/0"
  write_redis_conf "$port"
  installed_restart
  printf 'ACL SETUSER default <%s\n' "$old" | REDISCLI_AUTH=$new redis-cli -h 127.0.0.1 -p "$port" | grep -qx OK || die "Redis still takes the old password: systemctl restart $REDIS_UNIT"
}

rotate_backup() {
  local aside
  need_backup
  aside=$(backup_dir)/until-$(date +%Y%m%d%H%M%S)
  mkdir "$aside"
  mv "$(backup_dir)/postgres" "$(backup_dir)/files" "$aside/"
  cp -p "$PASSPHRASE" "$PASSPHRASE.${aside##*/}"
  rm -f "$PASSPHRASE"
  backup_setup
  backup_run full
  say "Earlier backups lie in $aside; their pass phrase is $PASSPHRASE.${aside##*/}. Delete both when nothing older is wanted."
}

need_root
shop_is_installed || die "no shop is installed on this machine"
case ${1:-} in
  secret_key | database | redis | backup)
    take_machine_lock "rotate.sh $1"
    "rotate_$1"
    say "The new one is in use."
    ;;
  -h | --help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
