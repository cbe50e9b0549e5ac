using System.CommandLine;
using Migrator.App.Formatting;
using Migrator.App.Hosting;
using Migrator.App.Output;
using Migrator.Core.Archives;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary><c>migrator archive key list</c>, <c>add</c>, <c>remove</c>, <c>change</c> and <c>rotate</c>.</summary>
internal static class ArchiveKeyCommands
{
    private static readonly Option<string?> s_passphrase = ArchiveArgument.Reference("--new-passphrase", "Where the new passphrase is");
    private static readonly Option<string?> s_keyFile = new("--new-key-file") { Description = "New key file.", HelpName = "FILE" };
    private static readonly Option<string?> s_keyVault = new("--new-key-vault")
    {
        Description = "Identifier of a key in Azure Key Vault.",
        HelpName = "URL",
    };
    private static readonly Option<bool> s_recovery = new("--recovery")
    {
        Description = "Create a recovery key. It is shown once; keep it on paper.",
    };

    public static IReadOnlyList<Option> NewKey => [s_passphrase, s_keyFile, s_keyVault, s_recovery];

    public static async Task<int> ListAsync(Archive archive, CommandContext context, CancellationToken stop)
    {
        var screen = new CommandOutput(context);
        // By what a person knows; ids are in no order.
        var keys = (await new ArchiveKeyRecords(archive).ListAsync(stop))
            .OrderByDescending(key => key.Used)
            .ThenBy(key => key.Kind, StringComparer.Ordinal)
            .ThenBy(key => key.Id, StringComparer.Ordinal)
            .ToList();
        foreach (var key in keys)
            screen.Say(
                new JsonLine("key")
                {
                    { "id", key.Id },
                    { "kind", key.Kind },
                    { "vault", key.Vault },
                    { "generation", key.Generation },
                    { "used", key.Used },
                }
            );
        screen.Table(
            archive.Format.Encrypted ? archive.Location : $"{archive.Location} is not encrypted.",
            [new("Id"), new("Kind"), new("Vault key", Least: 16), new("Rotated", Right: true, Rank: 1), new("Used now")],
            [.. keys.Select(key => new[] { key.Id, Words(key.Kind), key.Vault ?? "", Format.Count(key.Generation), key.Used ? "yes" : "" })]
        );
        return ExitCode.Success;
    }

    public static async Task<int> AddAsync(
        ArchiveReference reference,
        ParseResult parsed,
        KeyDerivation derivation,
        CommandContext context,
        CancellationToken stop
    )
    {
        var (archive, key) = await AddAsync(reference, ArchiveUse.Write, parsed, derivation, new CommandOutput(context), context, stop);
        new CommandOutput(context).Say(
            new JsonLine("keyAdded")
            {
                { "archive", archive.Location },
                { "id", key.Id },
                { "kind", key.Kind },
            },
            $"{archive.Location}: {key.Id} ({Words(key.Kind)}) opens it, too, from now on."
        );
        return ExitCode.Success;
    }

    public static async Task<int> RemoveAsync(Archive archive, string id, CommandContext context, CancellationToken stop)
    {
        var screen = new CommandOutput(context);
        var key = await new ArchiveKeyRecords(archive).RemoveAsync(id, screen.Doing, stop);
        context.Outcome = $"{key.Id} ({Words(key.Kind)}) removed";
        Removed(screen, archive, key);
        return ExitCode.Success;
    }

    /// <summary>Adds a key and removes the one that the archive was opened by.</summary>
    public static async Task<int> ChangeAsync(
        ArchiveReference reference,
        ParseResult parsed,
        KeyDerivation derivation,
        CommandContext context,
        CancellationToken stop
    )
    {
        var screen = new CommandOutput(context);
        var (archive, key) = await AddAsync(reference, ArchiveUse.Remove, parsed, derivation, screen, context, stop);
        var keys = new ArchiveKeyRecords(archive);
        var used = (await keys.ListAsync(stop)).Single(known => known.Used);
        context.Outcome = $"{key.Id} ({Words(key.Kind)}) added, {used.Id} ({Words(used.Kind)}) removed";
        screen.Say(
            new JsonLine("keyAdded")
            {
                { "archive", archive.Location },
                { "id", key.Id },
                { "kind", key.Kind },
            },
            $"{archive.Location}: {key.Id} ({Words(key.Kind)}) opens it from now on."
        );
        Removed(screen, archive, await keys.RemoveAsync(used.Id, screen.Doing, stop));
        return ExitCode.Success;
    }

    public static async Task<int> RotateAsync(
        ArchiveReference reference,
        KeyDerivation derivation,
        CommandContext context,
        CancellationToken stop
    )
    {
        if (reference.RecoveryKey is not null)
            throw new ConfigurationException(
                "command line",
                [
                    new ConfigurationError(
                        "--recovery-key",
                        "is for emergencies. Rotate with the passphrase, key file or vault key that backups use; add one first "
                            + "if there is none: migrator archive key add."
                    ),
                ]
            );
        var (screen, access) = (new CommandOutput(context), context.Stores.Archive(reference));
        var archive = await access.OpenAsync(ArchiveUse.Remove, stop);
        var keys = new ArchiveKeyRecords(archive);
        keys.EnsureEncrypted();
        var (key, removed) = await keys.RotateAsync(access.NewKey(derivation)!, screen.Doing, stop);
        context.Outcome = $"{key.Id} ({Words(key.Kind)}) opens it; removed: {string.Join(", ", removed.Select(old => old.Id))}";
        screen.Say(
            new JsonLine("keyRotated")
            {
                { "archive", archive.Location },
                { "id", key.Id },
                { "kind", key.Kind },
                { "generation", key.Generation },
                { "removed", removed.Select(old => new JsonFields { { "id", old.Id }, { "kind", old.Kind } }) },
            },
            [
                $"{archive.Location}: what is written from now on is encrypted with a new master key; {key.Id} ({Words(key.Kind)}) "
                    + "opens all of it.",
                .. removed.Select(old =>
                    $"{old.Id} ({Words(old.Kind)}{(old.Vault is { } vault ? $" {vault}" : "")}) no longer opens it. If it "
                    + "still should, add it again: migrator archive key add."
                ),
                "What was written before is still encrypted with the earlier key: anyone who had that key can read a copy of it.",
            ]
        );
        return ExitCode.Success;
    }

    private static async Task<(Archive Archive, ArchiveKey Key)> AddAsync(
        ArchiveReference reference,
        ArchiveUse use,
        ParseResult parsed,
        KeyDerivation derivation,
        CommandOutput screen,
        CommandContext context,
        CancellationToken stop
    )
    {
        var archive = await context.Stores.Archive(reference).OpenAsync(use, stop);
        var recovery = parsed.GetValue(s_recovery) ? RecoveryKey.Create() : null;
        var named = reference with
        {
            RecoveryKey = null,
            Passphrase = ArchiveArgument.Secret(parsed.GetValue(s_passphrase), s_passphrase.Name),
            KeyFile = parsed.GetValue(s_keyFile),
            KeyVault = parsed.GetValue(s_keyVault),
        };
        if (new object?[] { recovery, named.Passphrase, named.KeyFile, named.KeyVault }.Count(key => key is not null) != 1)
            throw new ConfigurationException(
                "command line",
                [
                    new ConfigurationError(
                        "--new-…",
                        $"say which key is new: one of {string.Join(", ", NewKey.Select(option => option.Name))}."
                    ),
                ]
            );
        var wrapper = recovery is null ? context.Stores.Archive(named).NewKey(derivation)! : SecretKeyWrapper.OfRecoveryKey(recovery);
        var added = await new ArchiveKeyRecords(archive).AddAsync(wrapper, stop);
        context.Outcome = $"{added.Id} ({Words(added.Kind)}) added";
        if (recovery is not null)
            screen.Say(
                new JsonLine("recoveryKey")
                {
                    { "archive", archive.Location },
                    { "id", added.Id },
                    { "key", recovery.ToString() },
                },
                $"Recovery key {added.Id} of {archive.Location}. It is shown only once; write it down and keep it away from the mail:",
                "",
                $"  {recovery}",
                ""
            );
        return (archive, added);
    }

    private static void Removed(CommandOutput screen, Archive archive, ArchiveKey key) =>
        screen.Say(
            new JsonLine("keyRemoved")
            {
                { "archive", archive.Location },
                { "id", key.Id },
                { "kind", key.Kind },
            },
            $"{archive.Location}: {key.Id} ({Words(key.Kind)}) no longer opens it. Anyone who opened it before may have "
                + "kept the master key; migrator archive key rotate encrypts what is written from then on with another."
        );

    private static string Words(string kind) =>
        kind switch
        {
            "passphrase" => "passphrase",
            "keyFile" => "key file",
            "recovery" => "recovery key",
            "azureKeyVault" => "Azure Key Vault",
            _ => kind,
        };
}
