#!/usr/bin/env bash
# The shop's database as it was at a moment, in a fresh cluster beside the running one; then a switch. See --help.
set -Eeuo pipefail
PROGRAM=deployment/restore.sh
trap 'printf "%s: line %s of %s failed: %s\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
# shellcheck disable=SC2034 # read by the parts
ROOT=$(cd "$LIB/../.." && pwd -P)
export PATH="$PATH:/usr/sbin:/sbin"
for part in ui processes packages installed managed database operate backup restore; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done

usage() {
  cat <<'TEXT'
sudo deployment/restore.sh --to "2026-11-22 14:05:00" | --latest [--yes | --beside]
sudo deployment/restore.sh --switch-to 15/ecommerce
sudo deployment/restore.sh --files FOLDER [--to TIME]

  --to TIME       the last moment that is to be there, in this machine's time zone unless the time names one (+02:00, UTC)
  --latest        everything that was archived
  --yes           switches to it without asking; the shop is away meanwhile, and everything after TIME is no longer in it
  --beside        does not switch: the restored cluster runs beside, to look at and to copy from
  --switch-to     to a cluster that is there: back to the one before, for instance
  --files         unpacks pictures, settings and secrets as they were into FOLDER, and changes nothing else

The cluster that was in use stays on the disk, stopped, until somebody drops it (pg_dropcluster).
TEXT
}

WHEN="" MODE=ask SWITCH_TO="" FILES=""
while [ $# -gt 0 ]; do
  case $1 in
    --to) WHEN=${2:?--to wants a time} && shift ;;
    --latest) WHEN=latest ;;
    --yes) MODE=switch ;;
    --beside) MODE=beside ;;
    --switch-to) SWITCH_TO=${2:?--switch-to wants a cluster} && shift ;;
    --files) FILES=${2:?--files wants a folder} && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

need_root
if [ -n "$SWITCH_TO" ]; then
  take_machine_lock restore.sh
  switch_cluster "$SWITCH_TO"
elif [ -n "$FILES" ]; then
  need_backup
  want_time "${WHEN:-latest}"
  restore_files "$(realpath -m "$FILES")" "$WANTED_SECONDS"
  say "Pictures, settings and secrets lie in $FILES, as they were."
elif [ -n "$WHEN" ]; then
  take_machine_lock restore.sh
  restore_and_switch "$WHEN" "$MODE"
else
  usage >&2
  exit 2
fi
