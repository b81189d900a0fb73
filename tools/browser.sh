#!/usr/bin/env bash
# Brings the browser and the Chinese font that the journeys need: installs them where it is root on
# Debian or Ubuntu, asks for them elsewhere. CHROMIUM names a browser that lies somewhere else.
set -euo pipefail

browser() {
  local name
  for name in "${CHROMIUM:-}" /usr/bin/chromium-headless-shell /usr/bin/chromium /usr/bin/chromium-browser \
    /usr/bin/google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
    "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
    if [ -n "$name" ] && [ -x "$name" ]; then
      return 0
    fi
  done
  return 1
}

font() {
  [ "$(uname -s)" = Darwin ] && return 0
  command -v fc-list >/dev/null 2>&1 && [ -n "$(fc-list ':lang=zh-cn' family | head -1)" ]
}

# Without windows a page costs a quarter of the processor's time.
windowless() {
  [ -n "${CHROMIUM:-}" ] || [ -x /usr/bin/chromium-headless-shell ]
}

can_install() {
  [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1
}

get() { # get <seconds> <package>...
  local patience=$1
  shift
  DEBIAN_FRONTEND=noninteractive timeout "$patience" apt-get install -y --no-remove --no-install-recommends \
    -o Acquire::Retries=0 -o Acquire::http::Timeout=10 "$@" >>"$log" 2>&1
}

if browser && font && { windowless || ! can_install; }; then
  exit 0
fi
if can_install; then
  log="$(mktemp)"
  if browser && font; then
    echo "Installing Chromium's headless shell with apt-get; without it the tests take longer"
    get 120 chromium-headless-shell || echo "It can't be had here; the Chromium that is here does."
    rm -f "$log"
    exit 0
  fi
  echo "Installing Chromium and a Chinese font with apt-get"
  apt-get update >"$log" 2>&1 || true
  browser || get 900 chromium-headless-shell || get 900 chromium || true
  font || get 900 fontconfig fonts-noto-cjk || true
  if browser && font; then
    rm -f "$log"
    exit 0
  fi
  tail -20 "$log" >&2
fi
case "$(uname -s)" in
  Darwin) how="brew install --cask chromium" ;;
  *) how="sudo apt-get install chromium fontconfig fonts-noto-cjk" ;;
esac
echo "The browser journeys need Chromium and a Chinese font, please install them: $how" >&2
exit 1
