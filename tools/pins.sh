#!/usr/bin/env bash
# Compiles requirements/*.in for every platform at once. Without --upgrade only what must change does.
set -euo pipefail
cd "$(dirname "$0")/.."
for name in uv base dev; do
  .venv/bin/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
    --no-emit-index-url --no-annotate --no-header "$@" "requirements/$name.in" -o "requirements/$name.txt"
  echo "requirements/$name.txt: $(grep -c '==' "requirements/$name.txt") packages"
done
if grep -nE 'https?://' requirements/*.txt; then
  echo "A pinned file names a host; pins must work with any mirror." >&2
  exit 1
fi
