#!/usr/bin/env bash
# Builds the kernels (native/build.sh), then JavaCPP's glue around them, into target/classes. Called
# by Maven with JAVA_HOME set to the JDK it chose. Does nothing where nothing changed.
set -euo pipefail
platform=$1 openblas=$2 classpath=$3 link=${4:-}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=$PWD/target
out=$target/classes/io/quickstudy/bindings/$platform
kernels=$target/native/libquickstudy_kernels.a
stamp=$target/native/glue.stamp

fail() { echo "$1" >&2; exit 1; }

# The preset's jar has the library under its run-time name alone; the linker looks for the plain one.
case $platform in
  macosx-*) ln -sf libopenblas.0.dylib "$openblas/libopenblas.dylib" ;;
  *) ln -sf libopenblas.so.0 "$openblas/libopenblas.so" ;;
esac

mkdir -p "$target/native"
sh native/build.sh "$target/native"
[[ -f $kernels ]] || fail "native/build.sh left no $kernels."

# By content, since a compile of any Java source touches every class file.
state=$(cksum "$kernels" native/quickstudy.h native/emulator/emulator.h \
  target/classes/io/quickstudy/bindings/{Native{,'$'*},Emulator}.class \
  "${BASH_SOURCE[0]}"; echo "$platform $openblas ${CXX:-} $link")
if compgen -G "$out/*jniNative*" >/dev/null && [[ -f $stamp && $(<"$stamp") == "$state" ]]; then
  exit 0
fi

# prefix2 is JavaCPP's run path, which would bake this folder's name into the library.
rm -rf "$out"
log=$target/native/glue.log
compiler=()
[[ -z ${CXX:-} ]] || compiler=("-Dplatform.compiler=$CXX")
for option in $link; do compiler+=(-Xcompiler "$option"); done
"$JAVA_HOME/bin/java" -cp "$classpath" \
  -Dorg.bytedeco.javacpp.loadlibraries=false org.bytedeco.javacpp.tools.Builder \
  -classpath target/classes -Dplatform.includepath="$PWD/native" \
  -Dplatform.linkpath="$target/native:$openblas" -Dplatform.linkpath.prefix2=-L \
  ${compiler[@]+"${compiler[@]}"} \
  io.quickstudy.bindings.Native io.quickstudy.bindings.Emulator >"$log" 2>&1 ||
  { cat "$log" >&2; fail "JavaCPP could not build the glue of io.quickstudy.bindings (log: $log)."; }
echo "$state" >"$stamp"
