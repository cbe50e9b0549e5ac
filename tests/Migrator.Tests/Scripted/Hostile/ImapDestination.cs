using Microsoft.Extensions.Logging.Abstractions;
using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Core.Progress;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Another IMAP server, where a user has mail already.</summary>
internal sealed class ImapDestination : IDestination
{
    private readonly Harness _harness;

    public ImapDestination()
    {
        Server.Inbox.Add(ScriptedFolder.Letter(1000), ["\\Flagged"]);
        Residents = [StoredMail.Of(Server.Inbox.Messages[0])];
        _harness = new Harness(Server, Server);
    }

    public ScriptedImap Server { get; } = new();

    public RunProgress Progress => _harness.Progress;

    public IReadOnlyList<StoredMail> Residents { get; }

    public async Task<RunReport> RunAsync(
        Func<IUidMap, CancellationToken, Task<IMailSource>> source,
        SourceDeletionPolicy deletion,
        TimeProvider time,
        CancellationToken stop
    )
    {
        var target = new ImapConnector(_harness.Job.Target, DovecotServer.Password, time);
        var endpoints = new MailboxEndpoints(source, target.OpenTargetAsync);
        var report = await _harness.RunAsync(stop, new ImmediateClock(), endpoints);
        if (deletion.AfterDays is not { } days || report.Outcome is RunOutcome.Interrupted or RunOutcome.Aborted)
            return report;
        await using var store = _harness.OpenStore();
        return await new DeliveredDeletion(_harness.Job.Transfer, endpoints, store, TimeProvider.System).RunAsync(
            report,
            days,
            _harness.Progress,
            stop
        );
    }

    public async Task<IReadOnlyList<Difference>> VerifyAsync(
        Func<IUidMap, CancellationToken, Task<IMailSource>> source,
        CancellationToken stop
    )
    {
        var endpoints = new MailboxEndpoints(source, new ImapConnector(_harness.Job.Target, DovecotServer.Password).OpenTargetAsync);
        await using var store = _harness.OpenStore();
        var verification = new Verification(_harness.Job.Transfer, endpoints, store, new ImmediateClock(), NullLogger.Instance);
        return (await verification.RunAsync(new RunProgress(), stop)).Differences;
    }

    public Task<IReadOnlyDictionary<string, IReadOnlyList<StoredMail>>> ReadAsync(CancellationToken stop)
    {
        lock (Server.Guard)
            return Task.FromResult(HostileMailbox.Content(Server));
    }

    public IEnumerable<string> Named(RunReport report) =>
        report
            .Differences.Where(difference => difference.Kind is DifferenceKind.InternalDate or DifferenceKind.Flags)
            .Select(difference => difference.ToString());

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await Server.DisposeAsync();
    }
}
