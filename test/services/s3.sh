#!/usr/bin/env bash
# A real S3 server for tests: OpenStack Swift behind its s3api, from Debian's packages, one node on loopback.
#   s3.sh install          installs the packages (needs root)
#   s3.sh start DIR PORT   starts it with its data in DIR, takes PORT and the four above it, prints the endpoint
#   s3.sh stop DIR         stops it and removes DIR
# Access key test:tester, secret SKTEST, region us-east-1, path-style addresses.
set -euo pipefail

usage() {
  sed -n '3,6p' "$0" >&2
  exit 2
}

install() {
  apt-get update -q
  apt-get install -y -q --no-install-recommends \
    swift swift-proxy swift-account swift-container swift-object memcached curl
}

start() {
  local dir=$1 port=$2
  [[ -e $dir/run ]] && { echo "$dir is in use" >&2; exit 1; }
  mkdir -p "$dir"/{etc,devices/d1,run,cache}
  dir=$(cd "$dir" && pwd)
  cd "$dir/etc"
  printf '[swift-hash]\nswift_hash_path_suffix = a\nswift_hash_path_prefix = b\n' >swift.conf
  printf '[storage-policy:0]\nname = one\ndefault = yes\n' >>swift.conf
  configure_storage account $((port + 1))
  configure_storage container $((port + 2))
  configure_storage object $((port + 3))
  configure_proxy "$port" $((port + 4))
  memcached -u "$(id -un)" -l 127.0.0.1 -p $((port + 4)) -m 32 -d -P "$dir/run/memcached.pid"
  for name in account container object proxy; do
    setsid "swift-$name-server" "$dir/etc/$name-server.conf" >"$dir/run/$name.log" 2>&1 </dev/null &
    echo $! >"$dir/run/$name.pid"
  done
  await_health "http://127.0.0.1:$port"
}

configure_storage() { # NAME PORT
  swift-ring-builder "$1.builder" create 4 1 1 >/dev/null
  swift-ring-builder "$1.builder" add "r1z1-127.0.0.1:$2/d1" 1 >/dev/null
  # It exits with 1 for a ring of one device, and has written it.
  swift-ring-builder "$1.builder" rebalance >/dev/null || [[ -e $1.ring.gz ]]
  cat >"$1-server.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
workers = 0
user = $(id -un)
swift_dir = $dir/etc
devices = $dir/devices
mount_check = false
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$1
recon_cache_path = $dir/cache
CONF
}

configure_proxy() { # PORT MEMCACHED_PORT
  cat >proxy-server.conf <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $1
workers = 0
user = $(id -un)
swift_dir = $dir/etc
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth bulk slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = SKTEST .admin
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
max_bucket_listing = 10
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$2
CONF
  for filter in catch_errors gatekeeper healthcheck listing_formats bulk slo dlo; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter" >>proxy-server.conf
  done
}

await_health() { # ENDPOINT
  for _ in $(seq 150); do
    if [[ $(curl -s -m 1 "$1/healthcheck" || true) == OK ]]; then
      echo "$1"
      exit 0
    fi
    sleep 0.2
  done
  echo "the S3 server did not come up:" >&2
  tail -n 5 "$dir"/run/*.log >&2
  exit 1
}

stop() {
  local pid
  for pid in "$1"/run/*.pid; do
    [[ -e $pid ]] && kill "$(cat "$pid")" 2>/dev/null || true
  done
  rm -rf "$1"
}

case "${1:-} $#" in
  "install 1") install ;;
  "start 3") start "$2" "$3" ;;
  "stop 2") stop "$2" ;;
  *) usage ;;
esac
