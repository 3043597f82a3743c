#!/usr/bin/env bash
# PostgreSQL for tests; sourced by tests/servers/with. Sets CLOUDSTORE_TEST_POSTGRES.

# Debian keeps the server's programs out of PATH; the newest version is taken.
postgres_programs() {
  local initdb
  initdb=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [ -x "$initdb" ] || initdb=$(command -v initdb) || return 1
  dirname "$initdb"
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups env --chdir=/ HOME=/ "$@"
  else
    "$@"
  fi
}

# Trust authentication is safe here: the server listens on the loopback address alone and holds test data. Durability settings stay at their
# defaults, because tests that kill processes rely on what was committed being there.
start_postgres() {
  local programs folder="$servers_folder/postgres" data port
  programs=$(postgres_programs) || { install_packages postgresql && programs=$(postgres_programs); } ||
    { unavailable PostgreSQL "it is not installed"; return; }
  data="$folder/data"
  mkdir -p "$folder"
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || { unavailable PostgreSQL "there is no user postgres for it to run as"; return; }
    chown postgres "$folder"
    as_postgres test -w "$folder" || { unavailable PostgreSQL "user postgres cannot reach $servers_folder"; return; }
  fi
  if ! as_postgres "$programs/initdb" -D "$data" -U postgres -A trust --encoding=UTF8 --locale=C.UTF-8 >"$servers_folder/initdb.log" 2>&1; then
    log_tail "$servers_folder/initdb.log"
    unavailable PostgreSQL "initdb failed"
    return
  fi
  for _ in {1..5}; do
    port=$(free_port) || break
    launch_postgres "$programs/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
      -c max_connections=200 -c shared_buffers=256MB
    if wait_until 60 "$launched" "$programs/pg_isready" -q -h 127.0.0.1 -p "$port"; then
      started "$launched" INT
      export CLOUDSTORE_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Database=postgres"
      return
    fi
    kill -s QUIT "$launched" 2>/dev/null || true
    wait "$launched" 2>/dev/null || true
  done
  log_tail "$servers_folder/postgres.log"
  unavailable PostgreSQL "it did not start"
}

launch_postgres() {
  local log="$servers_folder/postgres.log" death_signal=INT
  if [ "$(id -u)" = 0 ]; then
    launch "$log" --reuid=postgres --regid=postgres --init-groups env --chdir=/ HOME=/ "$@"
  else
    launch "$log" "$@"
  fi
}
