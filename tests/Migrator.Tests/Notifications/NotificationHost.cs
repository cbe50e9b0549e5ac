using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Migrator.App.Health;
using Migrator.App.Jobs;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Core.JobRuns;
using Migrator.Core.Jobs;
using Migrator.Core.Reports;
using Migrator.Identity.Provider;
using Migrator.Service.Notifications;
using Migrator.Storage.JobRuns;
using Migrator.Tests.Identity;
using Xunit;

namespace Migrator.Tests.Notifications;

/// <summary>Workers that tell, on one real store whose clock stands still, with what they log.</summary>
internal sealed class NotificationHost : IAsyncDisposable
{
    private static readonly HostLimits s_noLimits = new(1000, new Dictionary<string, int>());

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("office");
    private readonly List<ServiceProvider> _workers = [];
    private readonly List<(string Key, string Value)> _settings = [];

    public NotificationHost() => Store = JobRunStore.Sqlite(Path.Combine(_directory.FullName, "job-runs.db"), Time);

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 2, 12, 0, 0, TimeSpan.Zero));

    public JobRunStore Store { get; }

    /// <summary>How tokens are obtained.</summary>
    public ITokenProvider Tokens { get; init; } = new TokenProvider(TestLogins.None, TimeProvider.System);

    public JobCatalogue Catalogue { get; } = new();

    public ListLogger Log { get; } = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public NotificationHost With(params (string Key, string Value)[] settings)
    {
        _settings.AddRange(settings.Select(setting => ($"Notify:{setting.Key}", setting.Value)));
        return this;
    }

    /// <summary>A secret in a file.</summary>
    /// <returns>The reference to it.</returns>
    public string Secret(string name, string value)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, name), value);
        return $"file:{Path.Combine(_directory.FullName, name)}";
    }

    /// <summary>A worker of its own on the same store.</summary>
    public IServiceProvider Worker()
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(_settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton<IRunHistory>(Store)
            .AddSingleton<IRunQueue>(Store)
            .AddSingleton<INotificationLedger>(Store)
            .AddSingleton(Catalogue)
            .AddSingleton(new OverduePolicy(job => job.Schedule?.Every))
            .AddSingleton<JobHealth>()
            .AddSingleton(SettingSecrets.Resolver(settings))
            .AddSingleton<ITokenProvider>(Tokens)
            .AddNotifications(NotificationSettings.Read(settings))
            .BuildServiceProvider();
        _workers.Add(services);
        return services;
    }

    /// <summary>A job run in which these mailboxes end so.</summary>
    public async Task<long> JobRunAsync(string job, params (string Mailbox, Failure? Failure)[] mailboxes)
    {
        var started = await Store.StartAsync(
            new JobRunPlan(
                job,
                JobRunTrigger.Schedule,
                null,
                null,
                [
                    .. mailboxes.Select(mailbox => new PlannedMailboxRun(
                        mailbox.Mailbox,
                        $"imap://{mailbox.Mailbox}@{job}.old:993",
                        $"imap://{mailbox.Mailbox}@{job}.new:993",
                        [],
                        null
                    )),
                ]
            ),
            Stop
        );
        var failures = mailboxes.ToDictionary(mailbox => mailbox.Mailbox, mailbox => mailbox.Failure);
        foreach (
            var run in await Store.ClaimAsync(
                new ClaimRequest("w", 1000, new Dictionary<string, int?> { [job] = null }, s_noLimits, TimeSpan.FromSeconds(30)),
                Stop
            )
        )
        {
            var failure = failures[run.Mailbox];
            await Store.EndAsync(
                new RunEnd(
                    run.Run,
                    run.FencingToken,
                    failure is null ? MailboxRunState.Complete : MailboxRunState.Failed,
                    failure is null ? new MessageCounts(10, 6, 4, 0, 0, 0, 0, 6000) : default,
                    failure,
                    null,
                    TimeSpan.Zero,
                    false
                ),
                Stop
            );
        }
        return started.JobRun!.Value;
    }

    public static JobDefinition Job(string name, NotifyRule notify, TimeSpan? every = null, params string[] mailboxes) =>
        Telemetry.Jobs.Job(name, every, null, mailboxes) with
        {
            Notify = notify,
        };

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            await worker.DisposeAsync();
        await Store.DisposeAsync();
        _directory.Delete(recursive: true);
    }
}
