using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Secrets;

namespace Migrator.Cli.Commands;

/// <summary>The job that <c>migrator copy</c> describes.</summary>
public static class CopyJob
{
    /// <param name="end"><c>source</c> or <c>target</c>.</param>
    public static string PasswordVariable(string end) => $"MIGRATOR_{end.ToUpperInvariant()}_PASSWORD";

    /// <param name="sourceAdmin">Login name of an administrator, whose password <paramref name="sourcePassword"/> is then; null for
    /// none.</param>
    /// <param name="targetAdmin">Likewise.</param>
    /// <exception cref="ConfigurationException">Every error in the arguments.</exception>
    public static MigrateJob Create(
        string source,
        string? sourcePassword,
        string target,
        string? targetPassword,
        IReadOnlyList<string> include,
        IReadOnlyList<string> exclude,
        string? sourceAdmin = null,
        string? targetAdmin = null,
        string? into = null
    )
    {
        var errors = new List<ConfigurationError>();
        var from = Try(() => MailServerUrl.Parse(source, "source", Reference(sourcePassword, "source"), sourceAdmin), errors);
        var to = Try(() => MailServerUrl.Parse(target, "target", Reference(targetPassword, "target"), targetAdmin), errors);
        if (to?.Protocol == MailProtocol.Pop3)
            errors.Add(
                new ConfigurationError("target", "is POP3, which can only be read from; mail goes to an imaps:// or imap:// server.")
            );
        if (from is not null && to is not null && MailboxIdentity.Of(from) == MailboxIdentity.Of(to))
            errors.Add(new ConfigurationError("target", "is the same account as the source."));
        var below = Into(into, errors);
        if (errors.Count > 0)
            throw new ConfigurationException("command line", errors);
        return new MigrateJob(
            "copy",
            from!,
            to!,
            FolderRules.All with
            {
                Include = include,
                Exclude = exclude,
                EveryIncludeMatches = true,
                Into = below,
            },
            RunOptions.Default,
            SourceDeletionPolicy.Never
        );
    }

    private static FolderPath? Into(string? path, List<ConfigurationError> errors)
    {
        try
        {
            return path is null ? null : FolderRules.ParseInto(path);
        }
        catch (FormatException exception)
        {
            errors.Add(new ConfigurationError("--into", exception.Message));
            return null;
        }
    }

    internal static SecretReference Reference(string? given, string end)
    {
        if (given is not null)
            return SecretReference.Parse(given, Directory.GetCurrentDirectory())
                ?? throw new ConfigurationException(
                    "command line",
                    [
                        new ConfigurationError(
                            $"--{end}-password",
                            "must be env:NAME, file:PATH, setting:NAME, command:LINE or prompt, never the password itself (it is not "
                                + "shown here)."
                        ),
                    ]
                );
        var variable = PasswordVariable(end);
        return string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable))
            ? new SecretReference(SecretSource.Prompt, "")
            : new SecretReference(SecretSource.Env, variable);
    }

    private static MailServer? Try(Func<MailServer> parse, List<ConfigurationError> errors)
    {
        try
        {
            return parse();
        }
        catch (ConfigurationException exception)
        {
            errors.AddRange(exception.Errors);
            return null;
        }
    }
}
