#!/usr/bin/env bash
# Makes the subset of Fashion-MNIST that the examples ship: the first 12,000 training and the first
# 2,000 test images of the original files, as gzipped idx files under the original names.
#
#   examples/data/make-subset.sh SOURCE_DIR [TARGET_DIR]
#
# SOURCE_DIR holds the four original files; Debian's package dataset-fashion-mnist installs them
# (dpkg -L dataset-fashion-mnist). The result depends on nothing but them (gzip -n stores no time).
set -euo pipefail
source_dir=${1:?SOURCE_DIR is missing: the folder with the four original files}
target_dir=${2:-$(dirname "${BASH_SOURCE[0]}")/../src/main/resources/fashion-mnist}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# subset NAME COUNT HEADER_BYTES ITEM_BYTES: an idx header is a magic number of four bytes, then the
# count of items as four bytes (big-endian), then the other dimensions; only the count changes.
subset() {
  local name=$1 count=$2 header=$3 item=$4
  gzip -dc "$source_dir/$name" > "$scratch/whole"
  {
    head -c 4 "$scratch/whole"
    printf "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' \
      $((count >> 24 & 255)) $((count >> 16 & 255)) $((count >> 8 & 255)) $((count & 255)))"
    head -c $((header + count * item)) "$scratch/whole" | tail -c +9
  } > "$scratch/part"
  gzip -9nc "$scratch/part" > "$target_dir/$name"
  printf '%s  %s (uncompressed)\n' "$(sha256sum < "$scratch/part" | cut -d' ' -f1)" "$name"
}

mkdir -p "$target_dir"
subset train-images-idx3-ubyte.gz 12000 16 784
subset train-labels-idx1-ubyte.gz 12000 8 1
subset t10k-images-idx3-ubyte.gz 2000 16 784
subset t10k-labels-idx1-ubyte.gz 2000 8 1
