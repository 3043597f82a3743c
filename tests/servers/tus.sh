#!/usr/bin/env bash
# tus-js-client, the client that the protocol's authors keep, for tests of resumable uploads; sourced by tests/servers/with. Sets CLOUDSTORE_TEST_TUS to the folder it is installed in.

tus_version=4.3.1

# Kept between runs outside the repository, like Azurite.
provide_tus() {
  local folder fresh
  command -v npm >/dev/null || { unavailable tus-js-client "there is no npm"; return; }
  folder="${XDG_CACHE_HOME:-${HOME:-$servers_folder}/.cache}/cloudstore-tests/tus-$tus_version"
  if [ ! -d "$folder" ]; then
    say "installing tus-js-client@$tus_version"
    mkdir -p "$(dirname "$folder")"
    fresh=$(mktemp -d "$folder.XXXXXX") || return 0
    echo '{"private":true}' >"$fresh/package.json"
    if ! (cd "$fresh" && npm install --save-exact --no-audit --no-fund --loglevel=error "tus-js-client@$tus_version") >"$servers_folder/npm-tus.log" 2>&1; then
      log_tail "$servers_folder/npm-tus.log"
      rm -rf "$fresh"
      unavailable tus-js-client "it could not be installed"
      return
    fi
    mv -T "$fresh" "$folder" 2>/dev/null || rm -rf "$fresh"
  fi
  export CLOUDSTORE_TEST_TUS=$folder
}
