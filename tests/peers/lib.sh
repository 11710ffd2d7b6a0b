# lib.sh - shared helpers for the peer scripts. Source it; do not run it.
# Every peer keeps its files under $PEERS_WORK/<name>/ and its PID in $PEERS_WORK/<name>/pid.
# Nothing here ever kills by name: a peer is stopped by the PID (process group) this script recorded.
PEERS_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
: "${PEERS_WORK:=${USHER_PEERS:-$HOME/.cache/usher-peers}}"
: "${PEERS_VENV:=$PEERS_WORK/venv}"
: "${PEERS_NODE:=$PEERS_WORK/node}"
: "${PEERS_USERS:=$PEERS_DIR/users.json}"
export PEERS_DIR PEERS_WORK PEERS_VENV PEERS_NODE PEERS_USERS

die() { echo "error: $*" >&2; exit 1; }

# wait_http URL [seconds] - until the URL answers any HTTP status at all
wait_http() {
  local url=$1 limit=${2:-30} i=0
  while ! curl -ksS -o /dev/null --max-time 3 "$url" 2>/dev/null; do
    i=$((i+1)); [ "$i" -ge $((limit*4)) ] && return 1; sleep 0.25
  done
}

# run_bg NAME command... - start in its own session, record PID, log to file
run_bg() {
  local name=$1; shift
  local d="$PEERS_WORK/$name"; mkdir -p "$d"
  if [ -s "$d/pid" ] && kill -0 "$(cat "$d/pid")" 2>/dev/null; then die "$name already runs (pid $(cat "$d/pid"))"; fi
  setsid "$@" >"$d/log" 2>&1 </dev/null &
  echo $! >"$d/pid"
}

# stop_bg NAME - TERM the recorded process group, KILL after 5 s
stop_bg() {
  local name=$1 d="$PEERS_WORK/$1" p i
  [ -s "$d/pid" ] || { echo "$name: not running"; return 0; }
  p=$(cat "$d/pid")
  kill -TERM -- "-$p" 2>/dev/null || kill -TERM "$p" 2>/dev/null
  for i in $(seq 1 20); do kill -0 "$p" 2>/dev/null || break; sleep 0.25; done
  kill -0 "$p" 2>/dev/null && kill -KILL -- "-$p" 2>/dev/null
  rm -f "$d/pid"; echo "$name: stopped"
}

status_bg() { local d="$PEERS_WORK/$1"; if [ -s "$d/pid" ] && kill -0 "$(cat "$d/pid")" 2>/dev/null; then echo "$1: running pid $(cat "$d/pid")"; else echo "$1: stopped"; return 1; fi; }

# opt NAME DEFAULT - value of --NAME in ARGS (set ARGS=("$@") first)
opt() {
  local want="--$1" def=${2-} i
  for ((i=0; i<${#ARGS[@]}; i++)); do
    case "${ARGS[i]}" in
      "$want") echo "${ARGS[i+1]}"; return;;
      "$want="*) echo "${ARGS[i]#*=}"; return;;
    esac
  done
  echo "$def"
}

# self_signed DIR CN - key.pem + cert.pem (RSA 2048, 10 years) if not there yet
self_signed() {
  mkdir -p "$1"
  [ -s "$1/cert.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=$2" \
     -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null
  chmod 644 "$1/key.pem"
}
