using System.CommandLine;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Secrets;

namespace Migrator.Cli.Commands;

/// <summary>How a command line names an archive: a directory, the URL of a container, or a backup's job file, which says all of it.</summary>
internal sealed class ArchiveArgument
{
    private const string Where = "env:NAME, file:PATH, setting:NAME or prompt";

    private readonly Argument<string> _archive = new("archive") { Description = "A directory, the URL of a container at Azure Blob Storage, or the job file of a backup." };
    private readonly Option<string?> _passphrase = new("--passphrase") { Description = $"Where the passphrase is: {Where}." };
    private readonly Option<string?> _keyFile = new("--key-file") { Description = "The key file of the archive." };
    private readonly Option<string?> _keyVault = new("--key-vault") { Description = "The identifier of the key in Azure Key Vault that wraps the archive's key." };
    private readonly Option<string?> _recoveryKey = new("--recovery-key") { Description = $"Where the recovery key of the archive is, used in place of its other keys: {Where}." };
    private readonly Option<string?> _connectionString = new("--connection-string") { Description = $"Where the connection string of the storage account is: {Where}. The archive is then a container's name." };
    private readonly Option<string?> _side = new("--side") { Description = "Where leases and notes are, if the archive was made with a place of its own for them (archive.side in a job file)." };
    private readonly Option<string?> _sideSas = new("--side-sas") { Description = $"Where the shared access signature of the side is, if --sas does not reach it: {Where}." };
    private readonly Option<string?> _sas = new("--sas") { Description = $"Where the shared access signature is: {Where}." };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_archive);
        foreach (var option in new Option[] { _passphrase, _keyFile, _keyVault, _recoveryKey, _side, _connectionString, _sas, _sideSas })
            command.Options.Add(option);
    }

    /// <returns>The mailboxes too, where a job file was named.</returns>
    /// <exception cref="JobFileException">A mistake in it, or in the job file.</exception>
    public (ArchiveReference Archive, IReadOnlyList<NamedBackup> Mailboxes) Read(ParseResult parsed)
    {
        var (text, recovery) = (parsed.GetRequiredValue(_archive), Secret(parsed.GetValue(_recoveryKey), _recoveryKey.Name));
        if (OfJob(text) is var (archive, mailboxes))
            return (archive with { RecoveryKey = recovery }, mailboxes);
        var reference = new ArchiveReference(text, Secret(parsed.GetValue(_connectionString), _connectionString.Name), Secret(parsed.GetValue(_sas), _sas.Name), parsed.GetValue(_side),
            Secret(parsed.GetValue(_passphrase), _passphrase.Name), parsed.GetValue(_keyFile), parsed.GetValue(_keyVault), new Dictionary<string, string>())
        {
            RecoveryKey = recovery, SideSas = Secret(parsed.GetValue(_sideSas), _sideSas.Name),
        };
        return (Located(reference), []);
    }

    /// <summary>Reads an archive that stands where an account could stand too.</summary>
    /// <inheritdoc cref="Read(ParseResult)"/>
    public static ArchiveReference Read(string text, string? passphrase) =>
        OfJob(text)?.Archive ?? Located(new ArchiveReference(text, null, null, null, Secret(passphrase, "--passphrase"), null, null, new Dictionary<string, string>()));

    private static (ArchiveReference Archive, IReadOnlyList<NamedBackup> Mailboxes)? OfJob(string text)
    {
        if (!text.EndsWith(".json", StringComparison.OrdinalIgnoreCase) || !File.Exists(text))
            return null;
        var file = JobFile.Read(text);
        if (file.Mailboxes.Count == 0)
            throw new JobFileException(text, [.. file.BadRows.SelectMany(row => row.Errors.Select(error => error with { Message = $"{error.Message} ({row.Place})" }))]);
        List<NamedBackup> jobs = [.. file.Mailboxes.Where(mailbox => mailbox.Job is BackupJob).Select(mailbox => new NamedBackup(mailbox.Name, (BackupJob)mailbox.Job))];
        if (jobs.Count == 0)
            throw new JobFileException(text, [new JobFileError("$.kind", "is not \"backup\": this job has no archive.")]);
        var locations = jobs.Select(mailbox => mailbox.Job.Archive.Location).Distinct().ToList();
        return locations.Count == 1 ? (jobs[0].Job.Archive, jobs)
            : throw new JobFileException(text, [new JobFileError("$.archive.location", $"is not the same for all mailboxes ({string.Join(", ", locations.Take(3))}{(locations.Count > 3 ? ", …" : "")}): name the archive itself instead of the job file.")]);
    }

    private static ArchiveReference Located(ArchiveReference reference)
    {
        List<JobFileError> errors = [.. reference.Mistakes().Select(mistake => new JobFileError(Option(mistake.Part), mistake.Message))];
        return errors.Count > 0 ? throw new JobFileException("command line", errors) : reference.In(Directory.GetCurrentDirectory());
    }

    private static string Option(string part) => part switch { "sas" => "--sas", "side" => "--side", "sideSas" => "--side-sas", "" => "--connection-string", _ => "the archive" };

    /// <exception cref="JobFileException">It is no reference to a secret.</exception>
    public static SecretReference? Secret(string? text, string option) => text is null ? null
        : SecretReference.Parse(text, Directory.GetCurrentDirectory()) ?? throw new JobFileException("command line", [new JobFileError(option, $"must be {Where}, never the secret itself (it is not shown here).")]);
}

/// <param name="Name">Of the mailbox in its job.</param>
internal sealed record NamedBackup(string Name, BackupJob Job);
