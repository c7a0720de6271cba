#!/usr/bin/env bash
# Runs our agent beside nginx and Portkey. See bench/README.md. Options: --only=ours,nginx,portkey --quick
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
for program in nginx wrk gcc taskset; do
  command -v "$program" >/dev/null || missing+=("$program")
done
if [ ${#missing[@]} -gt 0 ]; then
  echo "bench:peers needs ${missing[*]}: install it (on Debian: apt-get install nginx-light wrk gcc libc6-dev util-linux)." >&2
  exit 2
fi
if [ "$(nproc)" -lt 2 ]; then
  echo "bench:peers needs two CPUs, one for the gateway and one for the load." >&2
  exit 2
fi

# The driver, wrk and the mock share CPU 1; each gateway has CPU 0 to itself (peer-process.ts).
export PATH="$PWD/node_modules/.bin:$PATH"
exec taskset -c 1 node bench/peers.ts "$@"
