# shellcheck shell=bash
# The shop's units, log rotation and the command `ecommerce`, from this release's templates. Needs ui.sh,
# installed.sh, managed.sh. Calling it again changes what differs and nothing else.

UNIT_DIR=${INSTALL_PREFIX:-}/etc/systemd/system

# A line a secret: the file, and the variable that names it inside the unit.
unit_credentials() {
  local name
  for name in $SHOP_SECRETS; do printf 'LoadCredential=%s:%s/%s\nEnvironment=%s_FILE=%%d/%s\n' "$name" "$SECRETS_DIR" "$name" "${name^^}" "$name"; done
}

# Servers speak to their stores on this machine and to nobody else, unless a setting names another machine.
unit_network() {
  if stores_are_here; then
    printf '%s\n' "# Its stores and Nginx are on this machine; a hole in it cannot call home. (setup.sh leaves this out when a store is elsewhere.)" \
      "IPAddressDeny=any" "IPAddressAllow=localhost"
  else
    echo "# A store is on another machine, so addresses are not bounded."
  fi
}

stores_are_here() {
  local name address
  [ -z "$(setting MEDIA_STORE)" ] || return 1
  for name in database_url redis_url; do
    address=$(cat "$SECRETS_DIR/$name" 2>/dev/null) || continue
    address=${address##*@}
    case $address in 127.* | localhost[:/]* | %2F* | '[::1]'*) ;; *) return 1 ;; esac
  done
}

install_units() {
  local n hardening text
  hardening=$(cat "$ROOT/systemd/hardening.conf")
  MANAGED_CHANGES=0
  for n in $(seq "$(server_count)"); do
    text=$(render_template "$ROOT/systemd/ecommerce-server.service.template" "N=$n" "PORT=$(server_port "$n")" "METRICS_PORT=$(metrics_port "$n")" \
      "CREDENTIALS=$(unit_credentials)" "NETWORK=$(unit_network)" "HARDENING=$hardening")
    put_file "$UNIT_DIR/$(unit_of "server$n")" 0644 root:root <<<"$text"
  done
  text=$(render_template "$ROOT/systemd/ecommerce-worker.service.template" "METRICS_PORT=$(worker_metrics_port)" \
    "CREDENTIALS=$(unit_credentials)" "HARDENING=$hardening")
  put_file "$UNIT_DIR/ecommerce-worker.service" 0644 root:root <<<"$text"
  put_file "$UNIT_DIR/ecommerce.target" 0644 root:root <"$ROOT/systemd/ecommerce.target"
  drop_surplus_units
  [ "$MANAGED_CHANGES" = 0 ] || systemctl daemon-reload
  # shellcheck disable=SC2046 # a word a unit
  systemctl enable -q ecommerce.target $(shop_names | sed 's/^/ecommerce-/; s/$/.service/')
  put_file /etc/logrotate.d/ecommerce 0644 root:root <"$ROOT/deployment/logrotate.conf"
  put_file /usr/local/bin/ecommerce 0755 root:root <<'SH'
#!/bin/sh
# The shop's program with this machine's settings and secrets, as root: ecommerce doctor, ecommerce admin create --username …
exec /opt/ecommerce/current/deployment/ecommerce.sh "$@"
SH
}

# Units of servers that there are no longer: `setup.sh --servers 2` after three.
drop_surplus_units() {
  local unit n
  for unit in "$UNIT_DIR"/ecommerce-server*.service; do
    n=${unit##*ecommerce-server} n=${n%.service}
    if ! [[ $n =~ ^[0-9]+$ ]] || [ "$n" -le "$(server_count)" ]; then continue; fi
    systemctl disable -q --now "ecommerce-server$n.service" || true
    remove_file "$unit"
    MANAGED_CHANGES=$((MANAGED_CHANGES + 1))
  done
}
