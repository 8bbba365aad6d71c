# shellcheck shell=bash
# The machine's own packages: what is missing is named first, then installed without any service being started.

POLICY=/usr/sbin/policy-rc.d
POLICY_MARK='Put here by the deployment of the shop'
NO_MAIN_CLUSTER=/etc/postgresql-common/createcluster.d/ecommerce-deploy.conf

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The newest PostgreSQL 15 or later; it is not on the path in Debian.
postgres_bin() {
  local dir
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5 -Vr); do
    [ -x "$dir/postgres" ] && [ -x "$dir/initdb" ] && [ "$(basename "$(dirname "$dir")" | cut -d. -f1)" -ge 15 ] && echo "$dir" && return 0
  done
  return 1
}

# Debian packages that the given purposes need and the machine lacks, one a line.
missing_packages() { # run|database|cache|installed|backup|certbot|assets|binary|test...
  local purpose
  for purpose; do
    case $purpose in
      run)
        missing_packages database cache
        has nginx || echo nginx
        has curl || echo curl
        ;;
      database) postgres_bin >/dev/null || echo postgresql ;;
      cache) has redis-server && has redis-cli || echo redis-server ;;
      backup) has pgbackrest || echo pgbackrest ;;
      certbot) has certbot || echo certbot ;;
      assets)
        # A Node from elsewhere brings its own npm, with which Debian's npm conflicts: only what is missing is taken.
        has node || echo nodejs
        has npm || echo npm
        ;;
      # Beyond what a checkout runs: certificates, rotated logs, who holds a port.
      installed)
        has openssl || echo openssl
        has logrotate || echo logrotate
        has ss || echo iproute2
        [ -e /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
        ;;
      binary) { has cc && has make; } || echo build-essential ;;
      test)
        has python3 || echo python3
        # For the fuzzer's virtual environment; Debian leaves pip out of Python.
        python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
        has chromium || echo chromium
        has ab || echo apache2-utils
        has shellcheck || echo shellcheck
        ;;
    esac
  done
}

# Nice to have, so they ride along with what is needed and are no reason of their own: with it Nginx hands out .br files too.
optional_packages() {
  [ -e "$BROTLI_MODULE" ] || ! apt-cache show libnginx-mod-http-brotli-static >/dev/null 2>&1 || echo libnginx-mod-http-brotli-static
}

install_packages() { # run|assets|binary|test...
  local packages
  mapfile -t packages < <(missing_packages "$@")
  [ "${#packages[@]}" -gt 0 ] || return 0
  has apt-get || die "missing: ${packages[*]}; this machine has no apt-get, so install them by its own means"
  [ "$(id -u)" = 0 ] || has sudo || die "missing: ${packages[*]}; run this as root or as a user with sudo"
  policy_allows_us
  # A machine whose package lists were never fetched knows none of them.
  apt-cache show "${packages[@]}" >/dev/null 2>&1 || { step "Fetching the package lists (apt-get update)"; as_root apt-get update -q >/dev/null || die "apt-get update failed: see what it says above"; }
  mapfile -t -O "${#packages[@]}" packages < <(optional_packages)
  step "Installing with apt: ${packages[*]} (their services are not started)"
  trap 'restore_policies' EXIT
  trap 'exit 130' INT TERM
  forbid_services
  local log
  log=$(mktemp)
  apt_install "${packages[@]}" >"$log" 2>&1 || { tail -n 12 "$log" >&2; rm -f "$log"; die "apt could not install ${packages[*]}: its last lines are above"; }
  rm -f "$log"
  keep_disabled "${packages[@]}"
  restore_policies
  trap - EXIT INT TERM
}

# Lists that have grown old name files that are gone: then they are fetched anew, once.
apt_install() {
  # Another apt (the machine's own upgrade, or one left by a run that was killed) is waited for. Our lock is not for its children.
  local install=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300)
  as_root "${install[@]}" "$@" 9>&- && return 0
  as_root apt-get update -q 9>&- && as_root "${install[@]}" "$@" 9>&-
}

# policy-rc.d is what Debian's maintainer scripts ask before they start a service; 101 means "do not".
# One that is there already belongs to the machine's owner and stays as it is.
policy_allows_us() {
  { [ -e "$POLICY" ] && ! policy_is_ours; } || return 0
  local answer=0
  "$POLICY" nginx start >/dev/null 2>&1 || answer=$?
  [ "$answer" = 101 ] || die "$POLICY lets packages start their services: install $(missing_packages run assets binary | xargs) yourself, then run this again"
}

# One of ours that is still there belongs to a run that was killed.
policy_is_ours() { grep -q "$POLICY_MARK" "$POLICY" 2>/dev/null; }

forbid_services() {
  if [ ! -e "$POLICY" ] || policy_is_ours; then
    printf '#!/bin/sh\n# %s while it installs packages; removed right after.\nexit 101\n' "$POLICY_MARK" | as_root tee "$POLICY" >/dev/null
    as_root chmod 755 "$POLICY"
    OUR_POLICY=yes
  fi
  # PostgreSQL's package would also create a database cluster that nobody asked for. This drop-in says no for this one installation.
  as_root mkdir -p "$(dirname "$NO_MAIN_CLUSTER")"
  echo 'create_main_cluster = false' | as_root tee "$NO_MAIN_CLUSTER" >/dev/null
}

restore_policies() {
  [ -z "${OUR_POLICY:-}" ] || as_root rm -f "$POLICY"
  OUR_POLICY=
  as_root rm -f "$NO_MAIN_CLUSTER"
}

# What was installed for us is not to appear at the next boot either.
keep_disabled() { # PACKAGE...
  [ -d /run/systemd/system ] || return 0
  local package
  for package; do
    case $package in
      nginx | redis-server) as_root systemctl disable -q "$package" 2>/dev/null || true ;;
    esac
  done
}

# Older ones lack what the shop uses: refused in one line each.
check_versions() {
  check_postgres_version
  check_redis_version
  local version
  version=$(nginx -v 2>&1 | sed -n 's|.*nginx/\([0-9.]*\).*|\1|p')
  version_at_least "$version" 1.18 || die "Nginx $version is too old: the shop needs 1.18 or later"
}

check_postgres_version() {
  postgres_bin >/dev/null || die "PostgreSQL is too old or missing ($(printf '%s ' /usr/lib/postgresql/*/bin)): the shop needs 15 or later"
}

check_redis_version() {
  local version
  version=$(redis-server --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p')
  version_at_least "$version" 6.2 || die "Redis $version is too old: the shop needs 6.2 or later"
}

check_node() {
  has npm || die "npm is missing beside $(command -v node): install the npm that belongs to this Node"
  version_at_least "$(node --version | tr -d v)" 18 || die "Node $(node --version) is too old: the front-end build needs 18 or later"
}

# Asked before anything is installed: nothing else here is of use without it.
check_rust() {
  has cargo || { [ -x "$HOME/.cargo/bin/cargo" ] && export PATH="$PATH:$HOME/.cargo/bin"; } ||
    die "the Rust toolchain is missing: install it from https://rustup.rs (Debian's is too old) and run this again"
}
