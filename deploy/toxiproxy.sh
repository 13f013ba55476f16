#!/usr/bin/env bash
# Prints the path of a toxiproxy server, the fault injector of `make test-faults`. Built once, through the Go module
# proxy, into the cache; needs go (Debian: apt-get install golang).
set -euo pipefail

: "${TOXIPROXY_VERSION:=2.5.0}"
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/copydesk
PROGRAM=$CACHE/toxiproxy-$TOXIPROXY_VERSION

if [ ! -x "$PROGRAM" ]; then
    command -v go >/dev/null || { echo "toxiproxy: 'go' is missing (Debian: apt-get install golang)" >&2; exit 1; }
    mkdir -p "$CACHE"
    # Built beside its final place and moved there in one step: two test binaries may ask at the same time.
    work=$(mktemp -d "$PROGRAM.part-XXXXXX")
    trap 'rm -rf "$work"' EXIT
    echo "toxiproxy: building version $TOXIPROXY_VERSION" >&2
    GOBIN=$work go install "github.com/Shopify/toxiproxy/v2/cmd/server@v$TOXIPROXY_VERSION" >&2
    mv "$work/server" "$PROGRAM"
fi
echo "$PROGRAM"
