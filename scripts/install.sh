#!/usr/bin/env bash
# Installs the Debian packages that are missing: install.sh [build|test|all]. Does nothing (and needs no root) if all are there.
set -euo pipefail
packages=(build-essential cmake ninja-build ccache mold pkg-config
  libsqlite3-dev libsqlitecpp-dev libyaml-cpp-dev libspdlog-dev libfmt-dev libcli11-dev libssl-dev libzstd-dev zlib1g-dev
  libfccp-dev libmariadb-dev libutf8proc-dev libidn2-dev libphonenumber-dev nlohmann-json3-dev libgtest-dev libgmock-dev)
# The servers that tests start: Debian's MariaDB, and MySQL 8.0 by Maven with the libraries that it needs.
test=(python3 python3-jsonschema sqlite3 strace groff-base mariadb-server mariadb-client openssl maven libaio1 libnuma1)
case "${1:-build}" in
  test) packages+=("${test[@]}") ;;
  all) packages+=("${test[@]}" clang libclang-rt-14-dev clang-format clang-tidy debootstrap) ;;
esac
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "installing: ${missing[*]}" >&2
sudo=""
[ "$(id -u)" -eq 0 ] || sudo=sudo
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq >&2
$sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
