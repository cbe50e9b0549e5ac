using System.CommandLine;
using Migrator.App.Commands;
using Migrator.App.Hosting;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;

namespace Migrator.Cli.Commands;

/// <summary>Two accounts that are given without a job file, and which folders of them.</summary>
internal sealed class AccountPairOptions
{
    public const string Form =
        "imaps://USER@HOST (TLS), imap://USER@HOST (STARTTLS) or imap://USER@HOST?tls=none; parameters: auth, fingerprint, ca.";

    private readonly Option<string?> _sourcePassword = Password("source");
    private readonly Option<string?> _targetPassword = Password("target");
    private readonly Option<string?> _sourceAdmin = ArchiveOptions.Admin("--source-admin");
    private readonly Option<string?> _targetAdmin = ArchiveOptions.Admin("--target-admin");
    private readonly Option<string[]> _include;
    private readonly Option<string[]> _exclude = new("--exclude")
    {
        Description = "Skip folders that match this pattern (repeatable). [default: none]",
        HelpName = "PATTERN",
    };
    private readonly Option<string?> _into;
    private readonly Option<bool> _yes = FoundAccounts.Yes();

    /// <param name="verb">What is done with folders: "Copy".</param>
    /// <param name="into">What <c>--into</c> does.</param>
    public AccountPairOptions(string verb, string into)
    {
        _include = new("--include")
        {
            Description = $"{verb} only folders that match this pattern (repeatable). [default: all]",
            HelpName = "PATTERN",
        };
        _into = new("--into") { Description = into, HelpName = "FOLDER" };
    }

    private IEnumerable<Option> All => [_sourcePassword, _targetPassword, _sourceAdmin, _targetAdmin, _include, _exclude, _into, _yes];

    /// <param name="others">Of the command alone, before the last of these in help.</param>
    public void AddTo(Command command, params IEnumerable<Option> others)
    {
        foreach (var option in All.SkipLast(1).Concat(others).Append(_yes))
            command.Add(option);
    }

    /// <summary>The first of them that is given; null for none.</summary>
    public Option? Given(ParseResult parsed) => All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });

    /// <param name="name">Of the job.</param>
    /// <exception cref="ConfigurationException">Every error in the arguments.</exception>
    /// <exception cref="MailException">The server of an address was not found, or may not be used.</exception>
    public async Task<MigrateJob> JobAsync(
        string name,
        string source,
        string target,
        ParseResult parsed,
        CommandContext context,
        CancellationToken stop
    )
    {
        var (from, to) = await new FoundAccounts(context, parsed.GetValue(_yes)).UrlsAsync(source, target, stop);
        var job = CopyJob.Create(
            from,
            parsed.GetValue(_sourcePassword),
            to,
            parsed.GetValue(_targetPassword),
            parsed.GetValue(_include) ?? [],
            parsed.GetValue(_exclude) ?? [],
            parsed.GetValue(_sourceAdmin),
            parsed.GetValue(_targetAdmin),
            parsed.GetValue(_into)
        ) with
        {
            Name = name,
        };
        new Exposures(context).Warn([job], null);
        return job;
    }

    private static Option<string?> Password(string end) =>
        new($"--{end}-password")
        {
            Description =
                $"Where the {end} password is: env:NAME, file:PATH, setting:NAME, command:LINE or prompt. [default: "
                + $"env:{CopyJob.PasswordVariable(end)} if set, else prompt]",
            HelpName = "REFERENCE",
        };
}
