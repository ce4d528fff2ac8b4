#!/usr/bin/env bash
# Checks or repairs the format of every Java source. Called by Maven with JAVA_HOME set to the JDK
# it chose, since google-java-format parses with the javac it runs on.
set -euo pipefail
mode=$1 formatter=$2
case $mode in
  check) options=(--dry-run --set-exit-if-changed) ;;
  repair) options=(--replace) ;;
  *) echo "format.mode is '$mode'; it must be check or repair." >&2; exit 2 ;;
esac
for part in api code file parser tree util; do
  exports+=("--add-exports=jdk.compiler/com.sun.tools.javac.$part=ALL-UNNAMED")
done
find src .mvn -name '*.java' -print0 |
  xargs -0 "$JAVA_HOME/bin/java" "${exports[@]}" -jar "$formatter" "${options[@]}"
