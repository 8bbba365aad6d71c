# shellcheck shell=bash
# The shop's Redis on an installed machine: an instance of its own beside whatever else there is, through the unit template of Debian's package.
# Needs ui.sh, processes.sh (port_taken), installed.sh, managed.sh.

REDIS_CONF=/etc/redis/redis-ecommerce.conf

install_cache() {
  local port
  port=$(choose_redis_port)
  make_secret redis_url "redis://:$(random_text)@127.0.0.1:$port/0"
  write_redis_conf "$port"
  systemctl enable -q "$REDIS_UNIT"
  if ! systemctl is-active -q "$REDIS_UNIT"; then
    systemctl start "$REDIS_UNIT" || { journalctl -q -n 5 -o cat -u "$REDIS_UNIT" | sed 's/^/    /' >&2; die "Redis does not start: the end of its journal is above"; }
  elif [ "$MANAGED_CHANGES" -gt 0 ]; then
    systemctl restart "$REDIS_UNIT"
  fi
  wait_until 30 redis_is_ours || die "Redis does not answer on port $port with the password in $SECRETS_DIR/redis_url"
}

# The first port from 6379 on that nobody has; kept afterwards.
choose_redis_port() {
  local port
  port=$(setting REDIS_PORT)
  if [ -z "$port" ]; then
    port=6379
    while port_taken "$port"; do port=$((port + 1)); done
    set_setting REDIS_PORT "$port"
  fi
  echo "$port"
}

write_redis_conf() { # PORT
  local password
  password=$(redis_password)
  MANAGED_CHANGES=0
  install -d -m 0750 -o redis -g redis /var/lib/redis/ecommerce
  put_file "$REDIS_CONF" 0640 redis:redis <<CONF
# The shop's own Redis: sessions and limits. Written by setup.sh.

# Only this machine, only with the password.
bind 127.0.0.1
port $1
requirepass $password
# No one reaches it that way, so what could be done with it stays closed too.
enable-debug-command no
enable-module-command no

daemonize no
supervised systemd
pidfile /run/redis-ecommerce/redis-server.pid
logfile /var/log/redis/redis-server-ecommerce.log
dir /var/lib/redis/ecommerce

# Sessions outlive a restart: at most the last second is lost when it is killed.
appendonly yes
appendfsync everysec
save ""
# Sessions and limits must not be dropped to make room: a full Redis refuses instead, and says so.
maxmemory $(setting REDIS_MEMORY 256mb)
maxmemory-policy noeviction
CONF
}

redis_password() { sed 's|^redis://:\([^@]*\)@.*|\1|' "$SECRETS_DIR/redis_url"; }
redis_is_ours() { [ "$(REDISCLI_AUTH=$(redis_password) redis-cli -h 127.0.0.1 -p "$(setting REDIS_PORT 6379)" PING 2>/dev/null)" = PONG ]; }
