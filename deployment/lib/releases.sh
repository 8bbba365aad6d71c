# shellcheck shell=bash
# Release archives and the releases that lie on this machine: checked, unpacked, listed, tidied, and the files of all of them that
# Nginx serves. Needs installed.sh and ui.sh.

RELEASES_HISTORY=$STATE_DIR/releases.log # time and version, a line each time a release was taken in use

# The release used before the one in use; nothing if there was none.
release_before() {
  [ ! -f "$RELEASES_HISTORY" ] || awk -v now="$(release_in_use)" '$2 != now { before = $2 } END { print before }' "$RELEASES_HISTORY"
}

# Versions on this machine, those taken in use last at the top; then those never used.
releases_newest_first() {
  {
    [ ! -f "$RELEASES_HISTORY" ] || tac "$RELEASES_HISTORY" | awk '{ print $2 }'
    find "$RELEASES_DIR" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%f\n' | sort -rV
  } | awk '!seen[$0]++' | while read -r version; do
    if [ -x "$(release_dir "$version")/bin/ecommerce" ]; then echo "$version"; fi
  done
}

remember_release() { printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >>"$RELEASES_HISTORY"; } # VERSION

# --- archives

# Unpacks an archive beside the releases and checks it; its version is then in UNPACKED. Nothing stays of one that is refused.
# The archive's owner and modes are not taken: releases belong to root and are written by nobody.
unpack_release() { # ARCHIVE
  local archive=$1 incoming=$RELEASES_DIR/.incoming top version
  [ -f "$archive" ] || die "there is no archive $archive"
  rm -rf "$incoming"
  need_space "$RELEASES_DIR" $(($(stat -c %s "$archive") * 6 / 1048576 + 100)) "a release"
  install -d -m 0755 "$incoming"
  tar -xzf "$archive" -C "$incoming" --no-same-owner --no-same-permissions 2>/dev/null || refuse_archive "$archive is damaged or no release archive: it cannot be unpacked"
  top=$incoming
  if [ ! -f "$top/SHA256SUMS" ]; then top=$(find "$incoming" -mindepth 1 -maxdepth 1 -type d); fi
  if ! [ -f "$top/SHA256SUMS" ] || ! [ -x "$top/bin/ecommerce" ] || ! [ -f "$top/VERSION" ]; then
    refuse_archive "$archive is no release archive: VERSION, SHA256SUMS or bin/ecommerce is missing in it"
  fi
  sums_agree "$top" || refuse_archive "$archive is damaged: its files are not those of its SHA256SUMS"
  version=$(head -n 1 "$top/VERSION" | tr -d '[:space:]')
  [[ $version =~ ^[0-9A-Za-z][0-9A-Za-z.+~_-]{0,63}$ ]] || refuse_archive "$archive names no version that a folder could have"
  runs_here "$top" || refuse_archive "$archive: $RUNS_NOT_BECAUSE"
  # The demo shop's pictures are setup.sh's alone.
  rm -rf "$top/seed/media"
  keep_release "$top" "$version"
  rm -rf "$incoming"
  # shellcheck disable=SC2034 # read by rollout.sh
  UNPACKED=$version
}

refuse_archive() { # WHY
  rm -rf "$RELEASES_DIR/.incoming"
  die "$1; nothing was changed"
}

# Every file is as it was packed, and there is none that was not packed.
sums_agree() { # FOLDER
  (cd "$1" && sha256sum --quiet --strict -c SHA256SUMS >/dev/null 2>&1) &&
    [ -z "$(comm -3 <(cd "$1" && find . -type f ! -path ./SHA256SUMS | sed 's|^\./||' | sort) <(sed 's/^[0-9a-f]* [ *]//; s|^\./||' "$1/SHA256SUMS" | sort))" ]
}

# Whether its program runs on this machine, by running it: architecture and libraries in one.
runs_here() { # FOLDER
  local said glibc machine
  RUNS_NOT_BECAUSE=""
  said=$(cd / && LC_ALL=C timeout 20 "$1/bin/ecommerce" --version 2>&1) && return 0
  machine=$(elf_machine "$1/bin/ecommerce")
  glibc=$(grep -o 'GLIBC_[0-9.]*' <<<"$said" | sort -V | tail -n 1)
  if [ -n "$machine" ] && [ "$machine" != "$(uname -m)" ]; then
    RUNS_NOT_BECAUSE="it was built for $machine, and this machine is $(uname -m)"
  elif [ -n "$glibc" ]; then
    RUNS_NOT_BECAUSE="it needs glibc ${glibc#GLIBC_}, and this machine has $(getconf GNU_LIBC_VERSION | awk '{ print $2 }')"
  else
    RUNS_NOT_BECAUSE="its program does not run on this machine: $(head -c 200 <<<"$said" | tr '\n' ' ')"
  fi
  return 1
}

# What an ELF file was built for, as uname says it; nothing for other files.
elf_machine() { # FILE
  [ "$(head -c 4 "$1" | tail -c 3)" = ELF ] || return 0
  case $(od -An -tu2 -j18 -N2 "$1" | tr -d ' ') in 62) echo x86_64 ;; 183) echo aarch64 ;; 40) echo armv7l ;; 243) echo riscv64 ;; *) echo "another machine" ;; esac
}

keep_release() { # FOLDER VERSION
  local dir
  dir=$(release_dir "$2")
  if [ -e "$dir" ]; then
    # The same archive again, after a run that broke off for instance.
    ! cmp -s "$1/SHA256SUMS" "$dir/SHA256SUMS" || return 0
    [ "$2" != "$(release_in_use)" ] || refuse_archive "release $2 is in use and has other content: a new release needs a new version"
    ! grep -q " $2\$" "$RELEASES_HISTORY" 2>/dev/null || refuse_archive "release $2 is here already with other content: a new release needs a new version"
    rm -rf "$dir"
  fi
  chown -R root:root "$1" && chmod -R u=rwX,go=rX "$1" && mv -T "$1" "$dir"
}

# --- files for Nginx: the names hold a hash of the content, so those of all releases lie side by side

# Adds a release's static files. Each appears in one step, and none disappears: pages of the release before go on finding theirs.
offer_static_files() { # VERSION
  local from file
  from=$(release_dir "$1")/static
  [ -d "$from" ] || return 0
  mkdir -p "$STATIC_UNION"
  cp -aln "$from/." "$STATIC_UNION/"
  # Names without a hash: the newest release's content counts.
  (cd "$from" && find . -type f -print0) | while IFS= read -r -d '' file; do
    cmp -s "$from/$file" "$STATIC_UNION/$file" || { ln -f "$from/$file" "$STATIC_UNION/$file.new" && mv -f "$STATIC_UNION/$file.new" "$STATIC_UNION/$file"; }
  done
}

# Takes away what no release on this machine has.
tidy_static_files() {
  local kept file
  kept=$(mktemp)
  find "$RELEASES_DIR"/*/static -type f -printf '%P\n' 2>/dev/null | sort -u >"$kept"
  (cd "$STATIC_UNION" && find . -type f -printf '%P\n' | sort | comm -23 - "$kept" | while IFS= read -r file; do rm -f "./$file"; done)
  find "$STATIC_UNION" -mindepth 1 -type d -empty -delete
  rm -f "$kept"
}

# Keeps the releases used last, the one in use and the one before among them.
tidy_releases() {
  local version n=0 now before kept
  kept=$(setting RELEASES_KEPT 5)
  now=$(release_in_use) before=$(release_before)
  while read -r version; do
    n=$((n + 1))
    if [ "$n" -le "$kept" ] || [ "$version" = "$now" ] || [ "$version" = "$before" ]; then continue; fi
    say "  release $version is taken away: the last $kept are kept"
    rm -rf "$(release_dir "$version")"
  done < <(releases_newest_first)
  tidy_static_files
}
