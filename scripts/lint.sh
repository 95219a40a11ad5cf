#!/usr/bin/env bash
# Formatting (clang-format) and clang-tidy over the tree; the configurations are .clang-format and .clang-tidy.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
git ls-files '*.h' '*.cc' | xargs clang-format --dry-run -Werror
[ -f build/compile_commands.json ] || cmake --preset release >/dev/null
git ls-files 'src/*.cc' | xargs -P 2 -n 4 clang-tidy -p build --quiet 2>/dev/null
