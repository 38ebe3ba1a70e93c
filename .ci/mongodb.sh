#!/usr/bin/env bash
# Starts a server for the tests on MongoDB and prints its URL:
#
#   TEST_MONGODB_URL=$(bash .ci/mongodb.sh) npm test
#
# It is FerretDB 1.24 on SQLite, built once from its published module (Go 1.24 or later; about a minute and a half) and
# kept in ${PADRON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/padron}. Its data is thrown away. It listens on a free port of
# the loopback and stops when the process that called this script does, or the one whose id is given as argument. A folder
# and a port after that id are where it keeps its data instead, and where it listens. What it complains about is in
# ferretdb.errors beside the program.
set -euo pipefail

source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/ferretdb
cache=${PADRON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/padron}
version=$(cat "$source"/* "${BASH_SOURCE[0]}" | cksum | tr -d ' ')
server=$cache/ferretdb-$version
errors=$cache/ferretdb.errors
mkdir -p "$cache"

# FerretDB reads the whole collection for each write to one document: it asks for _id only where that is a string and the
# whole filter, and spells it otherwise than its own index does. And it keeps one of its 100 connections to SQLite for each
# document that a command updates until that command ends, so that it hangs for ever at the hundredth. All of that is
# changed in a copy before it is built.
build() {
  local copy inner=ferretdb/internal
  copy=$(mktemp -d)
  cp "$source"/* "$copy"
  (
    cd "$copy"
    go mod download github.com/FerretDB/FerretDB
    cp -r "$(go list -m -f '{{.Dir}}' github.com/FerretDB/FerretDB)" ferretdb
    chmod -R u+w ferretdb
    change 's/params\.Filter\.Len() == 1/params.Filter.Len() >= 1/' $inner/backends/sqlite/collection.go
    change 's/case string, types\.ObjectID:/case string, types.ObjectID, int32, int64, float64:/' $inner/backends/sqlite/collection.go
    change 's/\x27\$\._id\x27/\\"_id\\"/' $inner/backends/sqlite/metadata/metadata.go
    change 's/result, err := common\.UpdateDocument(.*$/&; closer.Close()/' $inner/handler/msg_update.go
    go mod edit -replace github.com/FerretDB/FerretDB=./ferretdb
    CGO_ENABLED=0 go build -buildvcs=false -tags ferretdb_no_postgresql -o "$1" .
  )
  rm -rf "$copy"
}

change() {
  local before
  before=$(cksum <"$2")
  sed -i "$1" "$2"
  [[ $(cksum <"$2") != "$before" ]] || { echo "mongodb.sh: nothing to change in $2" >&2; return 1; }
}

if [[ ! -x $server ]]; then
  command -v go >/dev/null || { echo "mongodb.sh: needs Go 1.24 or later to build FerretDB" >&2; exit 1; }
  echo "mongodb.sh: building FerretDB, once" >&2
  build "$server.$$" >&2
  mv "$server.$$" "$server"
fi

said=$(mktemp)
trap 'rm -f "$said"' EXIT
"$server" "${1:-$PPID}" "${@:2}" </dev/null >"$said" 2>>"$errors" &
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
