#!/usr/bin/env bash
# Steps a second of the learners that adapt by steps, on the same tasks, as ratios to MAML's in the same run:
#   benchmarks/learners.sh [mini|omniglot] [ROUNDS] [STEPS] > learners.md
# Whole training steps on built-in characters: tasks gathered, the inner loops, the outer gradient, the optimiser.
# Rounds go through all learners in turn; medians. Uses the checkout's launcher, or the one that QUICKSTUDY names.
set -eu
size=${1:-mini} rounds=${2:-3} steps=${3:-24}
run=${QUICKSTUDY:-$(dirname "$0")/../quickstudy}
out=$(mktemp -d)
case $size in
  mini) tasks=(--size 84 --ways 5 --shots 5 --queries 15 --meta-batch 4 --filters 32 --down pool --head flatten) inner=5 rate=0.01 ;;
  omniglot) tasks=(--size 28 --ways 5 --shots 1 --queries 15 --meta-batch 32 --filters 64 --down stride --head mean) inner=1 rate=0.4 ;;
  *) echo "size '$size': expected mini or omniglot" >&2; exit 2 ;;
esac
loop=(--inner-steps $inner --inner-rate $rate)
learners=(
  "maml" "fomaml" "anil" "meta-sgd" "maml --rates layer-step" "maml++" "maml++ --multi-step-steps 0" "alpha-maml --rate 0.01 --inner-hyper-rate 0 --outer-hyper-rate 0" "cavia" "imaml" "reptile"
)
one() { # LEARNER OPTIONS... : steps a second, and the planned memory
  local name=$1; shift
  local of=("${loop[@]}")
  case $name in reptile) of=() ;; esac
  rm -rf "$out/run"
  "$run" train --learner "$name" "$@" --data glyphs "${tasks[@]}" "${of[@]}" --steps "$steps" --log-every "$steps" \
    --eval-every 0 --eval-episodes 1 --checkpoint-every 100000 --device cpu --out "$out/run" > /dev/null 2> "$out/log" || { echo "- -"; return; }
  awk '/"memory_bytes"/ { match($0, /"memory_bytes":[0-9]+/); m = substr($0, RSTART + 15, RLENGTH - 15) }
       /"steps_per_second"/ { match($0, /"steps_per_second":[0-9.eE+-]+/); s = substr($0, RSTART + 19, RLENGTH - 19) }
       END { print s, m }' "$out/run/metrics.jsonl"
}
for ((r = 0; r < rounds; r++)); do
  for l in "${learners[@]}"; do echo "$l|$(one $l)" >> "$out/all"; done
done
awk -F'|' '
  { split($2, v, " "); if (v[1] == "-") { bad[$1] = 1; next } s[$1, ++n[$1]] = v[1]; m[$1] = v[2]; if (!($1 in seen)) { seen[$1] = 1; order[++k] = $1 } }
  function median(l,   a, i, j, t) {
    for (i = 1; i <= n[l]; i++) a[i] = s[l, i] + 0
    for (i = 1; i < n[l]; i++) for (j = i + 1; j <= n[l]; j++) if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t }
    return n[l] % 2 ? a[(n[l] + 1) / 2] : (a[n[l] / 2] + a[n[l] / 2 + 1]) / 2
  }
  END {
    print "| learner | steps/s | times MAML | planned memory, MiB |"; print "|---|---|---|---|"
    for (i = 1; i <= k; i++) { l = order[i]; printf "| `%s` | %.2f | %.2f | %.0f |\n", l, median(l), median(l) / median("maml"), m[l] / 1048576 }
    for (l in bad) print "| `" l "` | failed | | |"
  }' "$out/all"
rm -rf "$out"
