#!/usr/bin/env bash
# What the server scripts share; sourced by tests/servers/with, which sets $servers_folder and stops what is noted in $server_pids.

# Everything for people goes to stderr: stdout belongs to the command that runs beside the servers.
say() { printf 'servers: %s\n' "$*" >&2; }

# unavailable NAME REASON: the run goes on without that server, and its tests skip.
unavailable() { say "no $1: $2. The tests that need it will skip."; }

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Ports below 32768 are outside the range from which Linux takes the ports of outgoing connections.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + (RANDOM % 12000)))
    if ! answers "$port"; then
      echo "$port"
      return 0
    fi
  done
  return 1
}

# launch LOG COMMAND...: starts COMMAND in a session of its own, so that Ctrl-C reaches it only through stop_servers, and has the kernel end it
# when this shell is killed outright. The process id is left in $launched.
launch() {
  local log=$1
  shift
  setsid setpriv --pdeathsig "${death_signal:-TERM}" "$@" >"$log" 2>&1 </dev/null &
  launched=$!
}

# wait_until SECONDS PID COMMAND...: 0 when COMMAND succeeds while PID lives; 1 when PID ended or the time is up.
wait_until() {
  local deadline=$((SECONDS + $1)) pid=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    kill -0 "$pid" 2>/dev/null || return 1
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
  # The answer may have come from another process that held the port first; ours would then have ended.
  kill -0 "$pid" 2>/dev/null
}

server_pids=()
started() { server_pids+=("$1:$2"); } # PID SIGNAL

# Ends every started server with its own signal for a quick, clean stop, and with KILL where that took over 20 seconds.
stop_servers() {
  local entry pid deadline=$((SECONDS + 20))
  for entry in "${server_pids[@]}"; do
    kill -s "${entry#*:}" "${entry%%:*}" 2>/dev/null || true
  done
  for entry in "${server_pids[@]}"; do
    pid=${entry%%:*}
    while kill -0 "$pid" 2>/dev/null; do
      [ "$SECONDS" -lt "$deadline" ] || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.05
    done
    wait "$pid" 2>/dev/null || true
  done
  server_pids=()
}

# log_tail FILE: the last lines of a server that would not start.
log_tail() { [ ! -s "$1" ] || tail -n 8 "$1" | sed 's/^/servers:   /' >&2; }
