#!/usr/bin/env bash
# Formatting (clang-format) and clang-tidy over the tree; the configurations are .clang-format and .clang-tidy.
#   scripts/lint.sh           all of the tree, about an hour of a core
#   scripts/lint.sh --quick   clang-tidy without clang-analyzer-*, which takes two thirds of the time, and of the files that the last
#                             ten commits have changed; ./test --all does this
set -euo pipefail
checks=()
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files() { git ls-files 'src/*.cc'; }
if [ "${1:-}" = --quick ]; then
  checks=(--checks=-clang-analyzer-*)
  files() { comm -12 <(git ls-files 'src/*.cc' | sort) <(git log -n 10 --name-only --pretty= -- src | sort -u); }
fi
git ls-files '*.h' '*.cc' | xargs clang-format --dry-run -Werror
cmake --preset release -B build/lint -DMIGRATE_JOIN=OFF -DMIGRATE_TESTS=OFF >/dev/null
files | xargs -r -P 2 -n 4 clang-tidy -p build/lint --quiet "${checks[@]}" 2>/dev/null
