#!/usr/bin/env bash
# The browser tests, against a shop that is running: BASE_URL=http://localhost:8080 tests/browser/run.sh [FILE...]
# SHOTS=1 leaves pictures of every page in tests/browser/results/; CHROMIUM names another browser than /usr/bin/chromium.
# MAIL_DIR is the folder in which the shop's mails land: var/mail unless it is set.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export BASE_URL=${BASE_URL:-http://localhost:8080}
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1

if [ ! -d node_modules/playwright-core ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci
fi
if [ $# -eq 0 ]; then
  set -- *.test.js
fi
# One file after the other: a machine with two cores also carries the shop.
exec node --test --test-concurrency=1 --test-reporter=spec "$@"
