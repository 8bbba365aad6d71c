# shellcheck shell=bash
# What deploy.sh understands in an installed release. Needs installed.sh and ui.sh.
# shellcheck source=operate.sh
. "$LIB/operate.sh"
# shellcheck source=rollout.sh
. "$LIB/rollout.sh"

on_machine_usage() {
  cat <<'TEXT'
deployment/deploy.sh start|stop|restart|status|logs|rollout|rollback|releases        (of the installed shop, through systemctl)

  start           the stores, Nginx, all servers and the worker, as far as they do not run.
  stop            the servers and the worker.
  restart         one server after the other; the shop stays up. For changed settings in /etc/ecommerce/ecommerce.env.
  status          a row a process: pid, port, ready or not, memory. Ends with 3 if something does not run.
  rollout ARCHIVE    a new release: checked, migrated, server after server, back by itself if one does not become ready.
  rollback [VERSION] the release before, or another one that the schema still carries.
  releases        those on this machine, and which can be rolled back to.
  logs [NAME] [-f]   the journal of all, or of server1, worker, nginx, redis, postgres.
TEXT
}

on_machine() { # COMMAND [ARGUMENTS...]
  case ${1:-} in
    "" | -h | --help | help) ;;
    # Its folder is closed to others: without this they would hear that nothing is set.
    *) [ -r "$ENV_FILE" ] || need_root; shop_is_installed || die "the shop is not installed here: $ENV_FILE or $CURRENT is missing" ;;
  esac
  case ${1:-} in
    start | stop | restart | status)
      [ $# = 1 ] || die "$1 takes no arguments (see --help)"
      "installed_$1"
      ;;
    rollout)
      [ $# = 2 ] || die "rollout takes one release archive (see --help)"
      rollout "$2"
      ;;
    rollback)
      [ $# -le 2 ] || die "rollback takes at most a version (see --help)"
      rollback "${2:-}"
      ;;
    releases) releases ;;
    logs) shift && installed_logs "$@" ;;
    -h | --help | help) on_machine_usage ;;
    *)
      on_machine_usage >&2
      exit 2
      ;;
  esac
}
