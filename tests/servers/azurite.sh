#!/usr/bin/env bash
# Azurite, the emulator of Azure Blob Storage, for tests; sourced by tests/servers/with. Sets CLOUDSTORE_TEST_AZURITE.

azurite_version=3.35.0

# Kept between runs outside the repository, because installing it takes longer than the tests that use it.
azurite_folder() { echo "${XDG_CACHE_HOME:-${HOME:-$servers_folder}/.cache}/cloudstore-tests/azurite-$azurite_version"; }

# Installed beside the final folder and then moved there, so that an interrupted or a second installation leaves nothing half-made.
install_azurite() {
  local folder=$1 fresh
  command -v npm >/dev/null || { say "cannot install azurite: there is no npm"; return 1; }
  say "installing azurite@$azurite_version"
  mkdir -p "$(dirname "$folder")"
  fresh=$(mktemp -d "$folder.XXXXXX") || return 1
  echo '{"private":true}' >"$fresh/package.json"
  if ! (cd "$fresh" && npm install --save-exact --no-audit --no-fund --loglevel=error "azurite@$azurite_version") >"$servers_folder/npm.log" 2>&1; then
    log_tail "$servers_folder/npm.log"
    rm -rf "$fresh"
    return 1
  fi
  mv -T "$fresh" "$folder" 2>/dev/null || rm -rf "$fresh"
}

# The account has a random key, as a real one would; the well-known development account is not there.
start_azurite() {
  local folder program port key account=cloudstoretests
  command -v node >/dev/null || { unavailable Azurite "there is no node"; return; }
  folder=$(azurite_folder)
  program="$folder/node_modules/.bin/azurite-blob"
  [ -x "$program" ] || install_azurite "$folder" || true
  [ -x "$program" ] || { unavailable Azurite "it is not installed"; return; }
  key=$(head -c 64 /dev/urandom | base64 -w 0)
  for _ in {1..5}; do
    port=$(free_port) || break
    AZURITE_ACCOUNTS="$account:$key" launch "$servers_folder/azurite.log" "$program" --blobHost 127.0.0.1 --blobPort "$port" \
      --location "$servers_folder/azurite" --silent --disableTelemetry --skipApiVersionCheck
    if wait_until 60 "$launched" answers "$port"; then
      started "$launched" TERM
      export CLOUDSTORE_TEST_AZURITE="DefaultEndpointsProtocol=http;AccountName=$account;AccountKey=$key;BlobEndpoint=http://127.0.0.1:$port/$account;"
      return
    fi
    kill -s TERM "$launched" 2>/dev/null || true
    wait "$launched" 2>/dev/null || true
  done
  log_tail "$servers_folder/azurite.log"
  unavailable Azurite "it did not start"
}
