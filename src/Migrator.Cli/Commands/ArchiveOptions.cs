using System.CommandLine;
using Migrator.Core.Archives;
using Migrator.Files;

namespace Migrator.Cli.Commands;

/// <summary>Options that several commands of archives have.</summary>
internal static class ArchiveOptions
{
    private static readonly Dictionary<string, KeyDerivation> s_derivations = new()
    {
        ["argon2id"] = KeyDerivation.Argon2id,
        ["pbkdf2-sha512"] = KeyDerivation.Pbkdf2Sha512,
    };

    public static Option<string> Derivation() =>
        ChoiceOption.Create("--kdf", "Key derivation function for a passphrase.", "argon2id", [.. s_derivations.Keys]);

    public static KeyDerivation DerivationOf(string text) => s_derivations[text];

    public static Option<string?> Mailbox() => OfMailboxes("Mailbox to show: its account or a part of it. [default: all]");

    public static Option<string?> ExactMailbox() =>
        OfMailboxes(
            "Mailbox, if the archive has several: its name in the job, its account, its login name or the part of it before "
                + "\"@\". [default: the mailbox of the job]"
        );

    public static Option<string?> At(bool complete = false) =>
        TimeOption.Snapshot(
            $"Snapshot to use: the latest at a time ({TimeOption.Forms}; a day means its end), or a snapshot ID. [default: "
                + $"latest{(complete ? " complete" : "")}]"
        );

    public static Option<string?> Password() =>
        new("--password")
        {
            Description =
                "Where the password of the account is: env:NAME, file:PATH, setting:NAME, command:LINE or prompt. [default: "
                + $"env:{CopyJob.PasswordVariable("target")} if set, else prompt]",
            HelpName = "REFERENCE",
        };

    /// <summary>Who logs in on behalf of the user of a URL.</summary>
    public static Option<string?> Admin(string name = "--admin") =>
        new(name)
        {
            Description = "Login name of an administrator who opens the mailbox by SASL PLAIN; the password is then the administrator's.",
            HelpName = "USER",
        };

    public static Option<string> Format() =>
        ChoiceOption.Create(
            "--format",
            "mbox: one file per folder. maildir: Maildir++. eml: one file per message.",
            null,
            "mbox",
            "maildir",
            "eml"
        );

    public static FileFormat FormatOf(string text) => Enum.Parse<FileFormat>(text, ignoreCase: true);

    private static Option<string?> OfMailboxes(string description)
    {
        var mailbox = new Option<string?>("--mailbox") { Description = description, HelpName = "MAILBOX" };
        mailbox.CompletionSources.Add(JobCompletions.Mailboxes);
        return mailbox;
    }
}
