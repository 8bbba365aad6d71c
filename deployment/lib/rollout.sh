# shellcheck shell=bash
# A new release without a failed request, and the way back. Needs installed.sh and ui.sh.
#
# Migrations come first and only add ("expand"), so the release in use runs on with the new schema. Then the worker is replaced (it must
# know the jobs that new servers enqueue), then server after server: each closes its listener, ends what it has begun and goes, and the
# next one only follows when this one is ready and Nginx, which counts whole seconds, has noticed. If one does not become ready,
# everything that was replaced goes back to the release before, and the schema stays: the release before runs with it.
# shellcheck source=releases.sh
. "$LIB/releases.sh"

FORGET_IF_BROKEN=""
UNIT_SECONDS=${UNIT_SECONDS:-60} # for one unit to stop and be ready again; then it counts as broken

rollout() { # ARCHIVE
  local archive=$1 old new fresh=yes said
  need_root
  shop_is_installed || die "no shop is installed on this machine: deployment/setup.sh"
  need_secrets
  take_machine_lock "a release ($(basename "$archive"))"
  old=$(release_in_use)
  step "Checking $(basename "$archive")"
  local known
  known=$(releases_newest_first)
  unpack_release "$archive"
  new=$UNPACKED
  if grep -qxF "$new" <<<"$known"; then fresh=no; fi
  if [ "$new" = "$old" ] && all_run "$new"; then
    say "Release $new is in use already; nothing was changed."
    return 0
  fi
  said=$(shop_command -r "$new" migrate --check 2>&1) || forget_and_die "$new" "$fresh" "$(one_line "$said")"
  say "  $said"
  step "Migrating the database; release $old runs on meanwhile"
  if ! shop_command -r "$new" -o migrate --from "$(release_dir "$new")/migrations" >&2; then
    forget_and_die "$new" "$fresh" "the database was not migrated (the reason is above; what stands there as applied stays, release $old runs with it)"
  fi
  offer_static_files "$new"
  [ "$fresh" = no ] || FORGET_IF_BROKEN=$new
  # shellcheck disable=SC2046 # a word a name
  change_release "$old" "$new" worker $(server_names)
  tidy_releases
  say "Release $new is in use on all servers and the worker; the shop was up meanwhile. Back: $PROGRAM rollback"
}

rollback() { # [VERSION]
  local old new said
  need_root
  shop_is_installed || die "no shop is installed on this machine: deployment/setup.sh"
  need_secrets
  take_machine_lock "a rollback"
  old=$(release_in_use)
  new=${1:-$(release_before)}
  [ -n "$new" ] || die "there is no release before $old on this machine"
  if [[ $new == */* ]] || ! [ -x "$(release_dir "$new")/bin/ecommerce" ]; then
    die "release $new is not on this machine; there are: $(releases_newest_first | xargs)"
  fi
  if [ "$new" = "$old" ] && all_run "$new"; then
    say "Release $new is in use already; nothing was changed."
    return 0
  fi
  said=$(shop_command -r "$new" migrate --check 2>&1) || die "$(one_line "$said"); nothing was changed"
  # Migrations missing: an archive that was never taken in use.
  case $said in *" to apply, up to "*) die "release $new needs a newer schema: take it in use with rollout and its archive" ;; esac
  say "  $said"
  offer_static_files "$new"
  # The worker last: until then it must know what the newer servers enqueue.
  # shellcheck disable=SC2046 # a word a name
  change_release "$old" "$new" $(server_names) worker
  say "Release $new is in use on all servers and the worker; the shop was up meanwhile."
}

# A row a release: when it was last taken in use, and whether the schema still carries it.
releases() {
  local version note used said
  need_root
  printf '%-24s %-21s %s\n' release 'last taken in use' ''
  while read -r version; do
    used=$(awk -v v="$version" '$2 == v { at = $1 } END { print at }' "$RELEASES_HISTORY" 2>/dev/null || true)
    if [ "$version" = "$(release_in_use)" ]; then
      note="in use"
    elif said=$(shop_command -r "$version" migrate --check 2>&1); then
      case $said in *" to apply, up to "*) note="has migrations to apply" ;; *) note="can be rolled back to" ;; esac
    else
      note="no way back: $(one_line "$said")"
    fi
    printf '%-24s %-21s %s\n' "$version" "${used:--}" "$note"
  done < <(releases_newest_first)
}

server_names() { shop_names | grep -v '^worker$'; }
one_line() { tail -n 1 <<<"$1" | sed 's/^ecommerce: //'; }

forget_and_die() { # VERSION FRESH WHY
  [ "$2" = no ] || rm -rf "$(release_dir "$1")"
  die "$3; release $(release_in_use) serves on"
}

# Replaces each of the named processes by those of NEW; on the first fault, or when told to stop, all go back to OLD.
change_release() { # OLD NEW NAME...
  local old=$1 new=$2 name last
  shift 2
  CHANGED=()
  trap 'change_broken_off "$old" "$new" 130' INT TERM HUP
  if ! take_machine_files "$new"; then
    take_machine_files "$old" || true
    die "the units or the site of release $new cannot be used (the reason is above); release $old serves on"
  fi
  use_release "$new"
  last=${!#}
  for name; do
    # What a run that broke off has done already.
    if runs_release "$name" "$new" && installed_ready "$name"; then continue; fi
    step "Replacing $name"
    CHANGED=("$name" "${CHANGED[@]}")
    if ! replace_one "$name" "$new"; then
      warn "$name is not ready with release $new: everything goes back to $old"
      go_back "$old"
      trap - INT TERM HUP
      forget_broken
      die "release $new did not become ready on $name (its last lines are above); release $old serves on all of them again"
    fi
    # The worker is nobody's upstream.
    case $name in worker | "$last") ;; *) sleep "$(setting RESTART_PAUSE 3)" ;; esac
  done
  trap - INT TERM HUP
  remember_release "$new"
}

# A terminal that is gone must not end the way back.
change_broken_off() { # OLD NEW CODE
  trap '' INT TERM HUP PIPE
  exec >>"$STATE_DIR/rollout.log" 2>&1 || true
  warn "broken off: everything goes back to $1"
  go_back "$1"
  forget_broken
  exit "$3"
}

# A release that never served is no way back.
forget_broken() {
  [ -n "$FORGET_IF_BROKEN" ] || return 0
  rm -rf "$(release_dir "$FORGET_IF_BROKEN")"
  tidy_static_files
}

# Back in the reverse order; the one that is not ready is the first of them.
go_back() { # OLD
  local name
  take_machine_files "$1" || warn "the units or the site of release $1 could not be put back: deployment/setup.sh does it again"
  use_release "$1"
  for name in "${CHANGED[@]}"; do
    step "Taking $name back"
    systemctl reset-failed "$(unit_of "$name")" 2>/dev/null || true
    replace_one "$name" "$1" || warn "$name is not ready with release $1 either: $PROGRAM logs $name"
    case $name in worker) ;; *) sleep "$(setting RESTART_PAUSE 3)" ;; esac
  done
}

# Restarts one and waits until it serves, as the release it should be.
replace_one() { # NAME VERSION
  if ! timeout "$UNIT_SECONDS" systemctl restart "$(unit_of "$1")" 2>/dev/null || ! wait_installed_ready "$1" 20 || ! serves_pages "$1"; then
    journalctl -q -n 6 -o cat --no-pager -u "$(unit_of "$1")" 2>/dev/null | cut -c1-300 | sed 's/^/    /' >&2 || true
    return 1
  fi
  runs_release "$1" "$2" || { warn "$1 runs $(running_program "$1"), not release $2"; return 1; }
}

# Ready is not all: the first page must not be an error.
serves_pages() { # NAME
  [ "$1" != worker ] || return 0
  local status
  status=$(curl -sS -o /dev/null -m 10 -w '%{http_code}' -H "Host: $(url_host "$(setting PUBLIC_URL)")" "http://127.0.0.1:$(server_port "${1#server}")/" 2>/dev/null) || return 1
  [ "$status" -lt 500 ]
}

running_program() { readlink "/proc/$(systemctl show -P MainPID "$(unit_of "$1")")/exe" || true; } # NAME
runs_release() { case $(running_program "$1") in "$(release_dir "$2")"/*) return 0 ;; *) return 1 ;; esac; } # NAME VERSION

all_run() { # VERSION
  local name
  for name in $(shop_names); do runs_release "$name" "$1" && installed_ready "$name" || return 1; done
}

# Units and Nginx's site, as the release has them; nothing is done where they are the same, and Nginx is only reloaded for a site that
# changed. By the release's own scripts, in a shell of their own: they may be others than these.
take_machine_files() { # VERSION
  # shellcheck disable=SC2016 # expanded by that shell
  RELEASE=$(release_dir "$1") bash -c '
    set -Eeuo pipefail
    ROOT=$RELEASE LIB=$RELEASE/deployment/lib PROGRAM="release $(cat "$RELEASE/VERSION")"
    [ -f "$LIB/units.sh" ] && [ -f "$LIB/site.sh" ] || exit 0
    for part in ui processes packages nginx installed managed units site; do . "$LIB/$part.sh"; done
    install_units
    install_site' 9>&-
}
