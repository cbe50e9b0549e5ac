#!/usr/bin/env bash
# All of CI: sets everything up, checks the formatting and the packages that are used, and runs every test.
# Arguments go to the test runner, and then nothing but the tests is run: ./test.sh -class "*FolderPlan*"
# --long in front: proofs that take minutes are done at full length, where the tests only take a sample.
# Ends with a line "N passed, N failed, N skipped".
set -euo pipefail
cd "$(dirname "$0")"
. eng/prepare.sh

if [ "${1-}" = --long ]; then
  shift
  export MIGRATOR_LONG=1
fi
if [ $# -eq 0 ]; then
  dotnet tool restore >/dev/null
  dotnet csharpier check src tests --log-level Error || {
    echo "The code is not formatted. Run: dotnet csharpier format src tests" >&2
    exit 1
  }
  eng/check-vulnerable.sh
fi
dotnet build Migrator.sln -c Release --nologo -v quiet
# Tests that start the program start what users get: the command line compiled ahead of time, and the service beside it.
rm -rf artifacts/migrator
dotnet publish src/Migrator.Service -c Release -o artifacts/migrator --nologo -v quiet
export TESTED_MIGRATOR="$PWD/artifacts/migrator/migrator"
status=0
tests/Migrator.Tests/bin/Release/net10.0/Migrator.Tests -noColor -result-xml artifacts/tests.xml "$@" || status=$?

count() { grep -o '<assembly [^>]*' artifacts/tests.xml | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*' || echo 0; }
passed=$(count passed) failed=$(($(count failed) + $(count errors))) skipped=$(count skipped)
# A runner that found nothing to run proves nothing.
[ "$((passed + failed))" -gt 0 ] || status=1
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
