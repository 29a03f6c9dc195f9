# Moto's server (Python): does not check signatures; strong on tags, classes and versions.
moto_version=5.2.5

install() {
  pip_install moto moto_server "moto[server,s3]==$moto_version"
}

start() {
  "$cache/moto/bin/moto_server" -H 127.0.0.1 -p "$port" &
  server=$!
}
