#!/usr/bin/env bash
# A Mosquitto for tests, set up as docs/mqtt.md says. Prints what to set SKYFEEDER_TEST_MQTT to.
#   mosquitto.sh install | start FOLDER PORT | stop FOLDER
set -euo pipefail

# Debian puts the broker where only root looks.
PATH=$PATH:/usr/sbin
# All users of a test have this one; the broker listens on loopback only.
PASSWORD=for-tests-only

install() {
  if command -v mosquitto mosquitto_passwd mosquitto_pub >/dev/null; then return; fi
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  # The package starts a service of its own, on the port of everybody else's.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
    apt-get install -y --no-install-recommends mosquitto mosquitto-clients >&2
}

start() {
  local folder=$1 port=$2
  mkdir -p "$folder"
  folder=$(cd "$folder" && pwd)
  cat >"$folder/acl" <<'ACL'
user skyfeeder
topic readwrite skyfeeder/#

user admin
topic readwrite skyfeeder/#

pattern write skyfeeder/%u/event/#
pattern write skyfeeder/%u/status
pattern read skyfeeder/%u/cmd/#
ACL
  local user
  rm -f "$folder/passwords"
  touch "$folder/passwords"
  chmod 600 "$folder/passwords" "$folder/acl"
  for user in skyfeeder admin feeder-1; do
    mosquitto_passwd -b "$folder/passwords" "$user" "$PASSWORD" 2>>"$folder/log"
  done
  cat >"$folder/mosquitto.conf" <<CONF
listener $port 127.0.0.1
allow_anonymous false
password_file $folder/passwords
acl_file $folder/acl
set_tcp_nodelay true
max_queued_messages 10000
CONF
  # As root it would become the user "mosquitto", who may not read the folder.
  [ "$(id -u)" != 0 ] || echo "user root" >>"$folder/mosquitto.conf"
  mosquitto -c "$folder/mosquitto.conf" >>"$folder/log" 2>&1 </dev/null &
  echo $! >"$folder/pid"
  for _ in $(seq 100); do
    if mosquitto_pub -h 127.0.0.1 -p "$port" -u admin -P "$PASSWORD" -t skyfeeder/ready -n 2>/dev/null; then
      echo "mqtt://skyfeeder:$PASSWORD@127.0.0.1:$port"
      return
    fi
    kill -0 "$(cat "$folder/pid")" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$folder/log" >&2
  echo "mosquitto did not start on port $port" >&2
  exit 1
}

stop() {
  local pid
  pid=$(cat "$1/pid")
  kill "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  rm -f "$1/pid"
}

case "${1:-}:$#" in
  install:1) install ;;
  start:3) start "$2" "$3" ;;
  stop:2) stop "$2" ;;
  *)
    sed -n '2,3p' "$0" >&2
    exit 2
    ;;
esac
