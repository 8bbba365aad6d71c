# shellcheck shell=bash
# What deploy.sh understands in an installed release. Needs installed.sh and ui.sh.
# shellcheck source=operate.sh
. "$LIB/operate.sh"

on_machine_usage() {
  cat <<'TEXT'
deployment/deploy.sh start|stop|restart|status|logs        (of the installed shop, through systemctl)

  start           the stores, Nginx, all servers and the worker, as far as they do not run.
  stop            the servers and the worker.
  restart         one server after the other; the shop stays up. For changed settings in /etc/ecommerce/ecommerce.env.
  status          a row a process: pid, port, ready or not, memory. Ends with 3 if something does not run.
  logs [NAME] [-f]   the journal of all, or of server1, worker, nginx, redis, postgres.
TEXT
}

on_machine() { # COMMAND [ARGUMENTS...]
  case ${1:-} in
    start | stop | restart | status)
      [ $# = 1 ] || die "$1 takes no arguments (see --help)"
      "installed_$1"
      ;;
    logs) shift && installed_logs "$@" ;;
    -h | --help | help) on_machine_usage ;;
    *)
      on_machine_usage >&2
      exit 2
      ;;
  esac
}
