#!/usr/bin/env bash
# Installs the AWS CLI and rclone where they are missing, and runs the tests that use them: bash clients.sh
set -euo pipefail
source "$(dirname "$0")/../../tools.sh"
aws_version=1.46.3

install() {
  pip_install aws aws "awscli==$aws_version" && { command -v rclone >/dev/null || apt_install rclone; }
}

install >"$cache/clients.log" 2>&1 || skip 'the AWS CLI and rclone' "$cache/clients.log"
cd "$root"
PATH=$cache/aws/bin:$PATH REAL_CLIENTS=1 npx vitest run test/local/s3/clients.test.ts test/end-to-end/aws-cli.test.ts "$@"
