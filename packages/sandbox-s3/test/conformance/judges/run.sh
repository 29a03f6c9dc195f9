#!/usr/bin/env bash
# Tests the facts about S3 against a server of another project: bash run.sh moto|versitygw|swift [vitest arguments]
# Installs the server from its registry (cached in .cache/tools), starts it on 127.0.0.1, runs the tests, and stops it.
# With arguments, it runs those tests instead, such as test/end-to-end/copy.test.ts.
set -euo pipefail

judge=${1:?name a server: moto, versitygw or swift}
shift
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=/dev/null
source "$here/../../../../../test/tools.sh"
data=$(mktemp -d)
access_key=test
secret_key=testing-secret
server=
ports=

# Sets the variable that it names to a port on which nothing listens, and adds it to $ports. The port is below those that
# the system gives to other programs, so that none of them gets it before the server starts.
take_port() { # name of the variable
  local taken
  for _ in $(seq 100); do
    taken=$((20000 + RANDOM % 10000))
    case " $ports " in *" $taken "*) continue ;; esac
    if (exec 3<>"/dev/tcp/127.0.0.1/$taken") 2>/dev/null; then continue; fi
    ports="$ports $taken"
    printf -v "$1" %s "$taken"
    return
  done
  echo "no port from 20000 to 29999 is free" >&2
  return 1
}
take_port port

# The file of each server defines the functions install and start. It can set $compiler to a program that install needs.
# start sets $server to the ids of its processes. All ports that it gets from take_port must answer, as must $port.
# shellcheck source=/dev/null
source "$here/$judge.sh"

stop() {
  local status=$?
  # shellcheck disable=SC2086 # one or more process ids
  [ -z "$server" ] || kill $server 2>/dev/null || true
  wait
  if [[ $status != 0 && -s $data/server.log ]]; then
    echo "last lines of the log of $judge:"
    tail -n 20 "$data/server.log"
  fi
  rm -rf "$data"
  exit "$status"
}
trap stop EXIT

[[ -z ${compiler:-} ]] || command -v "$compiler" >/dev/null || skip_without "$compiler" "$judge"
install >"$data/install.log" 2>&1 || skip "$judge" "$data/install.log"
start >"$data/server.log" 2>&1
answers() {
  local each
  for each in $ports; do (exec 3<>"/dev/tcp/127.0.0.1/$each") 2>/dev/null || return 1; done
}
for _ in $(seq 600); do
  if answers; then break; fi
  sleep 0.1
done
if ! answers; then
  echo "$judge does not answer on all of these ports after 60 seconds: $ports"
  exit 1
fi

cd "$root"
S3_CONFORMANCE_JUDGE=$judge \
  S3_CONFORMANCE_ENDPOINT="http://127.0.0.1:$port" \
  S3_CONFORMANCE_ACCESS_KEY=$access_key \
  S3_CONFORMANCE_SECRET_KEY=$secret_key \
  npx vitest run "${@:-packages/sandbox-s3/test/conformance}"
