#!/usr/bin/env bash
# Backups of an installed shop, with pgBackRest. See --help.
set -Eeuo pipefail
PROGRAM=deployment/backup.sh
trap 'printf "%s: line %s of %s failed: %s\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
# shellcheck disable=SC2034 # read by the parts
ROOT=$(cd "$LIB/../.." && pwd -P)
export PATH="$PATH:/usr/sbin:/sbin"
for part in ui processes packages installed managed backup restore; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done

usage() {
  cat <<'TEXT'
sudo deployment/backup.sh setup|run|list|drill|adopt

  setup           installs pgBackRest, makes a pass phrase, has PostgreSQL hand over its log of changes (within a minute), starts the timers:
                  a backup every night, a restore drill every month. Can be run again.
  run [full|incr] a backup now: database, pictures, settings and secrets; full once a week unless said.
  list            what there is.
  adopt           on a new machine: the backups and the pass phrase of a lost one, put in their places, can be restored from.
  drill           restores the newest backup beside the running database, compares the two, and takes it away again.

Everything is encrypted with the pass phrase in /etc/ecommerce/secrets/backup_passphrase: keep a copy of it elsewhere.
BACKUP_DIR (/var/backups/ecommerce) and BACKUP_WEEKS (4) stand in /etc/ecommerce/ecommerce.env; run setup after a change of them.
Back again: deployment/restore.sh
TEXT
}

case ${1:-} in
  setup) take_machine_lock "backup.sh setup" && backup_setup ;;
  run) backup_run "${2:-}" ;;
  adopt) take_machine_lock "backup.sh adopt" && backup_adopt ;;
  list) backup_list ;;
  drill) restore_drill ;;
  -h | --help | help) usage ;;
  *)
    usage >&2
    exit 2
    ;;
esac
