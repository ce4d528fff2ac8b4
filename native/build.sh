#!/bin/sh
# native/build.sh OUTDIR         compiles the kernels into OUTDIR/libquickstudy_kernels.a
# native/build.sh OUTDIR test    builds and runs the self-test as well; OPENBLAS names libopenblas.so.0
# native/build.sh OUTDIR emulator-test    builds and runs the self-test of the CUDA kernels on their emulator
# native/build.sh OUTDIR check   both self-tests under the address and undefined-behaviour sanitizers
set -eu
[ $# -ge 1 ] || { echo "usage: $0 OUTDIR [test|emulator-test|check]" >&2; exit 1; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
what=${2:-library}
cxx=${CXX:-g++}

wanted="g++ 12 or later was not found: install it (Debian, Ubuntu: apt-get install g++) or set CXX"
major=$(echo '__GNUC__ __clang_major__ __cplusplus' | $cxx -std=c++17 -x c++ -E -P - 2>/dev/null) ||
  { echo "$wanted" >&2; exit 1; }
set -- $major
# clang reports itself as an old g++; it does not know the shuffles used here.
[ "$2" = "__clang_major__" ] && [ "$1" -ge 12 ] && [ "$3" = 201703L ] || { echo "$wanted" >&2; exit 1; }

flags="-std=c++17 -O3 -fPIC -fno-math-errno -fno-trapping-math -ffp-contract=fast -Wall -Wextra"
if [ "$what" = check ]; then
  out="$out/check"
  mkdir -p "$out"
  flags="$flags -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined"
fi
case $($cxx -dumpmachine) in
  x86_64*) levels="portable v3 v4" ;;
  *) levels="portable" ;;
esac
# What a level's code assumes beyond the base architecture. Full-width vectors: the loops are simple.
march() {
  case $1 in
    v3) echo "-march=x86-64-v3" ;;
    v4) echo "-march=x86-64-v4 -mprefer-vector-width=512" ;;
    *) case $($cxx -dumpmachine) in x86_64*) echo "-march=x86-64" ;; esac ;;
  esac
}

stamp="$cxx $($cxx -dumpfullversion) $flags"
[ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ] || { rm -f "$out"/*.o; echo "$stamp" >"$out/stamp"; }
newest=$(ls -t "$here"/*.h "$here"/build.sh | head -1)
# The CUDA kernels and what runs them on a CPU, any CPU.
emulated="$flags -Wno-unknown-pragmas -DQS_EMULATED -I$here -I$here/emulator -I$here/../kernels -x c++"

pids=""
changed=no
compile() {  # object, source, flags...
  object="$out/$1.o"
  source="$here/$2"
  shift 2
  if [ -e "$object" ] && [ "$object" -nt "$source" ] && [ "$object" -nt "$newest" ]; then return; fi
  changed=yes
  rm -f "$object"
  $cxx $flags "$@" -c "$source" -o "$object" &
  pids="$pids $!"
}
objects=""
for level in $levels; do
  for file in conv winograd narrow gemm loop pool index factor table; do
    compile "$file-$level" "$file.cpp" $(march $level) -DQS_LEVEL=$level
    objects="$objects $out/$file-$level.o"
  done
  compile "chain-$level" chain.cpp $(march $level) -DQS_LEVEL=$level -ffp-contract=off
  objects="$objects $out/chain-$level.o"
done
for file in runtime decode loopplan workers; do
  compile "$file" "$file.cpp"
  objects="$objects $out/$file.o"
done

release=$flags
flags=$emulated
newest=$(ls -t "$newest" "$here"/emulator/*.h "$here"/../kernels/*.h "$here"/../kernels/*.cuh | head -1)
for file in loop gemm product conv conv_tf32 conv_3xtf32 pool index factor; do
  compile "emulated-$file" "../kernels/$file.cu"
  objects="$objects $out/emulated-$file.o"
done
for file in emulator convolution fibers copies tensor device_memory kernels; do
  compile "emulator-$file" "emulator/$file.cpp"
  objects="$objects $out/emulator-$file.o"
done
flags=$release
for pid in $pids; do wait "$pid"; done
library="$out/libquickstudy_kernels.a"
if [ $changed = yes ] || [ ! -e "$library" ]; then
  rm -f "$library"
  ar rcs "$library" $objects
fi
[ "$what" = library ] && exit 0
if [ "$what" != test ]; then
  $cxx $emulated "$here"/emulator/test/*.cpp "$here"/emulator/test/*.cu -x none "$library" -o "$out/emulator_test"
  "$out/emulator_test"
fi
[ "$what" = emulator-test ] && exit 0

[ -n "${OPENBLAS:-}" ] || { echo "set OPENBLAS to the path of libopenblas.so.0" >&2; exit 1; }
$cxx $flags -I"$here" "$here"/test/*.cpp "$library" "$OPENBLAS" -Wl,-rpath,"$(dirname "$OPENBLAS")" -lpthread -o "$out/kernels_test"
for level in portable x86-64-v3 x86-64-v4; do
  QUICKSTUDY_KERNELS=$level "$out/kernels_test"
done
