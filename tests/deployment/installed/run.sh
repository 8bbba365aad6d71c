#!/usr/bin/env bash
# Drills of an installed machine, in a real systemd of the test bed: TESTBED=/path/testbed.sh tests/deployment/installed/run.sh [NAME...]
# A NAME is the beginning of a drill's file. ARCHIVE=… names the release archive that is tested; without it deployment/package.sh makes one
# (ECOMMERCE_BIN as there). DRILLS=full for the long form; KEEP_MACHINES=1 leaves the machines for a look. Needs root.
# Drills that make no machine of their own use one named MACHINE (shop), which is brought up with the demo shop and raised limits.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
ROOT=$(cd "$HERE/../../.." && pwd -P)
[ -x "${TESTBED:-}" ] || [ -f "${TESTBED:-}" ] || { echo "TESTBED=/path/testbed.sh says which test bed" >&2; exit 2; }
export TESTBED PYTHONDONTWRITEBYTECODE=1 MACHINE=${MACHINE:-shop}
export DRILL_IMAGES=${DRILL_IMAGES:-/var/tmp/ecommerce-drills}
mkdir -p "$DRILL_IMAGES"
# The test bed is run by its path, whatever its mode.
if [ ! -x "$TESTBED" ]; then
  printf '#!/bin/sh\nexec bash %q "$@"\n' "$(realpath "$TESTBED")" >"$DRILL_IMAGES/testbed"
  chmod +x "$DRILL_IMAGES/testbed"
  TESTBED=$DRILL_IMAGES/testbed
fi
[ -n "${ARCHIVE:-}" ] || ARCHIVE=$("$ROOT/deployment/package.sh" | tail -n 1)
ARCHIVE=$(realpath "$ARCHIVE")
export ARCHIVE
"$TESTBED" build

shopt -s nullglob
drills=()
for name in "${@:-}"; do drills+=("$HERE/$name"*.py); done
[ "${#drills[@]}" -gt 0 ] || { echo "no drill begins with: $*" >&2; exit 2; }

# A machine for those that share one.
shared_machine() {
  "$TESTBED" ip "$MACHINE" >/dev/null 2>&1 && return 0
  PYTHONPATH=$HERE python3 -c 'from support import bed; print(bed.installed_image())' | tail -n 1 >"$DRILL_IMAGES/shared"
  "$TESTBED" up "$MACHINE" --fresh --mem 2G --image "$(cat "$DRILL_IMAGES/shared")"
  PYTHONPATH=$HERE python3 -c 'from support import machine, scene; scene.take_limits_away(machine.Machine())'
  [ -n "${KEEP_MACHINES:-}" ] || trap '"$TESTBED" destroy "$MACHINE"' EXIT
}

passed=0 failed=()
for drill in "${drills[@]}"; do
  name=$(basename "$drill" .py)
  began=$SECONDS
  printf '%s\n' "$name"
  ! grep -q '= Machine()' "$drill" || shared_machine
  if (cd "$HERE" && python3 "$drill"); then
    passed=$((passed + 1))
    printf '  ok, %s s\n' "$((SECONDS - began))"
  else
    failed+=("$name")
    printf '  FAILED after %s s\n' "$((SECONDS - began))"
  fi
done
printf 'drills: %s passed, %s failed%s\n' "$passed" "${#failed[@]}" "${failed[*]:+ (${failed[*]})}"
[ "${#failed[@]}" = 0 ]
