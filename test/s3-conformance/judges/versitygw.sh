# Versity's S3 gateway (Go) on a directory: knows full-object checksums.
versitygw_version=v1.8.0

install() {
  [ -x "$cache/versitygw" ] && return
  GOBIN="$cache" GOFLAGS=-mod=mod go install "github.com/versity/versitygw/cmd/versitygw@$versitygw_version"
}

start() {
  mkdir -p "$data/buckets" "$data/versions"
  "$cache/versitygw" --access "$access_key" --secret "$secret_key" --port "127.0.0.1:$port" --region us-east-1 \
    posix --versioning-dir "$data/versions" "$data/buckets" &
  server=$!
}
