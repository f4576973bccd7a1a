#!/bin/bash
# Generates the contract's code and builds the example: `bash examples/go/build.sh <program>`. Leaves nothing else behind.
set -euo pipefail
program=$1
cd "$(dirname "$0")/../.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
export GOBIN=$tools
go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
PATH="$PATH:$tools" node_modules/.bin/buf generate proto --template examples/go/buf.gen.yaml
cd examples/go
go build -o "$program" .
