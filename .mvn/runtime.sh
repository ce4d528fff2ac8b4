#!/usr/bin/env bash
# Makes the Java of the bundle in a folder. Called by Maven with JAVA_HOME set to the JDK it chose.
set -euo pipefail
folder=$1
modules=(
  java.base java.logging java.management
  java.desktop    # ImageIO, and what the reader of YAML asks of java.beans
  java.net.http   # downloads
  jdk.crypto.ec   # their TLS, up to JDK 21
  jdk.management  # how much memory the machine has
  jdk.unsupported # JavaCPP, and signals
)
rm -rf "$folder"
mkdir -p "$(dirname "$folder")"
# Not compressed here: xz does that better.
"$JAVA_HOME/bin/jlink" --add-modules "$(IFS=, && echo "${modules[*]}")" --output "$folder" \
  --compress zip-0 --strip-debug --no-header-files --no-man-pages
