#!/usr/bin/env bash
# Starts a server for the tests on MongoDB and prints its URL:
#
#   TEST_MONGODB_URL=$(bash .ci/mongodb.sh) npm test
#
# It is FerretDB 1.24 on SQLite, built once from its published module (Go 1.24 or later; about a minute and a half) and
# kept in ${PADRON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/padron}. Its data is thrown away. It listens on a free port of
# the loopback and stops when the process that called this script does, or the one whose id is given as argument. What it
# complains about is in ferretdb.errors beside the program.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/ferretdb
cache=${PADRON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/padron}
version=$(cat "$source"/main.go "$source"/go.mod "$source"/go.sum | cksum | tr -d ' ')
server=$cache/ferretdb-$version
errors=$cache/ferretdb.errors
mkdir -p "$cache"

if [[ ! -x $server ]]; then
  command -v go >/dev/null || { echo "mongodb.sh: needs Go 1.24 or later to build FerretDB" >&2; exit 1; }
  echo "mongodb.sh: building FerretDB, once" >&2
  (cd "$source" && CGO_ENABLED=0 go build -buildvcs=false -tags ferretdb_no_postgresql -o "$server.$$" .) >&2
  mv "$server.$$" "$server"
fi

said=$(mktemp)
trap 'rm -f "$said"' EXIT
"$server" "${1:-$PPID}" </dev/null >"$said" 2>>"$errors" &
started=$!
for _ in {1..100}; do
  url=$(head -n 1 "$said")
  [[ -n $url ]] && break
  kill -0 "$started" 2>/dev/null || break
  sleep 0.1
done
if [[ -z ${url:-} ]]; then
  echo "mongodb.sh: FerretDB did not start:" >&2
  tail -n 5 "$errors" >&2
  exit 1
fi
echo "$url"
