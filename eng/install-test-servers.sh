#!/usr/bin/env bash
# Installs the real servers that tests and demo run against, where they are missing. Says what to do where it cannot.
set -euo pipefail

cyrus=/opt/migrator-test-servers/cyrus
have_dovecot() { [ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] && [ -x /usr/lib/dovecot/pop3 ]; }
have_cyrus() { [ -x /usr/lib/cyrus/bin/master ] && [ -x "$cyrus/usr/lib/cyrus/bin/imapd" ] && command -v saslpasswd2 >/dev/null; }

# Debian's or Ubuntu's packages, where this user may install them. A package list that is out of date names packages that are gone.
packages() {
    command -v apt-get >/dev/null || return 1
    local sudo=""
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    [ -z "$sudo" ] || $sudo true 2>/dev/null || return 1
    echo "Installing $* ..."
    apt-cache show "$@" >/dev/null 2>&1 || $sudo apt-get update -qq || return 1
    local install="$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $*"
    $install >/dev/null || { $sudo apt-get update -qq && $install >/dev/null; }
}

# Azurite stands in for Azure Storage; the tests that want it are skipped without it. This is the newest version that the
# Node.js of Debian 12 (18) runs.
azurite_version=3.35.0
if [ "$(id -u)" = 0 ]; then azurite_home=/opt/migrator-test-servers/azurite; else azurite_home=${HOME:-/tmp}/.cache/migrator-test-servers/azurite; fi
have_azurite() {
    [ -x "$azurite_home/node_modules/.bin/azurite-blob" ] || [ -x /opt/migrator-test-servers/azurite/node_modules/.bin/azurite-blob ] \
        || command -v azurite-blob >/dev/null
}
install_azurite() {
    command -v npm >/dev/null || packages npm || return 1
    echo "Installing Azurite $azurite_version (npm) ..."
    # Beside its place and then moved: half an installation must not look like one.
    rm -rf "$azurite_home.new" "$azurite_home" && mkdir -p "$azurite_home.new" \
        && npm install --prefix "$azurite_home.new" --no-audit --no-fund --omit=dev --loglevel=error "azurite@$azurite_version" >/dev/null \
        && mv "$azurite_home.new" "$azurite_home"
}
azurite() { have_azurite || install_azurite || echo "Azurite could not be installed (npm): its tests will be skipped." >&2; }

# Python and zstd read archives by the book alone; the test that wants them is skipped without.
have_reader() { command -v python3 >/dev/null && command -v zstd >/dev/null; }

# A browser opens the dashboard; those tests are skipped without.
have_browser() { [ -x /usr/bin/chromium ] || [ -x /usr/bin/chromium-browser ] || [ -x /usr/bin/google-chrome ]; }

# PostgreSQL is what several workers share; each test run has a server of its own, so that the package is not to start one.
have_postgres() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; }
install_postgres() {
    if [ "$(id -u)" = 0 ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
    fi
    packages postgresql
}

# IMAP servers of other makes, each with customs of its own. The Debian packages exclude dovecot-imapd: of them, only the files are taken. Courier looks for
# its files in fixed places, which exist empty for the fixture to mount its own on. The tests of a server are skipped without it.
others=/opt/migrator-test-servers
unpack() {
    local home=$1
    shift
    # Beside its place and then moved: half an installation must not look like one.
    rm -rf "$home.new" "$home" && mkdir -p "$home.new/debs" && (cd "$home.new/debs" && apt-get download -qq "$@" >/dev/null 2>&1 \
        && for deb in *.deb; do dpkg -x "$deb" .. || exit 1; done) && rm -r "$home.new/debs" && mv "$home.new" "$home"
}
have_courier() { [ -x "$others/courier/usr/sbin/couriertcpd" ] && [ -d /etc/courier ] && [ -d /usr/lib/courier ] && [ -d /usr/lib/courier-authlib ]; }
install_courier() {
    packages libcourier-unicode4 libgamin0 libgdbm6 libltdl7 libidn12 libpcre3 \
        && unpack "$others/courier" courier-imap courier-base courier-authlib courier-authlib-userdb \
        && mkdir -p /etc/courier /usr/lib/courier /usr/lib/courier-authlib
}
have_mailutils() { [ -x "$others/mailutils/usr/sbin/imap4d" ]; }
install_mailutils() { packages libmailutils9 libgsasl18 libwrap0 libmu-dbm9 && unpack "$others/mailutils" mailutils-imap4d; }
hoodiecrow_version=2.1.0
if [ "$(id -u)" = 0 ]; then hoodiecrow_home=$others/hoodiecrow; else hoodiecrow_home=${HOME:-/tmp}/.cache/migrator-test-servers/hoodiecrow; fi
have_hoodiecrow() { [ -d "$hoodiecrow_home/node_modules/hoodiecrow-imap" ] || [ -d "$others/hoodiecrow/node_modules/hoodiecrow-imap" ]; }
install_hoodiecrow() {
    command -v npm >/dev/null || return 1
    echo "Installing Hoodiecrow $hoodiecrow_version (npm) ..."
    rm -rf "$hoodiecrow_home.new" "$hoodiecrow_home" && mkdir -p "$hoodiecrow_home.new" \
        && npm install --prefix "$hoodiecrow_home.new" --no-audit --no-fund --omit=dev --ignore-scripts --loglevel=error "hoodiecrow-imap@$hoodiecrow_version" >/dev/null \
        && mv "$hoodiecrow_home.new" "$hoodiecrow_home"
}
other_servers() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        have_courier || install_courier || echo "Courier could not be installed: its tests will be skipped." >&2
        have_mailutils || install_mailutils || echo "GNU mailutils could not be installed: its tests will be skipped." >&2
    fi
    have_hoodiecrow || install_hoodiecrow || echo "Hoodiecrow could not be installed (npm): its tests will be skipped." >&2
}

# A mail server in Python (Debian's own Python, whichever else there is) takes notifications; their tests are skipped without it.
have_smtp() { /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null; }

# Proxies, without the packages that start them as services; their tests are skipped without.
have_proxies() { [ -x /usr/bin/microsocks ] && [ -x /usr/bin/tinyproxy ]; }

# A terminal to look at the program in, and the shells that it has completions for; tests of what is missing are skipped.
have_terminal() { command -v tmux >/dev/null && command -v zsh >/dev/null && command -v fish >/dev/null; }

# PowerShell comes as a .NET tool.
powershell_version=7.6.9
if [ "$(id -u)" = 0 ]; then powershell_home=$others/powershell; else powershell_home=${HOME:-/tmp}/.cache/migrator-test-servers/powershell; fi
have_powershell() { [ -x "$powershell_home/pwsh" ] || [ -x "$others/powershell/pwsh" ] || command -v pwsh >/dev/null; }
install_powershell() {
    echo "Installing PowerShell $powershell_version (dotnet tool) ..."
    # Beside its place and then moved: half an installation must not look like one.
    rm -rf "$powershell_home.new" "$powershell_home" \
        && dotnet tool install PowerShell --version "$powershell_version" --tool-path "$powershell_home.new" >/dev/null \
        && mv "$powershell_home.new" "$powershell_home"
}

# The command line is compiled ahead of time, which takes a linker and the headers of zlib.
have_compiler() { command -v clang >/dev/null && [ -e /usr/include/zlib.h ]; }

extras() {
    have_compiler || packages clang zlib1g-dev || echo "clang and zlib1g-dev could not be installed: the command line is published as an ordinary program." >&2
    # The demo needs none of the others.
    [ "${MIGRATOR_SERVERS:-all}" = all ] || return 0
    azurite
    other_servers
    have_postgres || install_postgres || echo "PostgreSQL could not be installed: its tests will be skipped." >&2
    have_browser || packages chromium || echo "Chromium could not be installed: the dashboard's tests will be skipped." >&2
    have_smtp || packages python3-aiosmtpd || echo "python3-aiosmtpd could not be installed: the tests of notifications by mail will be skipped." >&2
    have_proxies || packages microsocks tinyproxy-bin || echo "microsocks and tinyproxy could not be installed: the tests of proxies will be skipped." >&2
    have_terminal || packages tmux zsh fish || echo "tmux, zsh and fish could not be installed: the tests of screens and completions will be skipped." >&2
    have_powershell || install_powershell || echo "PowerShell could not be installed (dotnet tool): the tests of its completions will be skipped." >&2
    have_reader || packages python3 zstd || echo "python3 and zstd could not be installed: a test will be skipped." >&2
}

# Cyrus is a second kind of server for some tests, which are skipped without it; it runs as root only.
if have_dovecot && { [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || have_cyrus; }; then extras; exit 0; fi

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
        extras
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
