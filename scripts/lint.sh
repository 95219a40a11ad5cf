#!/usr/bin/env bash
# Formatting (clang-format) and clang-tidy over the tree; the configurations are .clang-format and .clang-tidy.
#   scripts/lint.sh --quick   without clang-analyzer-*, which takes two thirds of the time; ./test --all does this
set -euo pipefail
checks=()
[ "${1:-}" = --quick ] && checks=(--checks=-clang-analyzer-*)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git ls-files '*.h' '*.cc' | xargs clang-format --dry-run -Werror
cmake --preset release -B build/lint -DMIGRATE_JOIN=OFF -DMIGRATE_TESTS=OFF >/dev/null
git ls-files 'src/*.cc' | xargs -P 2 -n 4 clang-tidy -p build/lint --quiet "${checks[@]}" 2>/dev/null
