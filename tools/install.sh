#!/usr/bin/env bash
# Makes .venv and installs what requirements/$1.txt pins. Says in one sentence what the machine lacks.
set -euo pipefail
cd "$(dirname "$0")/.."
what="$1"
venv=.venv

missing() { # missing <what> <Debian package> <macOS command>
  local how
  case "$(uname -s)" in
    Darwin) how="$3" ;;
    *) how="sudo apt-get install $2" ;;
  esac
  echo "Missing: $1. This brings it: $how" >&2
  exit 1
}

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
}

command -v git >/dev/null 2>&1 || missing "git" git "xcode-select --install"
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
  python="$(find_python)"
  [ -n "$python" ] || missing "Python 3.11 or newer" "python3 python3-venv" "brew install python@3.12"
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    missing "Python's venv module" \
      "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv" "brew install python@3.12"
  echo "Making $venv with $("$python" --version)"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

# uv does not read pip's configuration: a mirror that is set there (common in China) is passed on.
mirror="${PIP_INDEX_URL:-$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null || true)}"
if [ -n "$mirror" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
  export UV_DEFAULT_INDEX="$mirror"
fi

if [ ! -e "$venv/.uv" ] || [ requirements/uv.txt -nt "$venv/.uv" ]; then
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
  touch "$venv/.uv"
fi
echo "Installing what requirements/$what.txt pins"
VIRTUAL_ENV="$PWD/$venv" "$venv/bin/uv" pip install --quiet --require-hashes -r "requirements/$what.txt"
touch "$venv/.$what"
# What the tests need holds all that the product needs.
[ "$what" != dev ] || touch "$venv/.base"
