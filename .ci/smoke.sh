#!/usr/bin/env bash
# Starts the built server as a newcomer would, with a folder of its own, sends the two documented requests and stops it.
set -euo pipefail
data=$(mktemp -d)
log=$data/log
trap 'kill "$server" 2>/dev/null || true; rm -rf "$data"' EXIT
export DATA_DIR=$data/data PORT=${SMOKE_PORT:-38917}
unset JWT_SECRET JWKS_URI NODE_ENV || true

node bin/padron.js serve >"$log" 2>&1 &
server=$!
for _ in {1..100}; do
  curl -fs "http://127.0.0.1:$PORT/health/ready" >/dev/null 2>&1 && break
  kill -0 "$server" || { cat "$log"; exit 1; }
  sleep 0.1
done

expect() { # name, wanted text, answer
  case $3 in
    *"$2"*) echo "ok: $1" ;;
    *) echo "FAILED: $1: wanted $2 in: $3"; cat "$log"; exit 1 ;;
  esac
}

# The curl commands of the banner, unchanged.
banner=$(awk '/^  curl/{on=1} on{print} /-d /{on=0; print ""}' "$log")
answers=$(bash -c "$banner" 2>/dev/null)
expect 'PUT /api/personas/me' '"telefono":"+9876543210"' "$answers"
expect 'POST /users/edit' '"direccion":"Calle Sol 89"' "$answers"
expect 'no token' 'Token inválido o expirado' "$(curl -s -X PUT "http://127.0.0.1:$PORT/api/personas/me")"
expect 'metrics' 'padron_projection_lag_seconds' "$(curl -s "http://127.0.0.1:$PORT/metrics")"
expect 'openapi' '"openapi":"3.1.0"' "$(curl -s "http://127.0.0.1:$PORT/openapi.json")"

# The built console: the page, and a module that it names.
page=$(curl -s "http://127.0.0.1:$PORT/console")
module=$(grep -o '/console/files/[^"]*/main.js' <<<"$page" | head -1)
expect 'the console' 'modulepreload' "$page"
expect 'a module of the console' 'libraries/preact.js' "$(curl -s "http://127.0.0.1:$PORT$module")"

admin=$(node bin/padron.js token --sub smoke --role admin)
begun=$(curl -s -X POST -H "Authorization: Bearer $admin" "http://127.0.0.1:$PORT/admin/projections/users/rebuild")
expect 'a rebuild begins' '"kind":"rebuild"' "$begun"
job=$(sed -E 's/.*"id":"([^"]+)".*/\1/' <<<"$begun")
watched=$(curl -sN -m 30 -H "Authorization: Bearer $admin" "http://127.0.0.1:$PORT/admin/jobs/$job/events" | tail -n 2)
expect 'and ends' '"state":"done"' "$watched"

kill -TERM "$server"
wait "$server"
echo 'ok: stopped with exit code 0'
node bin/padron.js verify
echo 'ok: the views are what the events say'
