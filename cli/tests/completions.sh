#!/usr/bin/env bash
# Completes command lines in real shells: bash, zsh, fish and PowerShell, as far as they are installed. Prints the table of completions.md
# beside this script. Needs python3.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo build --quiet --locked -p placewise-cli
python3 cli/tests/completions.py "${CARGO_TARGET_DIR:-target}/debug/placewise" tests/fixtures/harbour/generated/model.json
