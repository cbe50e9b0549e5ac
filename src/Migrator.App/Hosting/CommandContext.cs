using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Migrator.App.Logging;
using Migrator.App.Reports;
using Migrator.App.Settings;
using Migrator.Core.Auditing;
using Migrator.Core.Discovery;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Discovery.Finding;
using Migrator.Identity.Provider;
using Migrator.Mail.Connections;
using Migrator.Mail.Pacing;
using Migrator.Storage.Auditing;

namespace Migrator.App.Hosting;

/// <summary>What a command gets beside its arguments: settings, where its output goes, and what runs are put together from.</summary>
public sealed class CommandContext : RunContext, IDisposable
{
    private readonly OutputOptions _options;
    private readonly TokenProvider? _owned;

    private CommandContext(RunContext run, IConfigurationRoot settings, OutputOptions options, TokenProvider? owned)
        : base(run)
    {
        (Settings, _options, _owned) = (settings, options, owned);
        Reports = new ReportFiles(Paths.Reports, Time.LocalTimeZone);
    }

    /// <param name="state">The state directory; null for the configured one.</param>
    /// <param name="settings">Of <see cref="ConfigurationLoader.ReadAsync(string?, IReadOnlyList{string}, CancellationToken)"/>.</param>
    /// <param name="stop">Ends a question that nobody has answered yet.</param>
    public static CommandContext Open(string? state, IConfigurationRoot settings, OutputOptions options, CancellationToken stop)
    {
        var time = TimeProvider.System;
        var paths = new StatePaths(
            Path.GetFullPath(state ?? (settings["StateDirectory"] is { Length: > 0 } configured ? configured : StandardDirectories.State))
        );
        var protocolLogs = settings["Logging:Protocol"] is { Length: > 0 } directory
            ? new ProtocolLogs(Path.GetFullPath(directory), time)
            : null;
        var loggers = LoggerFactory.Create(logging =>
        {
            if (options.Verbose)
                logging.AddLogs(settings, toStandardError: true);
        });
        var secrets = new SecretStore(settings, mayAsk: true, stop);
        var stores = new StoreFactory(paths, secrets, settings, time);
        var tokens = new TokenProvider(stores.OpenLogins(), time);
        var run = new RunContext(
            paths,
            secrets,
            new SessionFactory(secrets, tokens, new Pacers(stores.OpenTraffic, time), protocolLogs, time),
            stores,
            loggers,
            new Auditor(new AuditTrail(paths.Root, time), AuditActors.Command(), loggers.CreateLogger<Auditor>()),
            time
        );
        return new CommandContext(run, settings, options, tokens);
    }

    public IConfigurationRoot Settings { get; }

    public bool Json => _options.Json;

    public bool Verbose => _options.Verbose;

    /// <inheritdoc cref="OutputOptions"/>
    public bool Quiet => _options.Quiet;

    /// <summary>What was asked for; standard output, unless it is gathered.</summary>
    public TextWriter Out { get; private init; } = Console.Out;

    /// <summary>What went wrong; standard error, unless it is gathered.</summary>
    public TextWriter Errors { get; private init; } = Console.Error;

    public ReportFiles Reports { get; private init; }

    /// <summary>What the audit trail is to say of the command's end; null for no more than whether it was done.</summary>
    public string? Outcome { get; set; }

    /// <summary>For a person who allows access in a browser.</summary>
    public ILoginFlows OpenLoginFlows() => new LoginFlows(Stores.OpenLogins(), Time);

    /// <summary>Finds mail servers.</summary>
    /// <exception cref="ConfigurationException">Its settings have errors.</exception>
    public IServerDiscovery OpenDiscovery() => new ServerDiscovery(DiscoverySettings.Read(Settings).DnsServers, Time);

    /// <summary>The same for one mailbox of several that are examined side by side: what is said of it is gathered.</summary>
    /// <param name="reports">Where its report is written; null for where those of the command are.</param>
    public CommandContext ForMailbox(TextWriter @out, TextWriter errors, ReportFiles? reports) =>
        new(this, Settings, _options, owned: null)
        {
            Out = @out,
            Errors = errors,
            Reports = reports ?? Reports,
        };

    public void Dispose()
    {
        if (_owned is null)
            return;
        _owned.Dispose();
        Loggers.Dispose();
    }
}
