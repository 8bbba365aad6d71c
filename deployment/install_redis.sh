#!/usr/bin/env bash
# The shop's Redis alone: sudo deployment/install_redis.sh. What setup.sh does for it, and nothing else; can be run again.
# Installs Redis if it is missing, and runs an instance of the shop's own (redis-server@ecommerce): loopback, a password, an
# append-only file, 256 MB at most. Its address lies in /etc/ecommerce/secrets/redis_url. Another Redis here is not touched.
set -Eeuo pipefail
PROGRAM=deployment/install_redis.sh
trap 'printf "%s: line %s of %s failed: %s\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
export PATH="$PATH:/usr/sbin:/sbin"
for part in ui processes packages nginx installed managed machine cache; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done
[ $# = 0 ] || { sed -n '2,4s/^# //p' "$0"; exit 2; }

need_root
check_system
take_machine_lock install_redis.sh
install_packages cache
check_redis_version
make_account
make_folders
make_settings
check_settings
install_cache
say "Redis answers on port $(setting REDIS_PORT) with a password; its address lies in $SECRETS_DIR/redis_url."
