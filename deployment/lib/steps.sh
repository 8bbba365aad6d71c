# shellcheck shell=bash
# Named, timed steps of a test run: output kept in a file, its end shown on failure, a table at the close.

STEP_ROWS=()
STEPS_FAILED=0

# Lines in which test runners sum up: cargo's, node's, Playwright's, the drills'.
step_summary() { # LOG
  grep -aE '^(test result:|ℹ (tests|pass|fail|skipped) |# (tests|pass|fail|skipped) |drills: )|^ +[0-9]+ (passed|failed|flaky|skipped)' "$1" || true
}

run_step() { # NAME COMMAND...
  local name=$1 log began=$SECONDS result=ok
  # shellcheck disable=SC2153 # set by test.sh
  log=$STEP_LOGS/$(tr -c 'a-zA-Z0-9\n' - <<<"$1").log
  shift
  printf '==> %s\n' "$name"
  "$@" >"$log" 2>&1 </dev/null || result=FAILED
  step_summary "$log"
  if [ "$result" = FAILED ]; then
    STEPS_FAILED=$((STEPS_FAILED + 1))
    printf -- '--- the end of %s\n' "$log"
    tail -n 60 "$log"
    printf -- '---\n'
  fi
  printf '    %s, %s s\n' "$result" "$((SECONDS - began))"
  STEP_ROWS+=("$(printf '%-7s %5s s  %s' "$result" "$((SECONDS - began))" "$name")")
  [ "$result" = ok ]
}

# A step that needs another one that failed.
skip_step() { # NAME WHY
  STEP_ROWS+=("$(printf '%-7s %7s  %s (%s)' skipped '' "$1" "$2")")
  STEPS_FAILED=$((STEPS_FAILED + 1))
}

steps_table() {
  printf '\n'
  printf '%s\n' "${STEP_ROWS[@]}"
  if [ "$STEPS_FAILED" = 0 ]; then printf 'All %s steps passed in %s s.\n' "${#STEP_ROWS[@]}" "$SECONDS"; else printf '%s of %s steps failed.\n' "$STEPS_FAILED" "${#STEP_ROWS[@]}"; fi
  [ "$STEPS_FAILED" = 0 ]
}
