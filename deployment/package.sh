#!/usr/bin/env bash
# One release archive of this checkout. See --help.
set -Eeuo pipefail
PROGRAM=deployment/package.sh
trap 'printf "%s: line %s of %s failed: %s\n" "$PROGRAM" "$LINENO" "${BASH_SOURCE[0]##*/}" "$BASH_COMMAND" >&2' ERR
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
for part in ui settings processes packages nginx build; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done
# shellcheck disable=SC2034 # read by settings.sh and build.sh
BUILD_PROFILE=dist

usage() {
  cat <<'TEXT'
deployment/package.sh [--version V] [--output FOLDER] [--without-pictures]

Makes ecommerce-<VERSION>-<ARCH>.tar.gz: the binary, the built front-end, migrations, Nginx, systemd, these scripts, the demo shop's
pictures, a bill of materials, VERSION, and the checksum of every file. Builds what has changed (Rust, Node), or takes the
program that ECOMMERCE_BIN and the built front-end that STATIC_DIR names. The same files make the same archive, byte by byte.

  --version V           instead of Cargo.toml's with the commit's date and name (a commit tagged v<version> has the plain one)
  --output FOLDER       target/package
  --without-pictures    the demo shop's pictures are then drawn by the machine that wants them (two minutes)

A debug build, one with the feature `drill` or one without its style sheets is refused.
TEXT
}

VERSION="" OUTPUT="" PICTURES=yes
while [ $# -gt 0 ]; do
  case $1 in
    --version) VERSION=${2:-} && shift ;;
    --output) OUTPUT=${2:-} && shift ;;
    --without-pictures) PICTURES=no ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

git_here() { git -C "$ROOT" "$@" 2>/dev/null; }

# When the commit was made, so that two packagings of it are equal; without git, now.
commit_time() { git_here log -1 --format=%ct || date +%s; }

# 0.1.0 for a commit tagged v0.1.0; otherwise 0.1.0-202611220301.ac72e78, which sorts by time.
choose_version() {
  local plain commit
  plain=$(sed -n '/^\[package\]/,/^\[/ s/^version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
  if [ -z "$VERSION" ]; then
    VERSION=$plain
    if commit=$(git_here rev-parse --short=7 HEAD) && ! { git_here tag --points-at HEAD | grep -qxF "v$plain" && ! is_dirty; }; then
      VERSION=$plain-$(date -u -d "@$(commit_time)" +%Y%m%d%H%M).$commit
      ! is_dirty || VERSION=$VERSION.changed
    fi
  fi
  [[ $VERSION =~ ^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$ ]] || die "--version '$VERSION': letters, digits, dots, - and _ (it names a folder)"
}

is_dirty() { [ -n "$(git_here status --porcelain --untracked-files=no)" ]; }

# For which machine the program is, from its ELF header: byte 18.
program_arch() {
  case $(od -An -tx1 -j18 -N2 "$ECOMMERCE_BIN" | tr -d ' ') in
    3e00) echo x86_64 ;;
    b700) echo aarch64 ;;
    *) die "$ECOMMERCE_BIN is no program for x86_64 or aarch64" ;;
  esac
}

# The newest version of glibc that it asks for: it runs on this and later ones. Packed addresses (build.rs) are named by a word of their own.
program_glibc() {
  {
    grep -aoE 'GLIBC_2\.[0-9]+' "$ECOMMERCE_BIN"
    ! grep -aq GLIBC_ABI_DT_RELR "$ECOMMERCE_BIN" || echo GLIBC_2.36
  } | sort -Vu | tail -n 1 | sed 's/^GLIBC_//'
}

check_program() {
  [ "$(head -c 4 "$ECOMMERCE_BIN" | tail -c 3)" = ELF ] || die "$ECOMMERCE_BIN is no program"
  program_arch >/dev/null
  ! grep -aq DRILL_KILL_AT "$ECOMMERCE_BIN" || die "$ECOMMERCE_BIN is a drill build, which can end itself on purpose: build it with cargo build --profile dist"
  ! LC_ALL=C grep -aqP '\x00\.debug_info\x00' "$ECOMMERCE_BIN" || die "$ECOMMERCE_BIN is a debug build: build it with cargo build --profile dist"
}

check_frontend() {
  [ -s "$STATIC_DIR/manifest.json" ] || die "the front-end is not built: $STATIC_DIR/manifest.json is missing"
}

# Drawn once for a catalogue and kept; drawing needs no database, but the program reads all its settings first.
draw_pictures() { # FOLDER
  local key dir=$TARGET_DIR/package/pictures
  key=$(cd "$ROOT" && find seed src/cli/seed src/infra/pictures* -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
  dir=$dir-$key
  mkdir -p "$dir"
  step "Drawing the demo shop's pictures (kept in $dir)"
  DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1 SECRET_KEY=$(printf 'k%.0s' {1..64}) APP_ENV=development \
    MEDIA_DIR=$dir "$ECOMMERCE_BIN" seed --pictures-only >&2 || die "the pictures could not be drawn (an older program? --without-pictures)"
  mkdir -p "$1"
  cp -r "$dir/." "$1/"
}

# What goes into the archive, each with the rights that it is to have.
gather() { # FOLDER
  local to=$1 part
  install -D -m 0755 "$ECOMMERCE_BIN" "$to/bin/ecommerce"
  mkdir -p "$to/static"
  cp -r "$STATIC_DIR/." "$to/static/"
  for part in migrations nginx systemd; do cp -r "$ROOT/$part" "$to/$part"; done
  # Only what git knows: no editor's leftovers. Scripts for a checkout come along, they are small and share their parts.
  (cd "$ROOT" && { git ls-files deployment 2>/dev/null || find deployment -type f; }) | while IFS= read -r part; do
    [ ! -f "$ROOT/$part" ] || install -D -m "$([ -x "$ROOT/$part" ] && echo 0755 || echo 0644)" "$ROOT/$part" "$to/$part"
  done
  mkdir -p "$to/seed"
  cp -r "$ROOT/seed/shop" "$to/seed/shop"
  [ "$PICTURES" = no ] || draw_pictures "$to/seed/media"
  for part in .env.example LICENSE README.md CHANGELOG.md ARCHITECTURE.md; do [ ! -f "$ROOT/$part" ] || cp "$ROOT/$part" "$to/$part"; done
}

describe() { # FOLDER
  echo "$VERSION" >"$1/VERSION"
  cat >"$1/RELEASE" <<TEXT
VERSION=$VERSION
ARCH=$(program_arch)
GLIBC=$(program_glibc)
COMMIT=$(git_here rev-parse HEAD || echo unknown)
SCHEMA=$(find "$ROOT/migrations" -name '*.up.sql' -printf '%f\n' | sort | tail -n 1 | cut -d_ -f1)
TEXT
  if has node; then
    node "$LIB/sbom.mjs" "$ROOT" "$VERSION" "$(commit_time)" >"$1/SBOM.cdx.json" || die "the bill of materials could not be made"
  else
    warn "without Node there is no bill of materials in the archive"
  fi
  chmod -R u=rwX,go=rX "$1"
  (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sed 's|  \./|  |') >"$1.sums"
  mv "$1.sums" "$1/SHA256SUMS"
  chmod 0644 "$1/SHA256SUMS"
}

pack() { # FOLDER NAME
  local archive=$OUTPUT/$2.tar.gz
  tar -C "$(dirname "$1")" --sort=name --mtime="@$(commit_time)" --owner=0 --group=0 --numeric-owner -cf - "$2" | gzip -n -6 >"$archive.new"
  mv "$archive.new" "$archive"
  (cd "$OUTPUT" && sha256sum "$2.tar.gz" >"$2.tar.gz.sha256")
  say ""
  say "$archive: $(du -h "$archive" | cut -f1), $(wc -l <"$1/SHA256SUMS") files"
  say "  runs on    $(program_arch), glibc $(program_glibc) and later (Debian 12 has 2.36, Ubuntu 24.04 has 2.39)"
  say "  checksum   $(cut -d' ' -f1 "$archive.sha256")"
  say "On the server: tar xzf $2.tar.gz && sudo $2/deployment/setup.sh"
  printf '%s\n' "$archive"
}

settings
OUTPUT=$(realpath -m "${OUTPUT:-$TARGET_DIR/package}")
choose_version
[ -n "$PREBUILT" ] || check_rust
if [ -z "$PREBUILT" ] || [ ! -s "$STATIC_DIR/manifest.json" ]; then
  # shellcheck disable=SC2046 # words on purpose
  [ -z "$(missing_packages $(build_purposes))" ] || die "packaging needs $(missing_packages $(build_purposes) | xargs): apt-get install them (or name a program in ECOMMERCE_BIN and a built front-end in STATIC_DIR)"
fi
# Beside a given program too: a front-end of older sources would go out unnoticed. One from elsewhere (STATIC_DIR) is taken as it is.
if [ "$STATIC_DIR" = "$ROOT/static/dist" ]; then
  if has npm; then build_frontend; else warn "without Node nothing says whether $STATIC_DIR is built of these sources"; fi
fi
build_binary
check_program
check_frontend
mkdir -p "$OUTPUT"
need_space "$OUTPUT" 400 "the archive"
NAME=ecommerce-$VERSION-$(program_arch)
WORK=$(mktemp -d "$OUTPUT/.work.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
step "Gathering $NAME"
gather "$WORK/$NAME"
describe "$WORK/$NAME"
pack "$WORK/$NAME" "$NAME"
