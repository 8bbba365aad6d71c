#!/usr/bin/env bash
# The shop's PostgreSQL alone: sudo deployment/init_database.sh. What setup.sh does for it, and nothing else; can be run again.
# Installs PostgreSQL if it is missing, makes a cluster of the shop's own, the roles ecommerce_owner and ecommerce_user, the database
# ecommerce_db, and their addresses in /etc/ecommerce/secrets. Where the shop is installed, the schema too.
set -Eeuo pipefail
PROGRAM=deployment/init_database.sh
trap 'printf "%s: line %s of %s failed: %s\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
export PATH="$PATH:/usr/sbin:/sbin"
for part in ui processes packages nginx installed managed machine database; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done
[ $# = 0 ] || { sed -n '2,4s/^# //p' "$0"; exit 2; }

need_root
check_system
take_machine_lock init_database.sh
install_packages database
check_postgres_version
make_account
make_folders
make_settings
check_settings
install_database
if shop_is_installed; then shop_command -o migrate </dev/null >&2; fi
say "PostgreSQL $(setting PG_CLUSTER) on port $(setting PG_PORT) has the database $DATABASE_NAME; the addresses of its roles lie in $SECRETS_DIR."
