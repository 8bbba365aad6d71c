# shellcheck shell=bash
# The shop's site in the machine's Nginx, with or without TLS. Needs ui.sh, nginx.sh, installed.sh, managed.sh.

NGINX_DIR=${INSTALL_PREFIX:-}/etc/nginx
SITE_FILE=$NGINX_DIR/conf.d/ecommerce.conf
DEFAULT_SITE=$NGINX_DIR/sites-enabled/default
TLS_DIR=$ETC_DIR/tls
ACME_DIR=$STATE_DIR/acme # where certbot proves that the name is ours

has_ipv6() { grep -q . /proc/net/if_inet6 2>/dev/null; }

# `listen` lines of a port; all of it on loopback alone when the shop has no name but localhost.
site_listen() { # PORT OPTIONS
  local address
  address=$(setting HTTP_ADDRESS '*')
  case $address in
    127.0.0.1) printf '    listen 127.0.0.1:%s default_server%s;\n' "$1" "$2"; ! has_ipv6 || printf '    listen [::1]:%s default_server%s;\n' "$1" "$2" ;;
    '*') printf '    listen %s default_server%s;\n' "$1" "$2"; ! has_ipv6 || printf '    listen [::]:%s default_server%s;\n' "$1" "$2" ;;
    *) printf '    listen %s:%s default_server%s;\n' "$address" "$1" "$2" ;;
  esac
}

site_uses_tls() { [ "$(setting TLS none)" != none ]; }

# What stands in the template's place for `listen`: with TLS the certificate comes along.
site_entry() {
  if ! site_uses_tls; then site_listen "$(setting HTTP_PORT 80)" ""; return 0; fi
  site_listen "$(setting HTTPS_PORT 443)" " ssl http2"
  render_template "$ROOT/nginx/tls.conf.template" "CERTIFICATE=$(site_certificate)" "KEY=$(site_key)"
}

# certbot's, once there are any; until then the self-signed ones, so that Nginx can start.
site_certificate() { site_tls_file TLS_CERTIFICATE fullchain.pem; }
site_key() { site_tls_file TLS_KEY privkey.pem; }
site_tls_file() { # SETTING NAME
  local own=$TLS_DIR/$2 certbot
  certbot=/etc/letsencrypt/live/$(url_host "$(setting PUBLIC_URL)")/$2
  case $(setting TLS) in
    files) setting "$1" ;;
    certbot) if [ -e "$certbot" ]; then echo "$certbot"; else echo "$own"; fi ;;
    *) echo "$own" ;;
  esac
}

site_text() {
  local brotli="# (brotli_static: the module is not installed)"
  ! has_brotli || brotli="brotli_static on;"
  # shellcheck disable=SC2034 # read by nginx_upstream_servers
  SERVER_COUNT=$(server_count)
  nginx_site "LISTEN=$(site_entry)" \
    "ACCESS_LOG=/var/log/nginx/ecommerce_access.log" "ERROR_LOG=/var/log/nginx/ecommerce_error.log" "ERRORS_DIR=$CURRENT/nginx/errors" \
    "HEADERS_CONF=$CURRENT/nginx/headers.conf" "STATIC_DIR=$STATIC_UNION" "MEDIA_DIR=$OPT_DIR/media" "BROTLI_STATIC=$brotli"
  ! site_uses_tls || render_template "$ROOT/nginx/redirect.conf.template" "LISTEN=$(site_listen "$(setting HTTP_PORT 80)" "")" \
    "PUBLIC_URL=$(setting PUBLIC_URL)" "ACME_DIR=$ACME_DIR"
}

# The file alone is not enough: Debian loads it through a link.
has_brotli() { [ -e "$BROTLI_MODULE" ] && ls "$NGINX_DIR"/modules-enabled/*brotli-static* >/dev/null 2>&1; }

# Writes the site and has Nginx take it; what Nginx refuses is taken back, and Nginx runs on with what it had.
install_site() {
  local before says text
  before=$(mktemp)
  if [ -e "$SITE_FILE" ]; then cp -p "$SITE_FILE" "$before"; else rm -f "$before"; fi
  install -d -m 0755 "$ACME_DIR"
  MANAGED_CHANGES=0
  # Not through a pipe: put_file counts what it changes.
  text=$(site_text)
  put_file "$SITE_FILE" 0644 root:root <<<"$text"
  tune_nginx
  disable_default_site
  if ! says=$(nginx -t -q 2>&1); then
    if [ -e "$before" ]; then mv "$before" "$SITE_FILE"; else remove_file "$SITE_FILE" && untune_nginx && enable_default_site; fi
    die "Nginx refuses the shop's site, which is taken back: $(grep -m 1 -E 'emerg|error' <<<"$says" | sed 's/^.*\(emerg\|error\)\] *//')"
  fi
  local changes=$MANAGED_CHANGES take=reload
  # From one address to all of them (or back) a running Nginx cannot go: its old socket is in the way of the new one.
  if [ -e "$before" ] && [ "$(site_addresses "$before")" != "$(site_addresses "$SITE_FILE")" ]; then take=restart; fi
  rm -f "$before"
  restart_on_failure nginx.service
  systemctl is-enabled -q nginx.service 2>/dev/null || touch "$STATE_DIR/nginx-enabled"
  systemctl enable -q nginx.service
  if ! systemctl is-active -q nginx.service; then
    systemctl start nginx.service || die "Nginx does not start: $(journalctl -q -n 3 -o cat -u nginx.service | grep -m 1 emerg || echo 'systemctl status nginx')"
  elif [ "$changes" -gt 0 ]; then
    systemctl "$take" nginx.service
  fi
}

# How many may be connected is said in nginx.conf, which is Debian's: its stock 768 a worker (two a request, and one a chat that stays open)
# is raised there, and nothing else is touched. What belongs beside it comes in through the folder of modules.
tune_nginx() {
  local main=$NGINX_DIR/nginx.conf
  if grep -qE '^[[:space:]]*worker_connections 768;$' "$main"; then
    sed -i -E 's/^([[:space:]]*)worker_connections 768;$/\1worker_connections 8192; # 768 before the shop/' "$main"
    MANAGED_CHANGES=$((MANAGED_CHANGES + 1))
  fi
  ! grep -qE '^[[:space:]]*(worker_rlimit_nofile|worker_shutdown_timeout)' "$main" || return 0
  put_file "$NGINX_DIR/modules-enabled/90-ecommerce.conf" 0644 root:root <<'CONF'
# Put here by the shop's setup.sh: what Nginx as a whole is told for it.
# Two files a connection and some to spare; the usual limit is 1,024.
worker_rlimit_nofile 20000;
# A worker that is told to end waits for its open connections at most this long.
worker_shutdown_timeout 10s;
CONF
}

untune_nginx() {
  rm -f "$NGINX_DIR/modules-enabled/90-ecommerce.conf"
  [ ! -f "$NGINX_DIR/nginx.conf" ] || sed -i 's/worker_connections 8192; # 768 before the shop/worker_connections 768;/' "$NGINX_DIR/nginx.conf"
}

site_addresses() { sed -n 's/^ *listen \([^ ;]*\).*/\1/p' "$1" | sort -u; } # FILE

# Debian's welcome page claims every name on port 80. Only the link goes, only the packaged one, and --uninstall brings it back.
disable_default_site() {
  [ "$(readlink "$DEFAULT_SITE" 2>/dev/null)" = /etc/nginx/sites-available/default ] || return 0
  rm -f "$DEFAULT_SITE"
  touch "$STATE_DIR/default-site-disabled"
  MANAGED_CHANGES=$((MANAGED_CHANGES + 1))
}

enable_default_site() {
  [ -e "$STATE_DIR/default-site-disabled" ] || return 0
  [ ! -e "$NGINX_DIR/sites-available/default" ] || ln -sfn /etc/nginx/sites-available/default "$DEFAULT_SITE"
  rm -f "$STATE_DIR/default-site-disabled"
}

# --- certificates

# One for the shop's name, signed by itself: encrypted, but browsers warn. Made once, again when the name is another or it ends soon.
make_self_signed() {
  local host kind=DNS
  host=$(url_host "$(setting PUBLIC_URL)")
  [[ ! $host =~ ^[0-9.]+$ ]] || kind=IP
  if openssl x509 -in "$TLS_DIR/fullchain.pem" -noout -checkend 2592000 >/dev/null 2>&1 && certificate_is_for "$host" "$TLS_DIR/fullchain.pem"; then return 0; fi
  install -d -m 0700 "$TLS_DIR"
  (umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 -subj "/CN=$host" \
    -addext "subjectAltName=$kind:$host" -keyout "$TLS_DIR/privkey.pem.new" -out "$TLS_DIR/fullchain.pem.new" 2>/dev/null)
  mv "$TLS_DIR/privkey.pem.new" "$TLS_DIR/privkey.pem" && mv "$TLS_DIR/fullchain.pem.new" "$TLS_DIR/fullchain.pem"
}

# A certificate and key that are given: they must belong together, fit the name and not have ended. One line says what is wrong.
check_tls_files() { # CERTIFICATE KEY HOST
  local pub
  [ -r "$1" ] || die "--certificate $1: there is no such file"
  [ -r "$2" ] || die "--key $2: there is no such file"
  pub=$(openssl x509 -in "$1" -noout -pubkey 2>/dev/null) || die "--certificate $1: is no certificate in PEM form"
  [ "$(openssl pkey -in "$2" -pubout 2>/dev/null)" = "$pub" ] || die "--key $2: does not belong to the certificate $1 (or has a passphrase)"
  openssl x509 -in "$1" -noout -checkend 0 >/dev/null || die "--certificate $1: has ended ($(openssl x509 -in "$1" -noout -enddate | cut -d= -f2))"
  certificate_is_for "$3" "$1" || die "--certificate $1: is not for $3"
}

certificate_is_for() { # HOST CERTIFICATE
  local says option=-checkhost
  [[ ! $1 =~ ^[0-9.]+$ ]] || option=-checkip
  says=$(openssl x509 -in "$2" -noout "$option" "$1" 2>/dev/null) || return 1
  [[ $says == *"does match"* ]]
}

# Asks Let's Encrypt through the running site. Without an answer the self-signed one stays, and the next run asks again.
request_certbot() {
  local host mail log=$STATE_DIR/certbot.log
  host=$(url_host "$(setting PUBLIC_URL)")
  mail=$(setting CERTBOT_EMAIL)
  [ ! -e "/etc/letsencrypt/live/$host/fullchain.pem" ] || return 0
  step "Asking Let's Encrypt for a certificate for $host"
  local contact=(--register-unsafely-without-email)
  [ -z "$mail" ] || contact=(-m "$mail")
  if certbot certonly --webroot -w "$ACME_DIR" -d "$host" --non-interactive --agree-tos "${contact[@]}" \
    --deploy-hook "systemctl reload nginx.service" >"$log" 2>&1 9>&-; then
    install_site
  else
    warn "no certificate yet ($(grep -m 1 -iE 'detail|error|problem' "$log" | cut -c1-160)): $host must lead here on port 80; until then a self-signed one serves. Then: setup.sh again"
  fi
}
