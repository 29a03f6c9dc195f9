# OpenStack Swift with its s3api (packages of Debian), in one process per service. It implements errors of parts and
# conditions well, and does not implement tags.
access_key=test:tester
secret_key=testing

install() {
  command -v swift-proxy-server >/dev/null && return
  apt_install swift-proxy swift-account swift-container swift-object
}

# The long timeouts are for busy machines: with shorter ones, Swift stops asking its own servers after a few seconds, and
# new objects are missing in listings.
write_server() { # name, port
  cat >"$data/$1.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $2
swift_dir = $data
devices = $data/devices
mount_check = false
user = $(id -un)
workers = 0
log_address = $data/no-log
conn_timeout = 60
node_timeout = 60
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$1
conn_timeout = 60
node_timeout = 60
container_update_timeout = 60
CONF
}

write_ring() { # name, port
  swift-ring-builder "$data/$1.builder" create 4 1 1
  swift-ring-builder "$data/$1.builder" add "r1z1-127.0.0.1:$2/disk" 1
  swift-ring-builder "$data/$1.builder" rebalance
}

write_proxy() {
  cat >"$data/swift.conf" <<CONF
[swift-hash]
swift_hash_path_suffix = facts
[storage-policy:0]
name = default
default = yes
CONF
  cat >"$data/proxy.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
swift_dir = $data
user = $(id -un)
workers = 0
log_address = $data/no-log
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats s3api tempauth bulk copy slo dlo versioned_writes symlink proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
conn_timeout = 60
# One fact waits until this timeout ends.
node_timeout = 20
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
max_upload_part_num = 10000
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:bulk]
use = egg:swift#bulk
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000
[filter:dlo]
use = egg:swift#dlo
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
[filter:symlink]
use = egg:swift#symlink
CONF
}

start() {
  mkdir -p "$data/devices/disk"
  for name in account container object; do
    local server_port
    take_port server_port
    write_server "$name" "$server_port"
    write_ring "$name" "$server_port"
  done
  write_proxy
  for name in account container object; do
    "swift-$name-server" "$data/$name.conf" &
    server="$server $!"
  done
  "swift-proxy-server" "$data/proxy.conf" &
  server="$server $!"
}
