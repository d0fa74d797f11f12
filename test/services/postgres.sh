#!/usr/bin/env bash
# A real PostgreSQL for tests, from Debian's packages: a throw-away cluster on loopback.
#   postgres.sh install          installs the packages when they are missing (root)
#   postgres.sh start DIR PORT   starts the cluster in DIR, a new one where there is none, and prints its URL
#   postgres.sh stop DIR         stops it; its data stays in DIR
# DIR must be in a folder that the user postgres may enter.
set -euo pipefail

verb=${1:-}
dir=${2:-}
port=${3:-}

bin() { find /usr/lib/postgresql -path "*/bin/$1" 2>/dev/null | sort -V | tail -1; }

# The server refuses to run as root.
as_owner() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

install_packages() {
  [ -n "$(bin initdb)" ] && return
  # The package would start a cluster of its own on port 5432.
  mkdir -p /etc/postgresql-common
  echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
  apt-get update -q >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql >&2
}

make() {
  mkdir -p "$dir"
  echo skyfeeder >"$dir/password"
  if [ "$(id -u)" = 0 ]; then chown -R postgres "$dir"; fi
  # A language's order of texts, unlike SQLite's: the tables have to say theirs.
  as_owner "$(bin initdb)" -D "$dir/data" -U skyfeeder --auth=scram-sha-256 \
    --pwfile="$dir/password" --encoding=UTF8 --locale-provider=icu --icu-locale=en-US >/dev/null
}

start() {
  [ -d "$dir/data" ] || make
  as_owner "$(bin pg_ctl)" -D "$dir/data" -l "$dir/log" -s -w -t 60 start \
    -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$dir"
  echo "postgres://skyfeeder:skyfeeder@127.0.0.1:$port/postgres"
}

stop() {
  as_owner "$(bin pg_ctl)" -D "$dir/data" -m fast -s -w stop
}

case $verb in
install) install_packages ;;
start) start ;;
stop) stop ;;
*)
  echo "usage: postgres.sh install | start DIR PORT | stop DIR" >&2
  exit 2
  ;;
esac
