#!/usr/bin/env bash
# Installs both versions of the AWS CLI and rclone if they are missing, and runs the tests that use them: bash clients.sh.
# Version 1 of the AWS CLI is a Python package. Version 2 is not, so it comes from Debian.
set -euo pipefail
source "$(dirname "$0")/../../tools.sh"
aws_version=1.46.3

install() {
  pip_install aws aws "awscli==$aws_version" || return 1
  command -v rclone >/dev/null || apt_install rclone
}

install_v2() {
  [[ -x /usr/bin/aws ]] || apt_install awscli || return 1
  mkdir -p "$cache/aws2"
  ln -sf /usr/bin/aws "$cache/aws2/aws"
  "$cache/aws2/aws" --version | grep '^aws-cli/2'
}

install >"$cache/clients.log" 2>&1 || skip 'the AWS CLI and rclone' "$cache/clients.log"
cd "$root"
run() { # folder of the AWS CLI, vitest arguments
  local folder=$1
  shift
  "$folder/aws" --version
  PATH=$folder:$PATH REAL_CLIENTS=1 npx vitest run "$@"
}
run "$cache/aws/bin" test/cli/local/clients.test.ts test/end-to-end/aws-cli.test.ts "$@"

install_v2 >"$cache/clients.log" 2>&1 || skip 'version 2 of the AWS CLI' "$cache/clients.log"
run "$cache/aws2" test/cli/local/clients.test.ts -t 'the AWS CLI' "$@"
