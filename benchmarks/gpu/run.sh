#!/usr/bin/env bash
# Takes Quickstudy's bundle through a machine with a GPU: what it finds, whether it is right, whether it
# learns, and how fast it is beside PyTorch and JAX. README.md, beside this file, says what to carry.
#
#   --bundle FILE|DIR   quickstudy-VERSION-linux-x86_64.tar.xz, or the folder it unpacks to
#   --jar FILE          quickstudy-benchmarks-VERSION.jar
#   --data DIR          Omniglot's two zips; without them the stage train is left out
#   --out DIR           results; what is there is gone on with (default: $OUT, else gpu-results)
#   --from DIR          results of an earlier call, copied to --out first
#   --scratch DIR       the unpacked bundle, exported workloads, runs, caches
#   --stages LIST       of info,checks,train,time (default: all, in this order)
#   --sides LIST        of ours,eager,vmap,jax (default: all)
#   --workloads LIST    (default: all)
#   --precisions LIST   of fp32,tf32 (default: both)
#   --recipes short|full  how long to train (default: short)
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
recipes=short limit=570 again=()

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
    --recipes) recipes=$2 ;;
    --limit) limit=$2 ;;
    *) fail "option '$1' is not known; --help lists the options." ;;
  esac
  shift 2
done
for stage in ${stages//,/ }; do
  [[ ,info,checks,train,time, == *,"$stage",* ]] || fail "stage '$stage' is not known: expected info, checks, train or time."
done
for side in ${sides//,/ }; do
  [[ ,ours,eager,vmap,jax, == *,"$side",* ]] || fail "side '$side' is not known: expected ours, eager, vmap or jax."
done
[[ $recipes == short || $recipes == full ]] || fail "recipes '$recipes' are not known: expected short or full."
[[ $limit =~ ^[0-9]+$ ]] || fail "the limit '$limit' is no number of seconds."
[[ -n $bundle && -e $bundle ]] || fail "there is no bundle '$bundle': name it with --bundle."

mkdir -p "$out" "$scratch" || fail "'$out' and '$scratch' cannot be made; choose others with --out and --scratch."
out=$(cd "$out" && pwd) scratch=$(cd "$scratch" && pwd)
[[ -z $from ]] || cp -n "$from"/*.jsonl "$from"/*.txt "$out"/ 2>/dev/null
rows=$out/rows.jsonl log=$out/log.txt
export PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# What is compiled once need not be compiled again by a second process.
export JAX_COMPILATION_CACHE_DIR=$scratch/jax TORCHINDUCTOR_CACHE_DIR=$scratch/inductor

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

child=""
stop() {
  trap - TERM INT
  [[ -z $child ]] || { kill -TERM "$child" 2>/dev/null; wait "$child" 2>/dev/null; }
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
  bounded 280 checks "quickstudy check" "${ours[@]}" "$home/quickstudy" check --device cuda
  capture=""
  tail -n 15 "$out/checks.txt" | tee -a "$log"
}

# train NAME STEPS LEAST: trains, and measures; when time runs out, SIGTERM ends training with a
# checkpoint, which is measured all the same.
train() {
  local name=$1 steps=$2 least=$3 run=$scratch/runs/$recipes-$1
  capture=$scratch/$name.json
  rm -f "$capture"
  bounded "$(least 150 $(($(left) - 40)))" train "$name, $steps steps" "${ours[@]}" "$home/quickstudy" train --learner "$name" \
    --data "omniglot:$data" --device cuda --steps "$steps" --eval-every 0 --out "$run" --resume --json
  if [[ ! -s $capture && -d $run/checkpoints ]]; then
    bounded 60 train "$name, measured" "${ours[@]}" "$home/quickstudy" eval "$run" --device cuda --json
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
  if [[ $recipes == full ]]; then
    train protonet 9000 0.975
    train maml 20000 0.982
  else
    train protonet 2000 0.970
    train maml 3000 0.930
  fi
}

# ours_time: each workload in a process of its own, so that none takes another with it.
ours_time() {
  local w p each end=$((SECONDS + $1)) file=$scratch/ours.json
  for w in ${workloads//,/ }; do
    for p in ${precisions//,/ }; do
      python3 "$here/report.py" --settled "$w" "$p" "$out" "${again[@]}" && continue
      ((SECONDS < end - 5)) || { say "== time, ours: out of time before $w, $p"; return; }
      rm -f "$file"
      each=$(least "$(least 90 $((end - SECONDS)))" "$(left)")
      bounded "$each" time "ours $w $p" "${benchmarks[@]}" time \
        --device cuda:0 --workloads "$w" --precision "$p" --json "$file"
      ((status != 124 || each == 90)) || return  # cut by the limit of all: no failure
      python3 "$here/report.py" --timed "$file" "$w" "$p" "$status" "$out" 2>>"$log"
    done
  done
}

# opponent SIDE SCRIPT SECONDS: again in a fresh process as long as that is what it asks for.
opponent() {
  local side=$1 script=$2 end=$((SECONDS + $3)) tries=0 retry=("${again[@]}")
  while ((SECONDS < end - 10 && tries++ < 30)); do
    bounded $((end - SECONDS)) time "$side" python3 "$here/$script" --cases "$scratch/cases" \
      --json "$rows" --workloads "$workloads" --precisions "$precisions" \
      --until $(($(date +%s) + end - SECONDS - 4)) "${retry[@]}"
    ((status != 0 && status != 124)) || return
    ((status == 75 || status > 128)) || return
    retry=()  # or what fails would be tried without end
  done
}

stage_time() {
  [[ -n $workloads ]] || workloads=$(cd "$here" && python3 -c 'import workloads; print(",".join(workloads.NAMES))')
  local missing="" w order i side share
  IFS=, read -ra order <<<"$sides"
  for w in ${workloads//,/ }; do
    [[ -s $scratch/cases/$w.safetensors ]] || missing+=${missing:+,}$w
  done
  if [[ -n $missing ]]; then
    [[ -n $jar ]] || { say "== time: no quickstudy-benchmarks jar; name it with --jar"; note time "jar not carried" 1 0; return; }
    bounded 120 time "export" "${benchmarks[@]}" export --out "$scratch/cases" --workloads "$missing"
  fi
  for i in "${!order[@]}"; do
    side=${order[i]}
    share=$(($(left) / (${#order[@]} - i)))
    case $side in
      ours) ours_time "$share" ;;
      eager) opponent eager torch_eager.py "$share" ;;
      vmap) opponent vmap torch_vmap.py "$share" ;;
      jax) opponent jax jax_vmap.py "$share" ;;
    esac
    report
  done
}

python3 "$here/report.py" --machine "$out" 2>>"$log"
say "== $(date -u +%Y-%m-%dT%H:%M:%SZ), stages $stages, at most $limit s; $home"
for stage in info checks train time; do
  wanted "$stages" "$stage" || continue
  "stage_$stage"
  report
done
python3 "$here/report.py" "$out"
