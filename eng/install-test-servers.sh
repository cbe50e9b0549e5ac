#!/usr/bin/env bash
# Installs the real mail servers that tests and demo run against, where they are missing. Says what to do where it cannot.
set -euo pipefail

cyrus=/opt/migrator-test-servers/cyrus
have_dovecot() { [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && [ -x /usr/lib/dovecot/pop3 ]; }
have_cyrus() { [ -x /usr/lib/cyrus/bin/master ] && [ -x "$cyrus/usr/lib/cyrus/bin/imapd" ] && command -v saslpasswd2 >/dev/null; }

# Cyrus is a second kind of server for some tests, which are skipped without it; it runs as root only.
if have_dovecot && { [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || have_cyrus; }; then exit 0; fi

if command -v apt-get >/dev/null; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    if [ -z "$sudo" ] || $sudo true 2>/dev/null; then
        # Looked up first: on a fresh machine there is no package list yet, and fetching one each time is slow.
        apt-cache show dovecot-imapd dovecot-pop3d >/dev/null 2>&1 || $sudo apt-get update -qq
        install="$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends"
        if ! have_dovecot; then
            echo "Installing Dovecot (dovecot-imapd, dovecot-pop3d) ..."
            # A package list that is out of date names packages that are gone.
            $install dovecot-imapd dovecot-pop3d openssl >/dev/null || { $sudo apt-get update -qq && $install dovecot-imapd dovecot-pop3d openssl >/dev/null; }
        fi
        if [ "$(id -u)" = 0 ] && ! have_cyrus; then
            echo "Installing Cyrus (cyrus-common, and imapd out of its package) ..."
            # The packages cyrus-imapd and dovecot-imapd exclude each other: of the first, only the files are taken.
            { $install cyrus-common sasl2-bin dovecot-imapd >/dev/null && mkdir -p "$cyrus" && cd "$cyrus" \
                && apt-get download -qq cyrus-imapd >/dev/null && dpkg -x cyrus-imapd_*.deb . && rm cyrus-imapd_*.deb; } 2>/dev/null \
                || echo "Cyrus could not be installed: its tests will be skipped." >&2
        fi
        exit 0
    fi
fi

cat >&2 <<'TEXT'
Dovecot is missing and cannot be installed from here. Do one of these and run again:
  - as root on Debian or Ubuntu:  apt-get install dovecot-imapd dovecot-pop3d
  - on another Linux: install your distribution's Dovecot 2.3, so that /usr/sbin/dovecot is there
  - start a Docker engine: then everything runs in a container
TEXT
exit 1
