# shellcheck shell=bash
# A Redis of our own on a loopback port, with a password (any user of the machine could reach the port), and an append-only
# file: sessions outlive its restart.

redis_write_conf() {
  (
    umask 077
    cat >"$VAR_DIR/redis/redis.conf" <<CONF
bind 127.0.0.1
port $REDIS_PORT
requirepass $(secret redis_password)
dir "$VAR_DIR/redis"
# At most the last second of sessions is lost when it is killed.
appendonly yes
appendfsync everysec
save ""
# Sessions and limits must not be dropped to make room: a full Redis refuses instead, and says so.
maxmemory 256mb
maxmemory-policy noeviction
CONF
  )
}

redis_start() {
  ! process_alive redis || return 0
  need_free_port "$REDIS_PORT" REDIS_PORT Redis
  step "Starting Redis on port $REDIS_PORT"
  rotate_log "$LOG_DIR/redis.log" || true
  redis_write_conf
  process_spawn redis "$LOG_DIR/redis.log" redis-server "$VAR_DIR/redis/redis.conf"
  process_ready redis 30 "$LOG_DIR/redis.log" redis_ready
}

redis_stop() { process_stop redis TERM 20; }

redis_ready() { [ "$(REDISCLI_AUTH=$(secret redis_password) redis-cli -h 127.0.0.1 -p "$REDIS_PORT" PING 2>/dev/null)" = PONG ]; }

redis_url() { printf 'redis://:%s@127.0.0.1:%s/0' "$(secret redis_password)" "$REDIS_PORT"; }
