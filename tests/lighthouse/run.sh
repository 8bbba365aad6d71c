#!/usr/bin/env bash
# What Lighthouse says of every public page of a shop that is running, as a phone:
#   BASE_URL=http://localhost:8080 tests/lighthouse/run.sh [--performance] [PATH…]
# Accessibility, best practices and SEO must be 1.0: they say the same each time. --performance measures that as well (0.95, the middle
# of three runs a page) and wants a machine with nothing else to do. CHROMIUM names another browser than /usr/bin/chromium.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export BASE_URL=${BASE_URL:-http://localhost:8080} CHROME_PATH=${CHROMIUM:-/usr/bin/chromium}
if [ ! -d node_modules/lighthouse ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci
fi
exec node check.js "$@"
