using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Migrator.App.Logging;
using Migrator.App.Reports;
using Migrator.App.Settings;
using Migrator.Core.Auditing;
using Migrator.Core.Checkpoints;
using Migrator.Core.Failures;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Secrets;
using Migrator.Mail.Connections;
using Migrator.Mail.Imap;
using Migrator.Mail.Pop3;
using Migrator.Storage.Auditing;
using Migrator.Storage.Checkpoints.Postgres;
using Migrator.Storage.Checkpoints.Sqlite;
using Migrator.Storage.Postgres;

namespace Migrator.App.Hosting;

/// <summary>Where a command runs: its settings, its directories, its terminal. The one place where the parts are put
/// together.</summary>
public sealed class Surroundings : IDisposable
{
    private readonly Dictionary<SecretReference, string> _secrets = [];
    private readonly bool _ownsLoggers = true;
    private readonly string? _spool;
    private readonly ReportFiles? _reports;
    private readonly Lazy<PostgresDatabase?> _database;

    /// <param name="state">The state directory; null for the configured one.</param>
    /// <param name="settings">Of <see cref="ConfigurationLoader.ReadAsync(string?, IReadOnlyList{string}, CancellationToken)"/>.</param>
    public Surroundings(string? state, bool json, bool verbose, IConfigurationRoot settings)
    {
        (Json, Verbose, Settings) = (json, verbose, settings);
        State = Path.GetFullPath(
            state ?? (settings["StateDirectory"] is { Length: > 0 } configured ? configured : StandardDirectories.State)
        );
        if (settings["Logging:Protocol"] is { Length: > 0 } directory)
            ProtocolLogs = new ProtocolLogs(Path.GetFullPath(directory), Time);
        _database = new Lazy<PostgresDatabase?>(OpenDatabase);
        Loggers = LoggerFactory.Create(logging =>
        {
            if (verbose)
                logging.AddLogs(settings, toStandardError: true);
        });
        Auditor = new Auditor(new AuditTrail(State, Time), AuditActors.Command(), Loggers.CreateLogger<Auditor>());
    }

    /// <summary>The same, for one run within a service: secrets are looked up again, as they may have changed.</summary>
    /// <param name="loggers">The service's.</param>
    /// <param name="spool">The worker's.</param>
    /// <param name="auditor">For whom it acts; null for the user who started the command.</param>
    public Surroundings(Surroundings service, ILoggerFactory loggers, string? spool, Auditor? auditor = null)
    {
        _spool = spool;
        Auditor = auditor ?? service.Auditor;
        (Json, Verbose, Settings, State, Loggers, _ownsLoggers) = (
            service.Json,
            service.Verbose,
            service.Settings,
            service.State,
            loggers,
            false
        );
        (IsService, _database, ProtocolLogs, Quiet, Stop) = (true, service._database, service.ProtocolLogs, service.Quiet, service.Stop);
    }

    /// <summary>The same, for one mailbox of several that are examined side by side: what is said of it is gathered.</summary>
    /// <param name="reports">Where its report is written; null for where those of the command are.</param>
    public Surroundings(Surroundings command, TextWriter @out, TextWriter errors, ReportFiles? reports)
    {
        (Json, Verbose, Settings, State, Loggers, _ownsLoggers) = (
            command.Json,
            command.Verbose,
            command.Settings,
            command.State,
            command.Loggers,
            false
        );
        (_secrets, _database, ProtocolLogs, Out, Errors) = (command._secrets, command._database, command.ProtocolLogs, @out, errors);
        (Auditor, Quiet, Stop, _reports) = (command.Auditor, command.Quiet, command.Stop, reports);
    }

    public IConfigurationRoot Settings { get; }

    /// <summary>Records what is done here, with who does it.</summary>
    public Auditor Auditor { get; }

    /// <summary>What the audit trail is to say of the command's end; null for no more than whether it was done.</summary>
    public string? Outcome { get; set; }

    /// <summary>What was asked for; standard output, unless it is gathered.</summary>
    public TextWriter Out { get; } = Console.Out;

    /// <summary>What went wrong; standard error, unless it is gathered.</summary>
    public TextWriter Errors { get; } = Console.Error;

    /// <summary>Nobody is there who could be asked.</summary>
    public bool IsService { get; }

    public bool Json { get; }

    public bool Verbose { get; }

    /// <summary>No progress and no notes: only errors, and what the command is to give.</summary>
    public bool Quiet { get; init; }

    /// <summary>Ends a question that nobody has answered yet.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Holds checkpoints, spool and reports.</summary>
    public string State { get; }

    public ILoggerFactory Loggers { get; }

    /// <summary>Null where connections are not written down.</summary>
    public ProtocolLogs? ProtocolLogs { get; }

    public TimeProvider Time { get; } = TimeProvider.System;

    public ReportFiles Reports => _reports ?? new ReportFiles(ReportDirectory, Time.LocalTimeZone);

    /// <summary>Holds the reports of all commands.</summary>
    public string ReportDirectory => Path.Combine(State, "reports");

    /// <exception cref="ConfigurationException">The settings name a database and have errors.</exception>
    public ICheckpointStore OpenStore() =>
        Database is { } database
            ? new PostgresCheckpointStore(
                database,
                PostgresCheckpointStore.DefaultLease,
                $"{Environment.MachineName}, process {Environment.ProcessId}",
                Time
            )
            : new SqliteCheckpointStore(Path.Combine(State, "checkpoints.db"));

    /// <summary>That workers share; null where there is one worker only.</summary>
    public PostgresDatabase? Database => _database.Value;

    /// <summary>Holds the spools of all.</summary>
    public string Spools => Path.Combine(State, "spool");

    /// <summary>A directory that no other mailbox uses.</summary>
    public string SpoolPath(Transfer transfer) =>
        Path.Combine(
            _spool ?? Spools,
            ContentId.Of(System.Text.Encoding.UTF8.GetBytes($"{transfer.Source}\n{transfer.Target}")).ToString()[..32]
        );

    /// <exception cref="ConfigurationException">A password is not where the job says.</exception>
    public MailboxEndpoints Connect(MigrateJob job) => new(Source(job.Source, job.Name), Target(job.Target, job.Name));

    /// <summary>The same, to look only: nothing can be written to the target.</summary>
    /// <inheritdoc cref="Connect"/>
    public MailboxEndpoints Examine(MigrateJob job) =>
        new(
            Source(job.Source, job.Name),
            new ImapConnector(job.Target, Secret(job.Target, job.Name), Time, ProtocolLogs).ExamineTargetAsync
        );

    /// <param name="job">For the message that its password is missing; null where there is none.</param>
    /// <exception cref="ConfigurationException">A password is not where the job says.</exception>
    public Func<IMailboxLease, CancellationToken, Task<IMailTarget>> Target(MailServer server, string? job = null) =>
        new ImapConnector(server, Secret(server, job), Time, ProtocolLogs).OpenTargetAsync;

    /// <inheritdoc cref="Target"/>
    public Func<IUidMap, CancellationToken, Task<IMailSource>> Source(MailServer server, string? job = null)
    {
        var secret = Secret(server, job);
        if (server.Protocol == MailProtocol.Pop3)
            return async (uidMap, stop) => await new Pop3Connector(server, secret, uidMap, Time, ProtocolLogs).OpenSourceAsync(stop);
        var source = new ImapConnector(server, secret, Time, ProtocolLogs);
        return (_, stop) => source.OpenSourceAsync(stop);
    }

    public void Dispose()
    {
        if (_ownsLoggers)
            Loggers.Dispose();
    }

    private PostgresDatabase? OpenDatabase()
    {
        if (WorkerSettings.Read(Settings).Database is not { } reference)
            return null;
        try
        {
            return new PostgresDatabase(Secret(reference, "connection string of the database"));
        }
        catch (ArgumentException exception)
        {
            throw new ConfigurationException("settings", [new ConfigurationError("ConnectionStrings:Migrator", exception.Message)]);
        }
    }

    /// <summary>Asked for once, although several parts of a command may want it.</summary>
    /// <param name="purpose">What the secret is for, as text.</param>
    /// <exception cref="ConfigurationException">It is not where the reference says.</exception>
    public string Secret(SecretReference reference, string purpose)
    {
        var key = reference with { Name = reference.Source == SecretSource.Prompt ? purpose : reference.Name };
        // One question at a time.
        lock (_secrets)
        {
            if (!_secrets.TryGetValue(key, out var secret))
                _secrets[key] = secret = SettingSecrets
                    .Resolver(Settings, IsService || Console.IsInputRedirected ? null : Ask)
                    .Resolve(reference, purpose);
            return secret;
        }
    }

    // Anyone who is asked to type it knows which job that is for.
    private string Secret(MailServer server, string? job) =>
        Secret(
            server.Password,
            $"{(job is null || server.Password.Source == SecretSource.Prompt ? "" : $"job {job}, ")}password of {server.User} "
                + $"at {server.Host}"
        );

    public string Ask(string purpose) => SecretPrompt.Ask(purpose, Stop);
}
