# shellcheck shell=bash
# What the scripts say, and how they end. Every failure is one line that names what to do.

# One line of progress. To stderr, so that `deploy.sh env` and others can be read by programs.
say() { printf '%s\n' "$*" >&2; }

# A step that takes a while.
step() { printf '==> %s\n' "$*" >&2; }

# Something to know that stops nothing.
warn() { printf 'note: %s\n' "$*" >&2; }

# The end, in one line.
die() {
  printf '%s: %s\n' "${PROGRAM:-deploy}" "$*" >&2
  exit 1
}

# Calls a command every tenth of a second until it succeeds; fails after SECONDS.
wait_until() { # SECONDS COMMAND...
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

has() { command -v "$1" >/dev/null 2>&1; }

# Whether version $1 is at least $2 (dots and numbers).
version_at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Megabytes free on the file system that holds (or will hold) a path.
free_megabytes() { # PATH
  local path=$1
  while [ ! -e "$path" ]; do path=$(dirname "$path"); done
  df -Pm "$path" | awk 'NR == 2 { print $4 }'
}

need_space() { # PATH MEGABYTES WHAT
  local free
  free=$(free_megabytes "$1")
  [ "$free" -ge "$2" ] || die "the disk of $1 has ${free} MB free and $3 needs $2 MB: make room and run this again"
}

# Puts values into a template: @NAME@ becomes the value given as NAME=value. What is left unfilled is an error.
render_template() { # TEMPLATE NAME=VALUE...
  local text pair
  text=$(cat "$1")
  for pair in "${@:2}"; do text=${text//"@${pair%%=*}@"/"${pair#*=}"}; done
  if [[ $text =~ @[A-Z_]+@ ]]; then die "$1: no value for ${BASH_REMATCH[0]}"; fi
  printf '%s\n' "$text"
}
