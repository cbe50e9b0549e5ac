#!/usr/bin/env bash
# The command line as a .NET tool, for every machine that has the .NET runtime.
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet pack src/Migrator.Cli -c Release -p:RestoreLockedMode=true -p:Version="$VERSION" -o "$OUT" --nologo -v quiet
