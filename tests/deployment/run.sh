#!/usr/bin/env bash
# Runs the drills, or those named, in a shop of their own (tests/deployment/support/shop.env.sh): three servers behind Nginx,
# the plain release binary. Starts that shop if it is not running, and then stops it at the end.
# DRILLS=full for the long form. One drill: tests/deployment/run.sh two_hundred_buyers
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=support/shop.env.sh
. "$HERE/support/shop.env.sh"
DEPLOY=$HERE/../../deployment/deploy.sh

if ! "$DEPLOY" status >/dev/null 2>&1; then
  trap '"$DEPLOY" stop' EXIT
  "$DEPLOY" start
fi

shopt -s nullglob
drills=()
for name in "${@:-}"; do drills+=("$HERE/$name"*.py); done
[ "${#drills[@]}" -gt 0 ] || { echo "no drill begins with: $*" >&2; exit 2; }

passed=0 failed=()
for drill in "${drills[@]}"; do
  name=$(basename "$drill" .py)
  began=$SECONDS
  printf '%s\n' "$name"
  if PYTHONDONTWRITEBYTECODE=1 python3 "$drill"; then
    passed=$((passed + 1))
    printf '  ok, %s s\n' "$((SECONDS - began))"
  else
    failed+=("$name")
    printf '  FAILED after %s s\n' "$((SECONDS - began))"
  fi
  # Whatever a drill broke is whole again for the next one.
  "$DEPLOY" start >/dev/null 2>&1 || printf '  the shop does not start again: %s logs\n' "$DEPLOY"
done
printf 'drills: %s passed, %s failed%s\n' "$passed" "${#failed[@]}" "${failed[*]:+ (${failed[*]})}"
[ "${#failed[@]}" = 0 ]
