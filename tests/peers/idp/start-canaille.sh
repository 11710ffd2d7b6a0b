#!/usr/bin/env bash
# start-canaille.sh start|stop|status --gateway URL --client-id ID --client-secret SECRET [--port 4561] [--name canaille]
# Canaille (PyPI, on Authlib) as an OpenID provider with the people of users.json. Issuer: http://127.0.0.1:PORT
. "$(dirname "$0")/../lib.sh"; ARGS=("$@"); NAME=$(opt name canaille); PORT=$(opt port 4561); D="$PEERS_WORK/$NAME"
case "${1:-start}" in
 start)
  rm -rf "$D"
  run_bg "$NAME" "$PEERS_VENV-canaille/bin/python" "$PEERS_DIR/idp/canaille_op.py" --port "$PORT" --work "$D" --users "$PEERS_USERS" --gateway "$(opt gateway)" --client-id "$(opt client-id)" --client-secret "$(opt client-secret)"
  wait_http "http://127.0.0.1:$PORT/.well-known/openid-configuration" 60 || { cat "$D/log"; die "did not start"; }
  echo "READY issuer=http://127.0.0.1:$PORT";;
 stop) stop_bg "$NAME";;
 status) status_bg "$NAME";;
 *) die "start|stop|status";;
esac
