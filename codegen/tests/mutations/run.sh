#!/usr/bin/env bash
# Tries every mutant of spec/, and writes results.md beside this file. Needs cargo only; takes a minute or two.
set -euo pipefail
cd "$(dirname "$0")/../../.."
cargo test -p placewise-codegen --test spec_mutations -- --include-ignored
