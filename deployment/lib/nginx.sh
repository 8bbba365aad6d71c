# shellcheck shell=bash
# Nginx's configuration from the templates in nginx/ (render_template of ui.sh), and the private instance that runs it.

BROTLI_MODULE=/usr/lib/nginx/modules/ngx_http_brotli_static_module.so

nginx_upstream_servers() {
  local n
  for n in $(seq "$SERVER_COUNT"); do printf '    server 127.0.0.1:%s max_fails=1 fail_timeout=1s;\n' "$(server_port "$n")"; done
}

# A pool a server for its sockets: that server, and the others for when it is gone; and one of all for those who come first.
nginx_socket_pools() {
  local n
  nginx_socket_pool any 0
  for n in $(seq "$SERVER_COUNT"); do nginx_socket_pool "$n" "$n"; done
}
nginx_socket_pool() { # NAME SERVER, 0 for all alike
  local n others=" backup"
  [ "$2" != 0 ] || others=""
  printf 'upstream socket_%s {\n    zone socket_%s 64k;\n' "$1" "$1"
  [ "$2" != 0 ] || printf '    least_conn;\n'
  for n in $(seq "$SERVER_COUNT"); do
    printf '    server 127.0.0.1:%s max_fails=0%s;\n' "$(server_port "$n")" "$([ "$n" = "$2" ] || echo "$others")"
  done
  printf '}\n'
}
nginx_socket_pool_by_cookie() {
  local n
  for n in $(seq "$SERVER_COUNT"); do printf '    s%s       socket_%s;\n' "$n" "$n"; done
}
nginx_socket_instance_by_address() {
  local n
  for n in $(seq "$SERVER_COUNT"); do printf '    "~:%s$"  s%s;\n' "$(server_port "$n")" "$n"; done
}

# The shop's part of an Nginx: what follows from the number of servers is the same in a checkout and on an installed machine.
nginx_site() { # NAME=VALUE...
  render_template "$ROOT/nginx/ecommerce.conf.template" "UPSTREAM_SERVERS=$(nginx_upstream_servers)" \
    "SOCKET_POOLS=$(nginx_socket_pools)" "SOCKET_POOL_BY_COOKIE=$(nginx_socket_pool_by_cookie)" \
    "SOCKET_INSTANCE_BY_ADDRESS=$(nginx_socket_instance_by_address)" "$@"
}

# "localhost" is ::1 first on many machines, so loopback means both.
nginx_listen() {
  printf '    listen %s:%s default_server;\n' "$HTTP_ADDRESS" "$HTTP_PORT"
  if [ "$HTTP_ADDRESS" = 127.0.0.1 ] && grep -q '^0\{31\}1 ' /proc/net/if_inet6 2>/dev/null; then
    printf '    listen [::1]:%s default_server;\n' "$HTTP_PORT"
  fi
}

# Writes both files, and tells by its result whether they differ from what was there.
nginx_write_conf() {
  local dir=$VAR_DIR/nginx brotli="# (brotli_static: the module is not installed)" modules="" user="" before
  if [ -e "$BROTLI_MODULE" ]; then brotli="brotli_static on;" modules="load_module $BROTLI_MODULE;"; fi
  # As root the workers would run as nobody, who cannot read a checkout below /root. An installed machine has www-data.
  [ "$(id -u)" != 0 ] || user="user root;"
  before=$(cat "$dir"/*.conf 2>/dev/null | sha256sum)
  render_template "$ROOT/nginx/main.conf.template" "LOAD_MODULES=$modules" "USER=$user" "VAR_DIR=$VAR_DIR" \
    "ERROR_LOG=$LOG_DIR/nginx-error.log" >"$dir/main.conf"
  nginx_site "LISTEN=$(nginx_listen)" \
    "ACCESS_LOG=$LOG_DIR/nginx-access.log" "ERROR_LOG=$LOG_DIR/nginx-error.log" "ERRORS_DIR=$ROOT/nginx/errors" \
    "HEADERS_CONF=$dir/headers.conf" "STATIC_DIR=$STATIC_DIR" "MEDIA_DIR=$MEDIA_DIR" "BROTLI_STATIC=$brotli" >"$dir/ecommerce.conf"
  cp "$ROOT/nginx/headers.conf" "$dir/headers.conf"
  [ "$before" != "$(cat "$dir"/*.conf | sha256sum)" ]
}

nginx_check_conf() {
  local says
  says=$(nginx -t -q -e "$LOG_DIR/nginx-error.log" -c "$VAR_DIR/nginx/main.conf" -p "$VAR_DIR/nginx" 2>&1) ||
    die "Nginx refuses its configuration: $(tail -n 2 <<<"$says" | head -n 1)"
}

nginx_start() {
  ! process_alive nginx || return 0
  need_free_port "$HTTP_PORT" HTTP_PORT Nginx
  step "Starting Nginx on port $HTTP_PORT"
  if rotate_log "$LOG_DIR/nginx-access.log"; then :; fi
  if rotate_log "$LOG_DIR/nginx-error.log"; then :; fi
  nginx_write_conf || true
  nginx_check_conf
  # -e: before it has read its configuration it would complain into the machine's own log.
  process_spawn nginx "$LOG_DIR/nginx.out" nginx -e "$LOG_DIR/nginx-error.log" -c "$VAR_DIR/nginx/main.conf" -p "$VAR_DIR/nginx" -g 'daemon off;'
  process_ready nginx 10 "$LOG_DIR/nginx-error.log" nginx_ready
}

# A reload ends the kept-alive connections of clients, so only a changed configuration is worth it.
nginx_reload_if_changed() {
  nginx_write_conf || return 0
  nginx_check_conf
  step "Reloading Nginx: its configuration has changed"
  process_signal nginx HUP
}

# QUIT lets requests under way end.
nginx_stop() { process_stop nginx QUIT 12; }

nginx_ready() { curl -fsS -o /dev/null -m 2 "http://$(nginx_address)/nginx_status" 2>/dev/null; }

# An address of this machine at which our Nginx can be asked.
nginx_address() {
  case $HTTP_ADDRESS in
    0.0.0.0 | '*') echo "127.0.0.1:$HTTP_PORT" ;;
    '[::]') echo "[::1]:$HTTP_PORT" ;;
    *) echo "$HTTP_ADDRESS:$HTTP_PORT" ;;
  esac
}
