# shellcheck shell=bash
# Web traffic through the machine's firewall: asked first, and only what is in use. Needs ui.sh, installed.sh, and agreed() of setup.sh.

open_firewall() {
  local kind
  [ "$FIREWALL" != no ] && [ "$(setting HTTP_ADDRESS '*')" != 127.0.0.1 ] || return 0
  kind=$(firewall_kind)
  [ "$kind" != none ] || [ "$FIREWALL" = yes ] || [ "$ASK" = yes ] || return 0
  ! firewall_is_open "$kind" || return 0
  if [ "$FIREWALL" = ask ]; then
    case $kind in
      none) agreed "No firewall runs here. Install ufw and let in ssh ($(ssh_ports | xargs)) and web ($(web_ports | xargs)) alone?" no || return 0 ;;
      *) agreed "Let web traffic ($(web_ports | xargs)) through $kind?" no || { warn "$kind stays as it is: nobody outside reaches the shop until ports $(web_ports | xargs) are open"; return 0; } ;;
    esac
  fi
  step "Firewall"
  case $kind in
    firewalld) open_firewalld ;;
    *) open_ufw "$kind" ;;
  esac
}

firewall_kind() {
  if has ufw && ufw status 2>/dev/null | grep '^Status: active' >/dev/null; then echo ufw
  elif systemctl is-active -q firewalld.service 2>/dev/null; then echo firewalld
  else echo none; fi
}

firewall_is_open() { # KIND
  local port
  for port in $(web_ports); do
    case $1 in
      ufw) ufw status | grep -E "^$port/tcp +ALLOW" >/dev/null || return 1 ;;
      firewalld) firewall-cmd -q --query-port="$port/tcp" || return 1 ;;
      none) return 1 ;;
    esac
  done
}

# The ports on which somebody may be signed in right now: they stay open whatever else is closed.
ssh_ports() {
  { sshd -T 2>/dev/null | sed -n 's/^port //p'; ss -ltnpH 2>/dev/null | sed -n 's/.*:\([0-9]*\) .*"sshd".*/\1/p'; awk '{ print $4 }' <<<"${SSH_CONNECTION:-}"; } | grep -E '^[0-9]+$' | sort -un | grep . || echo 22
}

open_ufw() { # KIND
  local port
  if [ "$1" = none ]; then
    has ufw || { DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ufw >/dev/null 9>&- || die "ufw could not be installed: apt-get install ufw says why"; }
    for port in $(ssh_ports); do ufw allow "$port/tcp" comment 'ssh' >/dev/null; done
  fi
  for port in $(web_ports); do
    ufw status | grep -E "^$port/tcp +ALLOW" >/dev/null || echo "$port" >>"$STATE_DIR/firewall.ufw"
    ufw allow "$port/tcp" comment 'the shop' >/dev/null || { warn "ufw does not take the rule for port $port: the shop runs, but may not be reached from outside"; return 0; }
  done
  [ "$1" != none ] || ufw --force enable >/dev/null 2>&1 || warn "ufw cannot be switched on here (does the kernel have netfilter?): the rules are kept for the next time"
}

open_firewalld() {
  local port
  for port in $(web_ports); do
    firewall-cmd -q --permanent --add-port="$port/tcp" && firewall-cmd -q --add-port="$port/tcp"
    echo "$port" >>"$STATE_DIR/firewall.firewalld"
  done
}

# What was opened from here.
close_firewall() {
  local port
  if [ -f "$STATE_DIR/firewall.ufw" ] && has ufw; then
    while read -r port; do ufw delete allow "$port/tcp" >/dev/null 2>&1 || true; done <"$STATE_DIR/firewall.ufw"
  fi
  if [ -f "$STATE_DIR/firewall.firewalld" ] && has firewall-cmd; then
    while read -r port; do firewall-cmd -q --permanent --remove-port="$port/tcp" || true; done <"$STATE_DIR/firewall.firewalld"
    firewall-cmd -q --reload || true
  fi
  rm -f "$STATE_DIR"/firewall.*
}
