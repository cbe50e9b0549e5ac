using System.CommandLine;
using Migrator.App.Execution;
using Migrator.App.Hosting;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Cli.Commands;

/// <summary>How a command line names an archive: by a backup job, which says all of it, or by its location.</summary>
internal sealed class ArchiveArgument
{
    private const string Where = "env:NAME, file:PATH, setting:NAME, command:LINE or prompt";

    private readonly Argument<string> _archive = new("archive")
    {
        Description =
            "A backup job (its name in the jobs directory, or its file), a directory (./DIR or /DIR), or the URL of a "
            + "container in Azure Blob Storage.",
        HelpName = "ARCHIVE",
    };

    private readonly Option<string?> _passphrase = Reference("--passphrase", "Where the passphrase is");
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "Key file of the archive.", HelpName = "FILE" };
    private readonly Option<string?> _keyVault = new("--key-vault")
    {
        Description = "Identifier of the Azure Key Vault key that wraps the archive's key.",
        HelpName = "URL",
    };
    private readonly Option<string?> _recoveryKey = Reference(
        "--recovery-key",
        "Where the recovery key is, used instead of the other keys"
    );
    private readonly Option<string?> _connectionString = Reference(
        "--connection-string",
        "Where the connection string of the storage account is; ARCHIVE is then the name of a container"
    );
    private readonly Option<string?> _controlStore = new("--control-store")
    {
        Description = "Location of leases and notes, if the archive was created with a separate one (archive.controlStore in a job file).",
        HelpName = "LOCATION",
    };

    private readonly Option<string?> _controlStoreSas = Reference(
        "--control-store-sas",
        "Where the shared access signature for --control-store is, if --sas does not cover it"
    );
    private readonly Option<string?> _sas = Reference("--sas", "Where the shared access signature is");

    public ArchiveArgument() => _archive.CompletionSources.Add(JobCompletions.Jobs);

    public void AddTo(Command command)
    {
        command.Arguments.Add(_archive);
        foreach (
            var option in new Option[]
            {
                _passphrase,
                _keyFile,
                _keyVault,
                _recoveryKey,
                _controlStore,
                _connectionString,
                _sas,
                _controlStoreSas,
            }
        )
            command.Options.Add(option);
    }

    /// <returns>The mailboxes too, where a job was named.</returns>
    /// <exception cref="ConfigurationException">An error in it, or in the job file.</exception>
    /// <exception cref="JobControlException">It is neither a job nor a location.</exception>
    public (ArchiveReference Archive, IReadOnlyList<NamedBackup> Mailboxes) Read(ParseResult parsed, CommandContext context)
    {
        var (text, recovery) = (parsed.GetRequiredValue(_archive), Secret(parsed.GetValue(_recoveryKey), _recoveryKey.Name));
        var connection = Secret(parsed.GetValue(_connectionString), _connectionString.Name);
        if (connection is null && ArchiveOfJob.Find(text, context) is var (archive, mailboxes))
            return (archive with { RecoveryKey = recovery }, mailboxes);
        var reference = new ArchiveReference(
            text,
            connection,
            Secret(parsed.GetValue(_sas), _sas.Name),
            parsed.GetValue(_controlStore),
            Secret(parsed.GetValue(_passphrase), _passphrase.Name),
            parsed.GetValue(_keyFile),
            parsed.GetValue(_keyVault),
            new Dictionary<string, string>()
        )
        {
            RecoveryKey = recovery,
            ControlStoreSas = Secret(parsed.GetValue(_controlStoreSas), _controlStoreSas.Name),
        };
        return (Located(reference), []);
    }

    /// <summary>Reads an archive that stands where an account could stand too.</summary>
    /// <inheritdoc cref="Read(ParseResult, CommandContext)"/>
    public static ArchiveReference Read(string text, string? passphrase, CommandContext context) =>
        ArchiveOfJob.Find(text, context)?.Archive
        ?? Located(
            new ArchiveReference(text, null, null, null, Secret(passphrase, "--passphrase"), null, null, new Dictionary<string, string>())
        );

    /// <summary>An option that says where a secret is.</summary>
    public static Option<string?> Reference(string name, string description) =>
        new(name) { Description = $"{description}: {Where}.", HelpName = "REFERENCE" };

    private static ArchiveReference Located(ArchiveReference reference)
    {
        List<ConfigurationError> errors =
        [
            .. reference.Mistakes().Select(mistake => new ConfigurationError(Option(mistake.Part), mistake.Message)),
        ];
        return errors.Count > 0 ? throw new ConfigurationException("command line", errors) : reference.In(Directory.GetCurrentDirectory());
    }

    private static string Option(string part) =>
        part switch
        {
            "sas" => "--sas",
            "controlStore" => "--control-store",
            "controlStoreSas" => "--control-store-sas",
            "" => "--connection-string",
            _ => "the archive",
        };

    /// <exception cref="ConfigurationException">It is not a reference to a secret.</exception>
    public static SecretReference? Secret(string? text, string option) =>
        text is null
            ? null
            : SecretReference.Parse(text, Directory.GetCurrentDirectory())
                ?? throw new ConfigurationException(
                    "command line",
                    [new ConfigurationError(option, $"must be {Where}, never the secret itself (it is not shown here).")]
                );
}
