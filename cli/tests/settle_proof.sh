#!/usr/bin/env bash
# 100 servers with 1 to 5 facts turned at random: `placewise settle` asks each, `cargo codegen settle` mends the spec. It takes half an hour.
# Prints the table of settle_proof.md beside this script, and fails if anything was not found or named falsely.
set -euo pipefail
cd "$(dirname "$0")/../.."
cat <<'HEAD'
# Servers with turned facts

`cli/tests/settle_proof.sh` prints this. Each line is a simulator with 1 to 5 assumptions or facts turned at random, by its seed. `placewise settle --facts`
asks it, `cargo codegen settle` mends a copy of the spec, and the simulator of that spec answers held-out requests: pages, filters, groups, charts
and refusals of every report, with their costs. `cli/tests/settle_proof/turned.rs` says what a server reveals. What it hides must stay open, with a reason. A
held-out request is skipped if its reply depends on what is hidden.

| API | seed | unknown keys | turned | found | hidden | faults | held-out requests |
|---|---|---|---|---|---|---|---|
HEAD
cargo test --quiet --locked -p placewise-cli --test settle_proof -- --ignored --nocapture a_hundred | grep -E '^(\||$|[0-9]+ servers|test result: FAILED)'
