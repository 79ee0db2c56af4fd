#!/usr/bin/env bash
# Runs the tests that need a database on an ordinary PostgreSQL server instead of the embedded one:
# a scratch cluster from the system's own binaries (version 15 or later), on loopback, thrown away.
# It catches whatever works only because the embedded server is newer or configured by us: sessions
# and locks, roles and row-level security, COPY, what an older server plans or refuses. What decides
# the same on any server – who may do what, what is placed where, how a report looks – has been
# tested by the suite itself, and is not asked again here.
# `bash test/on-server.sh --all` runs every test that opens a database: before a release, and when
# another version of PostgreSQL is to be supported. `bash test/on-server.sh FILE…` runs these alone.
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

files=(
  # Connections, roles, row-level security.
  test/db/{connect,access,access-owner,access-rows,access-sample}.test.ts
  # Migrations and the schema, COPY, triggers, packages in, dump and restore, seals.
  test/db/{migrate,copy,policies,trail,seal,backup,sample}.test.ts
  test/db/package/import.test.ts
  # Locks, fences, ledger, queue, processes that are killed or run side by side.
  test/jobs/{run-ledger,run-queue,run-crash,run-lanes,run-quiet}.test.ts
  # The statements of acts, nightly jobs and audits: people live through a season's turns.
  test/season/season.test.ts test/jobs/{dispatch,sweep,snapshot}.test.ts
  test/acts/{run-act,applications,supplement}.test.ts
  # The statements of every report.
  test/reports/reading.test.ts
)
if [ "${1:-}" = --all ]; then
  mapfile -t files < <(
    {
      grep -rlE "from '[./]*database\.ts'" test --include='*.test.ts'
      grep -rlE "(act|application|dispatch|control|night|sweep|snapshot)-world\.ts'" test \
        --include='*.test.ts'
    } | sort -u
  )
elif [ $# -gt 0 ]; then
  files=("$@")
fi
for file in "${files[@]}"; do
  [ -f "$file" ] || { echo "no such test: $file" >&2; exit 2; }
done
npx tap "${files[@]}"
