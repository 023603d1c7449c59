#!/usr/bin/env bash
# Runs the properties of damaged and hostile specs and pages with 100,000 cases each, and reads files of 50 MB. Takes some minutes.
# PROPTEST_CASES=1000000 runs more. Needs cargo only.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PROPTEST_CASES="${PROPTEST_CASES:-100000}"
cargo test --release -p placewise-codegen --test properties -- --include-ignored damaged never_panics files_of_50
PAGE_CASES="$PROPTEST_CASES" cargo test --release -p placewise-codegen --test published_damage
