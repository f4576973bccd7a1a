#!/bin/bash
# Builds the example: `bash examples/go/build.sh <program>`.
set -euo pipefail
program=$1
cd "$(dirname "$0")"
go build -o "$program" .
