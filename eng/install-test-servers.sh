#!/usr/bin/env bash
# Installs the real mail servers that tests and demo run against, where they are missing. Says what to do where it cannot.
set -euo pipefail

[ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && exit 0

if command -v apt-get >/dev/null; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    if [ -z "$sudo" ] || $sudo true 2>/dev/null; then
        echo "Installing Dovecot (dovecot-imapd) ..."
        # Looked up first: on a fresh machine there is no package list yet, and fetching one each time is slow.
        apt-cache show dovecot-imapd >/dev/null 2>&1 || $sudo apt-get update -qq
        install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends dovecot-imapd openssl"
        # A package list that is out of date names packages that are gone.
        $sudo $install >/dev/null || { $sudo apt-get update -qq && $sudo $install >/dev/null; }
        exit 0
    fi
fi

cat >&2 <<'TEXT'
Dovecot is missing and cannot be installed from here. Do one of these and run again:
  - as root on Debian or Ubuntu:  apt-get install dovecot-imapd
  - on another Linux: install your distribution's Dovecot 2.3, so that /usr/sbin/dovecot is there
  - start a Docker engine: then everything runs in a container
TEXT
exit 1
