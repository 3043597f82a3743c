#!/usr/bin/env bash
# DuckDB, which reads and writes Parquet by itself, for tests of files; sourced by tests/servers/with. Sets CLOUDSTORE_TEST_DUCKDB to the folder it is installed in.

duckdb_version=1.5.6-r.1

# Kept between runs outside the repository, like Azurite.
provide_duckdb() {
  local folder fresh
  command -v npm >/dev/null || { unavailable DuckDB "there is no npm"; return; }
  folder="${XDG_CACHE_HOME:-${HOME:-$servers_folder}/.cache}/cloudstore-tests/duckdb-$duckdb_version"
  if [ ! -d "$folder" ]; then
    say "installing @duckdb/node-api@$duckdb_version"
    mkdir -p "$(dirname "$folder")"
    fresh=$(mktemp -d "$folder.XXXXXX") || return 0
    echo '{"private":true}' >"$fresh/package.json"
    if ! (cd "$fresh" && npm install --save-exact --no-audit --no-fund --loglevel=error "@duckdb/node-api@$duckdb_version") >"$servers_folder/npm-duckdb.log" 2>&1; then
      log_tail "$servers_folder/npm-duckdb.log"
      rm -rf "$fresh"
      unavailable DuckDB "it could not be installed"
      return
    fi
    mv -T "$fresh" "$folder" 2>/dev/null || rm -rf "$fresh"
  fi
  export CLOUDSTORE_TEST_DUCKDB=$folder
}
