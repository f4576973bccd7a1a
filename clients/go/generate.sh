#!/bin/bash
# Generates the contract's code into `billingpb`, or into another folder: `bash clients/go/generate.sh [folder]`.
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$(realpath "${1:-clients/go}")
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
export GOBIN=$tools
go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.12
go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.2
rm -rf "$folder/billingpb"
PATH="$PATH:$tools" node_modules/.bin/buf generate proto --path proto/tollgate --template clients/go/buf.gen.yaml --output "$folder"
