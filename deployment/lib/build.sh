# shellcheck shell=bash
# Front-end assets and the release binary, built only when something they are made of has changed.

# One hash over everything the front-end build reads: styles, scripts, and the templates and sources whose class names it keeps.
frontend_inputs() {
  (cd "$ROOT" && find package.json package-lock.json static templates src -path static/dist -prune -o -type f -print0 |
    sort -z | xargs -0 -r sha256sum | sha256sum | cut -d' ' -f1)
}

build_frontend() {
  [ -f "$ROOT/package.json" ] || return 0
  check_node
  local stamp=$TARGET_DIR/front-end.stamp packages=$TARGET_DIR/npm.stamp inputs lock log
  inputs=$(frontend_inputs)
  [ "$(cat "$stamp" 2>/dev/null)" != "$inputs" ] || [ ! -s "$ROOT/static/dist/manifest.json" ] || return 0
  mkdir -p "$TARGET_DIR"
  log=$TARGET_DIR/front-end.log
  lock=$(sha256sum <"$ROOT/package-lock.json")
  step "Building the front-end assets"
  if [ "$(cat "$packages" 2>/dev/null)" != "$lock" ] || [ ! -d "$ROOT/node_modules" ]; then
    (cd "$ROOT" && npm ci --no-audit --no-fund) >"$log" 2>&1 9>&- || { process_tail "$log"; die "npm ci failed: the end of $log is above"; }
    echo "$lock" >"$packages"
  fi
  (cd "$ROOT" && npm run build) >"$log" 2>&1 9>&- || { process_tail "$log"; die "npm run build failed: the end of $log is above"; }
  echo "$inputs" >"$stamp"
}

build_binary() {
  [ -z "$PREBUILT" ] || { [ -x "$ECOMMERCE_BIN" ] || die "ECOMMERCE_BIN=$ECOMMERCE_BIN is no program"; return 0; }
  if [ ! -x "$ECOMMERCE_BIN" ]; then
    need_space "$TARGET_DIR" 3000 "the first build"
    step "Building the release binary (the first time takes some minutes)"
  fi
  # Queries are checked against the committed .sqlx, not against a database.
  (cd "$ROOT" && SQLX_OFFLINE=true cargo build --profile "$BUILD_PROFILE" --locked 9>&- 1>&2) || die "the build failed: what the compiler says is above"
}

# What building takes of the machine: missing_packages knows the names.
build_purposes() {
  [ ! -f "$ROOT/package.json" ] || echo assets
  [ -n "$PREBUILT" ] || echo binary
}

build_all() {
  build_frontend
  build_binary
}

# What tells one build from another: the file itself and the names of the assets it reads at its start. A checkout that runs somebody else's
# program (ECOMMERCE_BIN) has none of its own, and can be asked for its status all the same.
build_id() {
  { stat -Lc '%i %Y %s' "$ECOMMERCE_BIN" 2>/dev/null || echo "not built"; cat "$STATIC_DIR/manifest.json" 2>/dev/null || true; } | sha256sum | cut -c1-16
}
