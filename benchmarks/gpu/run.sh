#!/usr/bin/env bash
# Takes Quickstudy's bundle through a machine with a GPU: what it finds, whether it is right, whether it
# learns, and how fast it is beside PyTorch and JAX. README.md, beside this file, says what to carry.
#
#   --bundle FILE|DIR   quickstudy-VERSION-linux-x86_64.tar.xz, or the folder it unpacks to
#   --jar FILE          quickstudy-benchmarks-VERSION.jar
#   --data DIR          Omniglot's two zips; without them nothing is trained on it
#   --out DIR           results; what is there is gone on with (default: $OUT, else gpu-results)
#   --from DIR          results of an earlier call, copied to --out first
#   --scratch DIR       the unpacked bundle, exported workloads, runs, caches
#   --stages LIST       of info,checks,train,accuracy,time, in this order (default: all but accuracy)
#   --sides LIST        of ours,eager,vmap,jax (default: all)
#   --workloads LIST    (default: all)
#   --precisions LIST   of fp32,tf32 (default: both)
#   --device cuda|cpu   cpu to try the script out, with no meaning in the times (default: cuda)
#   --only LIST         patterns of configurations for accuracy, the most valuable first
#                       (default: omniglot-5w1s-*,omniglot-*,sinusoid-*)
#   --at-once N         trainings side by side in accuracy (default: 3)
#   --steps N           end accuracy's trainings earlier, to try it out
#   --times N           train N times as long as the recipes, which are for two cores (default: 1)
#   --limit SECONDS     for all of it; every stage has a limit of its own besides (default: 570)
#   --again             try once more what failed before
set -uo pipefail

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fail() { echo "run.sh: $1" >&2; exit 2; }
first() { local f; for f in "$@"; do [[ -e $f ]] && { echo "$f"; return; }; done; }

bundle=$(first "$here"/quickstudy-*-linux-x86_64.tar.xz "$here"/../../target/quickstudy-*-linux-x86_64.tar.xz)
jar=$(first "$here"/quickstudy-benchmarks-*.jar "$here"/../target/quickstudy-benchmarks-*.jar)
data=$(first "$here/omniglot")
out=${OUT:-gpu-results} from="" scratch=${TMPDIR:-/tmp}/quickstudy-gpu
stages=info,checks,train,time sides=ours,eager,vmap,jax workloads="" precisions=fp32,tf32
device=cuda only='omniglot-5w1s-*,omniglot-*,sinusoid-*' at_once=3 steps=0 times=1 limit=570 again=()

while (($#)); do
  case $1 in
    --again) again=(--again); shift; continue ;;
    --help) sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
  esac
  (($# > 1)) || fail "option '$1' has no value, or is not known; --help lists the options."
  case $1 in
    --bundle) bundle=$2 ;;
    --jar) jar=$2 ;;
    --data) data=$2 ;;
    --out) out=$2 ;;
    --from) from=$2 ;;
    --scratch) scratch=$2 ;;
    --stages) stages=$2 ;;
    --sides) sides=$2 ;;
    --workloads) workloads=$2 ;;
    --precisions) precisions=$2 ;;
    --device) device=$2 ;;
    --only) only=$2 ;;
    --at-once) at_once=$2 ;;
    --steps) steps=$2 ;;
    --times) times=$2 ;;
    --limit) limit=$2 ;;
    *) fail "option '$1' is not known; --help lists the options." ;;
  esac
  shift 2
done
for stage in ${stages//,/ }; do
  [[ ,info,checks,train,accuracy,time, == *,"$stage",* ]] ||
    fail "stage '$stage' is not known: expected info, checks, train, accuracy or time."
done
for side in ${sides//,/ }; do
  [[ ,ours,eager,vmap,jax, == *,"$side",* ]] || fail "side '$side' is not known: expected ours, eager, vmap or jax."
done
[[ $device == cuda || $device == cpu ]] || fail "device '$device' is not known: expected cuda or cpu."
[[ $limit =~ ^[0-9]+$ ]] || fail "the limit '$limit' is no number of seconds."
[[ $at_once =~ ^[1-9][0-9]*$ && $times =~ ^[1-9][0-9]*$ && $steps =~ ^[0-9]+$ ]] ||
  fail "--at-once '$at_once', --times '$times' and --steps '$steps': expected numbers."
[[ -n $bundle && -e $bundle ]] || fail "there is no bundle '$bundle': name it with --bundle."

mkdir -p "$out" "$scratch" || fail "'$out' and '$scratch' cannot be made; choose others with --out and --scratch."
out=$(cd "$out" && pwd) scratch=$(cd "$scratch" && pwd)
[[ -z $from ]] || cp -n "$from"/*.jsonl "$from"/*.txt "$from"/*.tar.gz "$out"/ 2>/dev/null
# Where --scratch is another machine's: trainings that time cut, and what was compiled.
for kept in runs caches torch; do
  [[ -d $scratch/$kept || ! -f $out/$kept.tar.gz ]] || tar -xzf "$out/$kept.tar.gz" -C "$scratch"
done
mkdir -p "$scratch/caches" "$scratch/runs"
rows=$out/rows.jsonl log=$out/log.txt
export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# What is compiled once need not be compiled again by a second process, or on another day.
export JAX_COMPILATION_CACHE_DIR=$scratch/caches/jax XDG_CACHE_HOME=$scratch/caches
export TORCHINDUCTOR_CACHE_DIR=$scratch/torch/inductor TRITON_CACHE_DIR=$scratch/torch/triton

wanted() { [[ ,$1, == *,"$2",* ]]; }
left() { echo $((limit - SECONDS - 8)); }  # the rest is for the last report
least() { echo $(($1 < $2 ? $1 : $2)); }
say() { echo "$*" | tee -a "$log"; }

# A row of what was run: stage, item, exit status, seconds. The names have nothing that JSON minds.
# A line that was cut before keeps to itself.
note() {
  [[ ! -s $rows || -z $(tail -c 1 "$rows") ]] || echo >>"$rows"
  printf '{"side": "stage", "stage": "%s", "item": "%s", "status": %d, "seconds": %d}\n' "$@" >>"$rows"
}

report() { python3 "$here/report.py" "$out" >/dev/null 2>>"$log" || say "the report could not be written; the log says why"; }

# keep NAME MIB: a folder of --scratch into --out, for a later call; not if it is larger than that.
keep() {
  local new=$out/$1.tar.new
  [[ -n $(ls -A "$scratch/$1" 2>/dev/null) ]] || return 0
  tar -czf "$new" --exclude=images -C "$scratch" "$1" 2>>"$log" || { rm -f "$new"; return 0; }
  if (($(stat -c %s "$new") > $2 * 1048576)); then
    say "== $1: more than $2 MiB, not kept"
    rm -f "$new"
  else
    mv "$new" "$out/$1.tar.gz"
  fi
}

# Trainings that ended are known by their rows.
keep_runs() {
  local run
  rm -f "$out/runs.tar.gz"
  for run in "$scratch"/runs/*/; do
    [[ ! -d $run ]] || python3 "$here/report.py" --open "$(basename "$run")" "$out" || rm -rf "$run"
  done
  keep runs "$kept_mib"
}
kept_mib=16

child=""
stop() {
  trap - TERM INT
  [[ -z $child ]] || { kill -TERM "$child" 2>/dev/null; wait "$child" 2>/dev/null; }
  ! wanted "$stages" accuracy || keep_runs
  report
  exit 143
}
trap stop TERM INT

# bounded SECONDS STAGE ITEM COMMAND...: its output to the log, and to $capture if that is set; its
# exit status in $status, 124 where time ran out. The script goes on whatever comes of it.
capture="" status=0
bounded() {
  local seconds stage=$2 item=$3 begin=$SECONDS
  seconds=$(least "$1" "$(left)")
  shift 3
  if ((seconds < 5)); then
    say "== $stage, $item: no time left"
    note "$stage" "$item" 124 0
    status=124
    return
  fi
  say "== $stage, $item (at most $seconds s)"
  if [[ -n $capture ]]; then
    timeout --kill-after=15 "$seconds" "$@" >"$capture" 2> >(tee -a "$log" >&2) &
  else
    timeout --kill-after=15 "$seconds" "$@" > >(tee -a "$log") 2>&1 &
  fi
  child=$!
  wait "$child"
  status=$?
  child=""
  ((status != 137)) || status=124
  note "$stage" "$item" "$status" $((SECONDS - begin))
  ((status == 0)) || say "== $stage, $item: exit status $status"
}

# Folders of CUDA's libraries in pip's wheels: those that PyTorch and JAX use.
wheels=$(python3 - <<'P' 2>/dev/null
import glob, site, sys, sysconfig
roots = [sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"], site.getusersitepackages(), *sys.path]
found = [d for r in dict.fromkeys(roots) if r for d in sorted(glob.glob(r + "/nvidia/*/lib"))]
print(":".join(dict.fromkeys(found)))
P
)
# Before the toolkit's, so that every side has the same cuBLAS; the toolkit has the rest.
ours=(env -u OPENBLAS_CORETYPE -u CUDA_HOME -u CUDA_PATH "LD_LIBRARY_PATH=${wheels:+$wheels:}${LD_LIBRARY_PATH:-}")

unpack() {
  if [[ -d $bundle ]]; then
    home=$(cd "$bundle" && pwd)
    return
  fi
  local mark=$scratch/bundle/.whole
  if [[ ! -f $mark || $bundle -nt $mark ]]; then
    rm -rf "$scratch/bundle"
    mkdir -p "$scratch/bundle"
    tar -xJf "$bundle" -C "$scratch/bundle" 2>/dev/null ||
      python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$bundle" "$scratch/bundle" ||
      fail "the bundle '$bundle' cannot be unpacked; is it whole?"
    touch "$mark"
  fi
  home=$(first "$scratch"/bundle/quickstudy-*/)
  home=${home%/}
}
home=""
unpack
[[ -x $home/quickstudy ]] || fail "'$home' has no launcher 'quickstudy'; is it a bundle?"
java=$home/runtime/bin/java
[[ -x $java ]] || java=java
# As the bundle's launcher starts it, whose natives lie there as files.
benchmarks=("${ours[@]}" "$java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC
  -Dorg.bytedeco.javacpp.cachelibraries=false
  -Dorg.bytedeco.javacpp.maxphysicalbytes=0 -Dorg.bytedeco.javacpp.maxbytes=0
  -cp "$home/natives:$home/lib/*:$jar" io.quickstudy.benchmarks.Main)

stage_info() {
  bounded 30 info "nvidia-smi" nvidia-smi
  bounded 60 info "quickstudy info" "${ours[@]}" "$home/quickstudy" info
  bounded 90 info "ceilings" python3 "$here/ceilings.py" --cases "$scratch" --json "$rows"
}

stage_checks() {
  capture=$out/checks.txt
  bounded 280 checks "quickstudy check" "${ours[@]}" "$home/quickstudy" check --device "$device"
  capture=""
  tail -n 15 "$out/checks.txt" | tee -a "$log"
}

# train NAME STEPS LEAST: trains, and measures; when time runs out, SIGTERM ends training with a
# checkpoint, which is measured all the same.
train() {
  local name=$1 steps=$2 least=$3 run=$scratch/short/$1
  capture=$scratch/$name.json
  rm -f "$capture"
  bounded "$(least 150 $(($(left) - 40)))" train "$name, $steps steps" "${ours[@]}" "$home/quickstudy" train --learner "$name" \
    --data "omniglot:$data" --device "$device" --steps "$steps" --eval-every 0 --out "$run" --resume --json
  if [[ ! -s $capture && -d $run/checkpoints ]]; then
    bounded 60 train "$name, measured" "${ours[@]}" "$home/quickstudy" eval "$run" --device "$device" --json
  fi
  capture=""
  [[ ! -s $scratch/$name.json ]] ||
    python3 "$here/report.py" --trained "$scratch/$name.json" "$name" "$steps" "$least" "$out" 2>>"$log"
}

# The accuracies are those of the same commands on the CPU less a point, for rounding takes another way.
stage_train() {
  if [[ -z $data ]]; then
    say "== train: no Omniglot; carry its two zips and name their folder with --data"
    note train "omniglot not carried" 1 0
    return
  fi
  train protonet 2000 0.970
  train maml 3000 0.930
}

# until SECONDS: when so many from now are over, as a date.
until_date() { echo $(($(date +%s) + $1)); }

# In the first of the precisions. Half of what is left, where the times are still to come.
stage_accuracy() {
  local precision=${precisions%%,*} share=$(($(left) - 5))
  ! wanted "$stages" time || share=$((share / 2))
  bounded "$share" accuracy "full recipes, $precision" python3 "$here/accuracy.py" --json "$rows" --runs "$scratch/runs" \
    --data "$data" --device "$device" --precision "$precision" --only "$only" --at-once "$at_once" --steps "$steps" --times "$times" \
    --until "$(until_date $((share - 3)))" "${again[@]}" -- "${ours[@]}" "$home/quickstudy"
  keep_runs
}

stage_time() {
  [[ -n $workloads ]] || workloads=$(cd "$here" && python3 -c 'import workloads; print(",".join(workloads.NAMES))')
  local missing="" w share
  for w in ${workloads//,/ }; do
    [[ -s $scratch/cases/$w.safetensors ]] || missing+=${missing:+,}$w
  done
  if [[ -n $missing ]]; then
    [[ -n $jar ]] || { say "== time: no quickstudy-benchmarks jar; name it with --jar"; note time "jar not carried" 1 0; return; }
    bounded 120 time "export" "${benchmarks[@]}" export --out "$scratch/cases" --workloads "$missing"
  fi
  share=$(($(left) - 10))
  bounded "$share" time "$sides" python3 "$here/times.py" --cases "$scratch/cases" --json "$rows" --device "$device" \
    --sides "$sides" --workloads "$workloads" --precisions "$precisions" --until "$(until_date $((share - 3)))" \
    "${again[@]}" -- "${benchmarks[@]}"
  keep caches "$kept_mib"
  keep torch "$kept_mib"
}

python3 "$here/report.py" --machine "$out" 2>>"$log"
say "== $(date -u +%Y-%m-%dT%H:%M:%SZ), stages $stages, at most $limit s; $home"
for stage in info checks train accuracy time; do
  wanted "$stages" "$stage" || continue
  "stage_$stage"
  report
done
python3 "$here/report.py" "$out"
