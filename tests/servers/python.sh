#!/usr/bin/env bash
# Python with the packages that docs/files_decrypt.py needs; sourced by tests/servers/with. The tests look for it as this does.

python_packages='import cryptography, brotli'

# provide_python: installs Debian's where neither python3 nor /usr/bin/python3 has them. Without them the tests that need them skip.
provide_python() {
  local python
  for python in python3 /usr/bin/python3; do
    "$python" -c "$python_packages" >/dev/null 2>&1 && return
  done
  install_packages python3 python3-cryptography python3-brotli || say "there is no Python with cryptography and brotli; what needs them will be skipped"
}
