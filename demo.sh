#!/usr/bin/env bash
# Sets everything up, fills a sample mailbox on one real mail server, migrates it to another, and shows the verified result.
set -euo pipefail
cd "$(dirname "$0")"
. eng/prepare.sh

demo=$(mktemp -d /tmp/migrator-demo.XXXXXX)
. eng/demo-servers.sh
trap 'stop_servers; rm -rf "$demo"' EXIT

echo "Building ..."
dotnet publish src/Migrator.Worker -c Release -o artifacts/migrator --nologo -v quiet
start_server old
start_server new
fill_mailbox old ann

export MIGRATOR_SOURCE_PASSWORD=pass MIGRATOR_TARGET_PASSWORD=pass
old="imaps://ann@localhost:$(port old)?ca=$demo/cert.pem"
new="imaps://ann@localhost:$(port new)?ca=$demo/cert.pem"
migrator() { echo; echo "\$ migrator $*"; artifacts/migrator/migrator "$@" --state artifacts/demo-state; }

rm -rf artifacts/demo-state
migrator copy "$old" "$new" --verify

echo; echo "Ann gets new mail on the old server and reads an old one. Once more:"
new_mail old ann
migrator copy "$old" "$new" --verify

echo; echo "Reports: artifacts/demo-state/reports (open the .html in a browser)"
