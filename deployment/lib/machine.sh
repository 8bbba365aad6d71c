# shellcheck shell=bash
# What setup.sh finds and makes on a machine: is it one that fits, the account, folders, secrets, settings, and the release's files.
# Needs ui.sh, processes.sh, packages.sh, installed.sh, managed.sh.

# --- does it fit? Every question is asked before anything is changed.

check_machine() {
  check_system
  check_release
  check_installed_versions
  check_ports_free
  need_space /opt 500 "the shop"
  need_space /var 800 "packages, database and logs"
  need_space /tmp 50 "installing"
}

check_system() {
  local id="" version="" name=""
  # shellcheck disable=SC1091 # the machine's own
  [ ! -r /etc/os-release ] || { id=$(. /etc/os-release && echo "${ID:-}"); version=$(. /etc/os-release && echo "${VERSION_ID:-0}"); name=$(. /etc/os-release && echo "${PRETTY_NAME:-}"); }
  case $id in
    debian) version_at_least "${version:-13}" 12 || die "$name is too old: its PostgreSQL and Redis are. Debian 12 or Ubuntu 24.04 and later are supported" ;;
    ubuntu) version_at_least "$version" 24.04 || die "$name is too old: its PostgreSQL and Redis are. Debian 12 or Ubuntu 24.04 and later are supported" ;;
    *) die "${name:-this system} is not supported: Debian 12 or Ubuntu 24.04 and later are" ;;
  esac
  [ -d /run/systemd/system ] || die "systemd does not run here (a container without it?): deployment/deploy.sh start runs the shop without installing"
}

# That the archive is whole and for this machine.
check_release() {
  local arch glibc here
  [ -s "$ROOT/SHA256SUMS" ] || die "$ROOT is no release: make one with deployment/package.sh"
  arch=$(release_says ARCH) glibc=$(release_says GLIBC)
  [ "$arch" = "$(uname -m)" ] || die "this release is for $arch, and this machine is $(uname -m)"
  here=$(getconf GNU_LIBC_VERSION | awk '{ print $2 }')
  version_at_least "$here" "$glibc" || die "this release needs glibc $glibc, and this machine has $here"
  (cd "$ROOT" && release_sums | sha256sum --quiet --strict -c - >/dev/null 2>&1) ||
    die "the archive is damaged: $( (cd "$ROOT" && release_sums | sha256sum -c - 2>/dev/null || true) | grep -m 1 -v ': OK$' || echo 'SHA256SUMS does not fit'). Fetch it again"
}

# The demo shop's pictures are not kept in an installed release.
release_sums() {
  case $ROOT in "$RELEASES_DIR"/*) grep -v '  seed/media/' "$ROOT/SHA256SUMS" ;; *) cat "$ROOT/SHA256SUMS" ;; esac
}

release_says() { sed -n "s/^$1=//p" "$ROOT/RELEASE"; } # NAME

# What is there already and stays: it must not be too old. PostgreSQL may be, a newer one is put beside it.
check_installed_versions() {
  local version
  if has redis-server; then
    version=$(redis-server --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p')
    version_at_least "$version" 6.2 || die "Redis $version is installed here and too old: the shop needs 6.2 or later. Upgrade it first"
  fi
  if has nginx; then
    version=$(nginx -v 2>&1 | sed -n 's|.*nginx/\([0-9.]*\).*|\1|p')
    version_at_least "$version" 1.18 || die "Nginx $version is installed here and too old: the shop needs 1.18 or later. Upgrade it first"
  fi
  if ! postgres_bin >/dev/null; then
    version=$(apt-cache policy postgresql 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\)+.*/\1/p')
    [ -z "$version" ] || [ "$version" -ge 15 ] || die "apt would install PostgreSQL $version here: the shop needs 15 or later (a pin in /etc/apt/preferences.d?)"
  fi
}

check_ports_free() {
  local n port
  for port in $(web_ports); do
    ! port_taken "$port" || port_is_of nginx "$port" || need_free_port "$port" "$([ "$port" = "$(setting HTTPS_PORT 443)" ] && echo HTTPS_PORT || echo HTTP_PORT)" "Nginx"
  done
  for n in $(seq "$(server_count)"); do
    systemctl is-active -q "ecommerce-server$n.service" && continue
    need_free_port "$(server_port "$n")" SERVER_PORT_BASE "Server-$n"
    need_free_port "$(metrics_port "$n")" METRICS_PORT_BASE "the metrics of Server-$n"
  done
  systemctl is-active -q ecommerce-worker.service || need_free_port "$(worker_metrics_port)" WORKER_METRICS_PORT "the worker's metrics"
}

web_ports() {
  setting HTTP_PORT 80
  [ "$(setting TLS none)" = none ] || setting HTTPS_PORT 443
}

port_is_of() { ss -ltnpH "sport = :$2" 2>/dev/null | grep "\"$1\"" >/dev/null; } # PROGRAM PORT

# --- what is made

# An account that nobody signs in to. Nginx reads pictures through their folder's group.
make_account() {
  getent group "$SHOP_USER" >/dev/null || groupadd --system "$SHOP_USER"
  getent passwd "$SHOP_USER" >/dev/null ||
    useradd --system --gid "$SHOP_USER" --home-dir "$OPT_DIR" --no-create-home --shell /usr/sbin/nologin --comment "the shop" "$SHOP_USER"
}

make_folders() {
  install -d -m 0755 "$OPT_DIR" "$RELEASES_DIR" "$STATE_DIR"
  # New files get the folder's group (the 2): logs can be read by adm, pictures by Nginx.
  install -d -m 2750 -o "$SHOP_USER" -g adm "$OPT_DIR/logs"
  install -d -m 2750 -o "$SHOP_USER" -g www-data "$OPT_DIR/media"
  install -d -m 0700 -o "$SHOP_USER" -g "$SHOP_USER" "$OPT_DIR/mail"
  install -d -m 0750 -g "$SHOP_USER" "$ETC_DIR"
  install -d -m 0700 "$SECRETS_DIR"
}

# Half-written files of a run that was killed: each is written beside its place first, and nobody reads it there.
sweep_leftovers() {
  find /etc/nginx /etc/systemd/system /etc/redis /etc/postgresql /etc/logrotate.d /usr/local/bin -name '.ecommerce.??????' -delete 2>/dev/null || true
  rm -rf "$RELEASES_DIR"/*.new "$CURRENT.new" "$ENV_FILE.new" "$SECRETS_DIR"/*.new "$TLS_DIR"/*.new
}

# A secret is made once; it is whole or it is not there.
make_secret() { # NAME TEXT
  local file=$SECRETS_DIR/$1
  [ ! -s "$file" ] || return 0
  (umask 077 && printf '%s\n' "$2" >"$file.new") && mv "$file.new" "$file"
}

random_text() { od -An -tx1 -N32 /dev/urandom | tr -d ' \n'; }

make_secrets() {
  local name
  make_secret secret_key "$(random_text)$(random_text)"
  # Empty ones are not set; the units name them all the same, so that filling one in needs no other change.
  for name in $SHOP_SECRETS; do
    [ -e "$SECRETS_DIR/$name" ] || (umask 077 && : >"$SECRETS_DIR/$name")
  done
  chown -R root:root "$SECRETS_DIR" && chmod 0600 "$SECRETS_DIR"/*
}

# The settings, once; afterwards they are the administrator's, and setup.sh changes only lines it was told to.
make_settings() {
  [ ! -s "$ENV_FILE" ] || return 0
  (umask 027 && cat >"$ENV_FILE.new") <<ENV
# The shop's settings on this machine. All there are, with their defaults: $CURRENT/.env.example. After a change:
#   $CURRENT/deployment/deploy.sh restart        (server by server; the shop stays up)
# Not here: PORT, SERVER_NAME and METRICS_PORT, which differ for each server, and secrets, which are files in $SECRETS_DIR.
APP_ENV=
PUBLIC_URL=
# More names the shop answers to, comma separated.
ALLOWED_HOSTS=
SERVER_COUNT=3

# Mail: until EMAIL_HOST names a server, mails land in MAIL_DIR. The password goes into $SECRETS_DIR/email_host_password.
EMAIL_HOST=
EMAIL_PORT=587
EMAIL_TLS=starttls
EMAIL_HOST_USER=

SHOP_NAME=Fernhill
SHOP_CURRENCY=USD
SHOP_LOCALE=en-US
SHOP_TIME_ZONE=UTC

STATIC_DIR=$CURRENT/static
MEDIA_DIR=$OPT_DIR/media
MAIL_DIR=$OPT_DIR/mail
LOG_DIR=$OPT_DIR/logs

# For setup.sh and deploy.sh alone: run setup.sh again after a change of these.
HTTP_PORT=80
HTTPS_PORT=443
ENV
  chown "root:$SHOP_USER" "$ENV_FILE.new" && chmod 0640 "$ENV_FILE.new" && mv "$ENV_FILE.new" "$ENV_FILE"
}

# These are each unit's own: in the file that all read they would make every server take one port.
check_settings() {
  local name
  for name in PORT SERVER_NAME METRICS_PORT SECRET_KEY DATABASE_URL DATABASE_OWNER_URL REDIS_URL; do
    [ -z "$(setting "$name")" ] || die "$ENV_FILE sets $name, which is $(case $name in PORT | SERVER_NAME | METRICS_PORT) echo "each server's own" ;; *) echo "a secret: $SECRETS_DIR/${name,,}" ;; esac): take the line out"
  done
}

# The release's files, in a folder of their own, whole or not there; the one in use stays in use.
install_release() {
  local version target
  version=$(cat "$ROOT/VERSION")
  target=$(release_dir "$version")
  if [ "$(realpath "$ROOT")" != "$target" ] && ! cmp -s "$ROOT/SHA256SUMS" "$target/SHA256SUMS"; then
    [ ! -e "$target" ] || [ ! -L "$CURRENT" ] || [ "$(release_in_use)" != "$version" ] ||
      die "another build of $version is installed and in use: release this one under a version of its own (package.sh --version)"
    rm -rf "$target" "$target.new"
    mkdir "$target.new"
    # Pictures are not needed twice.
    tar -C "$ROOT" --exclude=./seed/media -cf - . | tar -C "$target.new" --no-same-owner -xf -
    chown -R root:root "$target.new"
    mv "$target.new" "$target"
  fi
  if [ ! -L "$CURRENT" ]; then
    use_release "$version"
    remember_release "$version"
  fi
  offer_static_files "$version"
}
