#!/usr/bin/env bash
# All tests, with one command. See --help.
set -euo pipefail
export PROGRAM=deployment/test.sh
LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")/lib" && pwd -P)
for part in ui settings processes packages postgres redis nginx build steps; do
  # shellcheck disable=SC1090 # the parts beside this file
  . "$LIB/$part.sh"
done

usage() {
  cat <<'TEXT'
deployment/test.sh [--drills] [--only rust|browser|drills]

Installs what is missing (PostgreSQL, Redis, Nginx, Node, Chromium, ab …; no service is started), starts a private PostgreSQL
and Redis under var/test, and runs in this order: format, clippy, the query check, the Rust tests, then in a shop of its own
(three servers behind Nginx, ports 18080, 15001…) the browser tests, Lighthouse and the drills in their short form.

  --drills   the drills in full length
  --only     a part of it
Output is kept in var/test/logs. Nothing is left running.
TEXT
}

PART=all
export DRILLS=${DRILLS:-short}
while [ $# -gt 0 ]; do
  case $1 in
    --drills) DRILLS=full ;;
    --only)
      PART=${2:-}
      shift
      case $PART in rust | browser | drills) ;; *) usage >&2 && exit 2 ;; esac
      ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

wanted() { [ "$PART" = all ] || [ "$PART" = "$1" ]; }

# Tests run on defaults, whatever the shop of this shell or its .env is set to.
for name in $(setting_names); do
  case $name in ECOMMERCE_BIN) ;; *) unset "$name" ;; esac
done
export NO_DOTENV=1
VAR_DIR=$ROOT/var/test
# shellcheck disable=SC2034 # read by redis.sh
REDIS_PORT=${TEST_REDIS_PORT:-7479}
settings
STEP_LOGS=$LOG_DIR/steps

clean_up() {
  local code=$?
  trap - EXIT INT TERM
  in_shop "$ROOT/deployment/deploy.sh" stop >/dev/null 2>&1 || true
  redis_stop || true
  postgres_stop || true
  exit "$code"
}

# Runs a command with the environment of the drills' shop.
in_shop() { bash -c '. "$0" && exec "$@"' "$ROOT/tests/deployment/support/shop.env.sh" "$@" 9>&-; }

# Every run begins with empty databases: what an older schema or a broken run left behind is no part of the test.
forget_last_run() {
  local dir
  in_shop "$ROOT/deployment/deploy.sh" stop >/dev/null 2>&1 || die "the shop of the last run cannot be stopped: see $VAR_DIR/shop/logs"
  redis_stop
  postgres_stop
  for dir in "$VAR_DIR" "$VAR_DIR/shop"; do
    [ ! -s "$dir/postgres.home" ] || as_postgres rm -rf "$(cat "$dir/postgres.home")/data" "$(cat "$dir/postgres.home")/prepared"
    rm -rf "$dir/redis" "$dir/logs" "$dir/mail"
  done
}

set_up() {
  take_lock
  make_directories
  forget_last_run
  make_directories
  mkdir -p "$STEP_LOGS"
  check_rust
  install_packages run assets binary test
  check_versions
  check_node
  trap clean_up EXIT
  trap 'exit 130' INT TERM
  # Tests make a database each and throw it away: nothing has to survive a power cut.
  export PG_OPTIONS="-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400"
  postgres_start
  redis_start
  postgres_create_database
  TEST_DATABASE_URL=$(postgres_url postgres postgres)
  TEST_REDIS_URL=$(redis_url)
  export TEST_DATABASE_URL TEST_REDIS_URL
}

# --- Rust

cargo_here() { (cd "$ROOT" && exec env SQLX_OFFLINE=true cargo "$@" 9>&-); }

# The sqlx command of exactly the version in Cargo.lock, in var/tools: nothing of the user's is replaced. Unoptimised: it runs once and waits for the compiler.
install_sqlx_cli() {
  local version tools=$ROOT/var/tools
  version=$(sed -n '/^name = "sqlx"$/ { n; s/version = "\(.*\)"/\1/p }' "$ROOT/Cargo.lock")
  PATH="$tools/bin:$PATH"
  if [ "$(cargo sqlx --version 2>/dev/null | awk '{ print $NF }')" = "$version" ]; then return 0; fi
  mkdir -p "$tools"
  cargo install sqlx-cli --debug --locked --version "$version" --no-default-features --features rustls,postgres --root "$tools" --force 9>&-
}

# The schema as `ecommerce migrate` makes it, job queue included, in the private database. With the program that the tests built: `cargo run`
# would build half of its dependencies anew, without what the tests' own ones want of them.
migrate_test_database() {
  local owner user
  owner=$(postgres_url ecommerce_owner ecommerce_db)
  user=$(postgres_url ecommerce_user ecommerce_db)
  DATABASE_OWNER_URL=$owner DATABASE_URL=$user REDIS_URL=$TEST_REDIS_URL SECRET_KEY=$(secret secret_key) APP_ENV=development \
    "$TARGET_DIR/debug/ecommerce" migrate
}

# That the committed answers of the database (.sqlx) are those it gives.
check_queries() {
  (cd "$ROOT" && DATABASE_URL=$(postgres_url ecommerce_owner ecommerce_db) exec cargo sqlx prepare --check -- --all-targets --features drill 9>&-)
}

rust_tests() {
  run_step "cargo fmt --check" cargo_here fmt --check || true
  run_step "cargo clippy --all-targets --features drill" cargo_here clippy --locked --all-targets --features drill -- -D warnings || true
  run_step "cargo clippy --all-targets" cargo_here clippy --locked --all-targets -- -D warnings || true
  run_step "cargo test --features drill" cargo_here test --locked --features drill || true
  if run_step "install sqlx-cli" install_sqlx_cli && PATH="$ROOT/var/tools/bin:$PATH" && run_step "migrate the test database" migrate_test_database; then
    run_step "cargo sqlx prepare --check" check_queries || true
  else
    skip_step "cargo sqlx prepare --check" "needs the step before"
  fi
}

shell_check() {
  (cd "$ROOT" && find deployment tests benches .ci -name node_modules -prune -o -type f \( -name '*.sh' -o -path .ci/run \) -print0 | xargs -0 shellcheck -x -P SCRIPTDIR)
}

# --- in a shop

browser_tests() { (BASE_URL=http://localhost:18080 MAIL_DIR=$VAR_DIR/shop/mail CHROMIUM=$(command -v chromium) exec "$ROOT/tests/browser/run.sh" 9>&-); }

# Only what says the same each time; how fast the pages are is measured by `tests/lighthouse/run.sh --performance`.
lighthouse() { (BASE_URL=http://localhost:18080 CHROMIUM=$(command -v chromium) exec "$ROOT/tests/lighthouse/run.sh" 9>&-); }

tests_in_a_shop() {
  if ! run_step "start a shop" in_shop "$ROOT/deployment/deploy.sh" start; then
    ! wanted browser || skip_step "browser tests" "no shop"
    ! wanted drills || skip_step "drills" "no shop"
    return 0
  fi
  if wanted browser; then
    run_step "browser tests" browser_tests || true
    run_step "lighthouse" lighthouse || true
  fi
  if wanted drills; then run_step "drills ($DRILLS)" in_shop "$ROOT/tests/deployment/run.sh" || true; fi
  run_step "stop the shop" in_shop "$ROOT/deployment/deploy.sh" stop || true
}

set_up
if wanted rust; then
  run_step "shellcheck" shell_check || true
  rust_tests
fi
if wanted browser || wanted drills; then tests_in_a_shop; fi
steps_table
