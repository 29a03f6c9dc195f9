# The server of moto (Python). It does not check signatures, and implements tags, storage classes and versions well.
moto_version=5.2.5

install() {
  pip_install moto moto_server "moto[server,s3]==$moto_version"
}

start() {
  "$cache/moto/bin/moto_server" -H 127.0.0.1 -p "$port" &
  server=$!
}
