using Migrator.Files;

namespace Migrator.Cli.Commands;

/// <param name="To">An account's URL, or an archive.</param>
/// <param name="Admin">Who logs in on behalf of the account's user; null for the user.</param>
/// <param name="Mailbox">What it is called in the archive.</param>
/// <param name="Labels">Those of a Takeout become folders.</param>
/// <param name="Yes">Nobody is asked whether a server that was found is the right one.</param>
internal sealed record ImportRequest(
    string Directory,
    FileFormat Format,
    string To,
    string? Password,
    string? Admin,
    string? Passphrase,
    string? Mailbox,
    bool Labels,
    bool Yes
);
