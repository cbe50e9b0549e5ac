#!/usr/bin/env bash
# Sets everything up, fills a sample mailbox on one real mail server, migrates it to another, shows the verified result, backs it up and
# restores it.
set -euo pipefail
cd "$(dirname "$0")"
MIGRATOR_SERVERS=few . eng/prepare.sh

demo=$(mktemp -d /tmp/migrator-demo.XXXXXX)
. eng/demo-servers.sh
trap 'stop_servers; rm -rf "$demo"' EXIT

echo "Building ..."
dotnet publish src/Migrator.Service -c Release -o artifacts/migrator --nologo -v quiet
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

echo; echo "Her new mailbox goes into an encrypted archive, as every night:"
cat > "$demo/nightly.json" <<JOB
{
  "kind": "backup",
  "source": { "host": "localhost", "port": $(port new), "user": "ann", "password": "env:MIGRATOR_SOURCE_PASSWORD", "certificate": { "caFile": "$demo/cert.pem" } },
  "archive": { "location": "$demo/archive", "passphrase": "env:ARCHIVE_PASSPHRASE" }
}
JOB
export ARCHIVE_PASSPHRASE="correct horse battery staple"
migrator archive init "$demo/nightly.json"
migrator run "$demo/nightly.json"
migrator archive check "$demo/nightly.json" --read-data

echo; echo "And back again, into an empty mailbox:"
migrator restore "$demo/nightly.json" --to "${new/ann@/restored@}"

echo; echo "Reports: artifacts/demo-state/reports (open the .html in a browser)"
