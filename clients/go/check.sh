#!/bin/bash
# Checks and tests the Go client, and builds the driver of the conformance suite: `bash clients/go/check.sh <driver>`.
set -euo pipefail
driver=$1
cd "$(dirname "$0")"
unformatted=$(gofmt -l .)
[ -z "$unformatted" ] || { echo "not formatted: $unformatted"; exit 1; }
go vet ./...
go test ./...
go build -o "$driver" ./conformance
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
bash generate.sh "$generated" >/dev/null
diff -r billingpb "$generated/billingpb" || { echo 'run `bash clients/go/generate.sh`'; exit 1; }
