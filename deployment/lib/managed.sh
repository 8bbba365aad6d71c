# shellcheck shell=bash
# Files that the shop puts into the system. What an administrator changed in them stays: a file is only replaced while its
# content is one that was written from here. Needs installed.sh and ui.sh. put_file counts its changes, so it must not stand in a pipe.

MANAGED=$STATE_DIR/files.sha256 # checksum, two spaces, path: one line a content that was ever written
MANAGED_CHANGES=0               # how many files the last calls wrote

# Writes standard input to PATH, unless an administrator has changed it; then the new content lies beside it as PATH.ecommerce-new.
put_file() { # PATH MODE OWNER
  local path=$1 mode=$2 owner=$3 new sum now
  mkdir -p "$STATE_DIR" "$(dirname "$path")"
  new=$(mktemp "$(dirname "$path")/.ecommerce.XXXXXX")
  cat >"$new"
  chmod "$mode" "$new" && chown "$owner" "$new"
  sum=$(sha256sum <"$new" | cut -d' ' -f1)
  if [ -e "$path" ]; then
    now=$(sha256sum <"$path" | cut -d' ' -f1)
    if [ "$now" = "$sum" ]; then
      rm -f "$new"
      remember_file "$sum" "$path"
      return 0
    fi
    if ! was_written "$now" "$path"; then
      # Said once a new content: a file that an administrator changed and that would not differ from the last one says nothing.
      if was_written "$sum" "$path"; then rm -f "$new"; else
        remember_file "$sum" "$path"
        mv "$new" "$path.ecommerce-new"
        warn "$path was changed here and is kept; this release's lies beside it: $path.ecommerce-new"
      fi
      return 0
    fi
  fi
  # Remembered first: broken off between the two lines, the file is still known as ours.
  remember_file "$sum" "$path"
  mv "$new" "$path"
  MANAGED_CHANGES=$((MANAGED_CHANGES + 1))
}

# Debian starts PostgreSQL and Nginx at boot, but not again when they were killed (by the kernel short of memory, say).
restart_on_failure() { # UNIT
  MANAGED_CHANGES=0
  put_file "/etc/systemd/system/$1.d/ecommerce.conf" 0644 root:root <<'CONF'
# Put here by the shop's setup.sh: what was killed comes back.
[Service]
Restart=on-failure
RestartSec=1
CONF
  [ "$MANAGED_CHANGES" = 0 ] || systemctl daemon-reload
}

remember_file() { was_written "$1" "$2" || printf '%s  %s\n' "$1" "$2" >>"$MANAGED"; } # SUM PATH
was_written() { grep -qxF "$1  $2" "$MANAGED" 2>/dev/null; }                           # SUM PATH

# Every path that was ever written from here, newest first.
managed_files() { [ ! -f "$MANAGED" ] || tac "$MANAGED" | sed 's/^[0-9a-f]*  //' | awk '!seen[$0]++'; }

# Takes a file away that was written from here, changed or not.
remove_file() { # PATH
  rm -f "$1" "$1.ecommerce-new"
  [ ! -f "$MANAGED" ] || { P="  $1" awk 'index($0, ENVIRON["P"]) != 65 || length($0) != 64 + length(ENVIRON["P"])' "$MANAGED" >"$MANAGED.new" && mv "$MANAGED.new" "$MANAGED"; }
}
