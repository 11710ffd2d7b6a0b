#!/usr/bin/env bash
# start-oidc-provider.sh start|stop|status --gateway URL --clients FILE [--port 4501] [--name oidc-provider]
# A certified OpenID Provider (npm oidc-provider) with the people of users.json; what each client is told: see the head of oidc_provider.mjs.
# Issuer: http://127.0.0.1:PORT . New signing keys while it runs: curl -X POST http://127.0.0.1:PORT/_test/rotate
. "$(dirname "$0")/../lib.sh"; ARGS=("$@"); NAME=$(opt name oidc-provider); PORT=$(opt port 4501)
case "${1:-start}" in
 start)
  GATEWAY=$(opt gateway); CLIENTS=$(opt clients); [ -n "$GATEWAY" ] && [ -n "$CLIENTS" ] || die "--gateway URL and --clients FILE are needed"
  export PORT GATEWAY CLIENTS
  run_bg "$NAME" node "$PEERS_DIR/idp/oidc_provider.mjs"
  wait_http "http://127.0.0.1:$PORT/.well-known/openid-configuration" 30 || { cat "$PEERS_WORK/$NAME/log"; die "did not start"; }
  echo "READY issuer=http://127.0.0.1:$PORT";;
 stop) stop_bg "$NAME";;
 status) status_bg "$NAME";;
 *) die "start|stop|status";;
esac
