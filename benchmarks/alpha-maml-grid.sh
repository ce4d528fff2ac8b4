#!/usr/bin/env bash
# Alpha MAML beside MAML with plain gradient descent, from a grid of starting rates on sine waves:
#   benchmarks/alpha-maml-grid.sh [STEPS] > grid.md
# Uses the checkout's launcher, or the one that QUICKSTUDY names. Prints a table of mean squared errors.
set -eu
steps=${1:-10000}
run=${QUICKSTUDY:-$(dirname "$0")/../quickstudy}
out=$(mktemp -d)
mse() { # LEARNER ALPHA BETA
  local more=()
  [ "$1" = maml ] && more=(--optimiser sgd --momentum 0 --schedule constant)
  "$run" train --learner "$1" --data sinusoid --steps "$steps" --eval-every 0 --workers 1 --device cpu \
    --inner-rate "$2" --rate "$3" "${more[@]}" --json --out "$out/$1-$2-$3" 2> "$out/log" |
    grep -oE '"value" ?: ?[0-9.eE+-]+' | head -1 | sed 's/.*: *//' || true
}
echo "| inner rate | outer rate | MAML | Alpha MAML |"
echo "|---|---|---|---|"
for alpha in 0.0001 0.001 0.01 0.05; do
  for beta in 0.0001 0.001 0.01 0.1; do
    a=$(mse maml $alpha $beta); b=$(mse alpha-maml $alpha $beta)
    echo "| $alpha | $beta | ${a:-stopped} | ${b:-stopped} |"
  done
done
rm -rf "$out"
