#!/usr/bin/env bash
# What the browser tests need from the machine: Chromium and a font with Chinese characters.
# Installs them with apt-get where that is possible; otherwise says what is missing, and the browser tests fail, the others run.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing+=(chromium)
[ -n "$(fc-list :lang=zh 2>/dev/null | head -n 1)" ] || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "The browser tests need: ${missing[*]}. Install them as root, for example: apt-get install ${missing[*]}" >&2
    exit 0
fi
echo "installing ${missing[*]}"
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
    echo "apt-get could not install ${missing[*]}:" >&2
    sed -E 's#[a-z]+://[^ ]+#<address>#g' "$log" | tail -n 20 >&2
fi
rm -f "$log"
