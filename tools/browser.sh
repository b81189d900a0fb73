#!/usr/bin/env bash
# Brings the browser and the Chinese font that the journeys need: installs them where it is root on
# Debian or Ubuntu, asks for them elsewhere. CHROMIUM names a browser that lies somewhere else.
set -euo pipefail

browser() {
  local name
  for name in "${CHROMIUM:-}" /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
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

if browser && font; then
  exit 0
fi
if [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium and a Chinese font with apt-get"
  log="$(mktemp)"
  if (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    chromium fontconfig fonts-noto-cjk) >"$log" 2>&1 && browser && font; then
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
