#!/usr/bin/env bash
# Installs Debian packages for the servers; sourced by tests/servers/with.

# install_packages PACKAGE...: 0 when they are there afterwards. Needs root and apt-get; says why it cannot.
install_packages() {
  local log="$servers_folder/apt.log"
  if ! command -v apt-get >/dev/null; then
    say "cannot install $*: there is no apt-get"
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    say "cannot install $*: not root"
    return 1
  fi
  say "installing $*"
  if ! apt-get update -qq >"$log" 2>&1; then
    say "apt-get update failed; trying with the package lists there are"
  fi
  keep_services_stopped
  local status=0
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 || status=$?
  release_services
  [ "$status" = 0 ] || log_tail "$log"
  return "$status"
}

# Debian's packages start their services when installed. While policy-rc.d answers 101 they do not; one that an administrator has put there stays.
services_policy=/usr/sbin/policy-rc.d
services_policy_ours=
keep_services_stopped() {
  [ -e "$services_policy" ] && return
  services_policy_ours=1
  printf '#!/bin/sh\nexit 101\n' >"$services_policy"
  chmod 755 "$services_policy"
}
release_services() {
  [ -z "$services_policy_ours" ] || rm -f "$services_policy"
  services_policy_ours=
}
