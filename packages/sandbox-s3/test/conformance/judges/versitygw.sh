# The S3 gateway of Versity (Go) on a directory. It knows full-object checksums, and ignores encoding-type in listings.
versitygw_version=v1.8.0
# The version in Debian is too old.
compiler=go
program=$cache/versitygw-$versitygw_version/versitygw

install() {
  [ -x "$program" ] && return
  GOBIN=$(dirname "$program") GOFLAGS=-mod=mod go install "github.com/versity/versitygw/cmd/versitygw@$versitygw_version"
}

start() {
  mkdir -p "$data/buckets" "$data/versions"
  "$program" --access "$access_key" --secret "$secret_key" --port "127.0.0.1:$port" --region us-east-1 \
    posix --versioning-dir "$data/versions" "$data/buckets" &
  server=$!
}
