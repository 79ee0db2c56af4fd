#!/usr/bin/env bash
# Runs the tests that need a database on an ordinary PostgreSQL server instead of the embedded one:
# a scratch cluster from the system's own binaries (version 15 or later), on loopback, thrown away.
# It catches whatever works only because the embedded server is newer or configured by us: sessions
# and locks, roles and row-level security, COPY, what an older server plans or refuses.
# `bash test/on-server.sh FILE…` runs these test files alone.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
fi

as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

work=$(mktemp -d /tmp/zhongzhao-server.XXXXXX)
[ "$(id -u)" = 0 ] && chown postgres "$work"
port=$((20000 + RANDOM % 20000))
finish() {
  as_postgres "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT

as_postgres "$bin/initdb" -D "$work/data" -U zhongzhao -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
as_postgres "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" \
  -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$work -c max_connections=200" \
  start >/dev/null
echo "server: $("$bin/postgres" --version), port $port"

export DATABASE_URL="postgres://zhongzhao@127.0.0.1:$port/postgres"

# Every test file that opens a database itself; and, of those that do through a world of their own,
# some that go through everything an act and a nightly job ask of a server.
files=("$@")
if [ ${#files[@]} = 0 ]; then
  mapfile -t files < <(
    {
      grep -rlE "from '[./]*database\.ts'" test --include='*.test.ts'
      printf '%s\n' test/acts/run-act.test.ts test/acts/applications.test.ts \
        test/acts/supplement.test.ts test/jobs/sweep.test.ts test/jobs/snapshot.test.ts
    } | sort -u
  )
fi
npx tap "${files[@]}"
