#!/bin/sh
# What the tests want from the system, besides Python: OpenSSH as a foreign server and client.
# As root on Debian it is installed; elsewhere the tests that need it say that they were skipped.
set -u
if [ -x /usr/sbin/sshd ] && command -v sftp >/dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing OpenSSH for the tests …"
    export DEBIAN_FRONTEND=noninteractive
    if { apt-get -qq update && apt-get -qq install -y --no-install-recommends openssh-server openssh-client; } >/dev/null 2>&1; then
        exit 0
    fi
fi
echo "OpenSSH's server or client is missing here: the tests against it will be skipped." >&2
echo "On Debian and Ubuntu: apt-get install openssh-server openssh-client" >&2
