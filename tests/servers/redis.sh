#!/usr/bin/env bash
# Redis for tests; sourced by tests/servers/with. Sets CLOUDSTORE_TEST_REDIS.

start_redis() {
  local folder="$servers_folder/redis" port
  command -v redis-server >/dev/null || install_packages redis-server || { unavailable Redis "it is not installed"; return; }
  mkdir -p "$folder"
  for _ in {1..5}; do
    port=$(free_port) || break
    launch "$servers_folder/redis.log" redis-server --port "$port" --bind 127.0.0.1 --dir "$folder" --save '' --appendonly no --daemonize no
    if wait_until 30 "$launched" redis_answers "$port"; then
      started "$launched" TERM
      export CLOUDSTORE_TEST_REDIS="127.0.0.1:$port"
      return
    fi
    kill -s TERM "$launched" 2>/dev/null || true
    wait "$launched" 2>/dev/null || true
  done
  log_tail "$servers_folder/redis.log"
  unavailable Redis "it did not start"
}

redis_answers() { [ "$(redis-cli -h 127.0.0.1 -p "$1" ping)" = PONG ]; }
