using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Pop3;
using Migrator.Tests.Fuzzing;
using Migrator.Tests.Mail;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>A small POP3 mailbox that is brought to a destination and deleted at its server, which misbehaves.</summary>
internal sealed class HostilePop3Mailbox : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly DateTimeOffset s_arrival = new(2024, 1, 1, 10, 0, 0, TimeSpan.FromHours(1));

    // Some are as long as others, so that sizes do not tell them apart; two are the same.
    private static readonly ScriptedMail[] s_mail =
    [
        .. Pop3Nights.Letters(1, 3),
        new("id-4", Pop3Nights.Letter(4, ".\r\n..dots\r\n.\r\nand more\r\n")),
        new("id-5", Pop3Nights.Letter(5, string.Concat(Enumerable.Repeat("0123456789\r\n", 50)))),
        new("id-6", Pop3Nights.Letter(1)),
    ];

    private readonly ScriptedPop3 _server = new(s_mail);
    private readonly IDestination _destination;

    private HostilePop3Mailbox(IDestination destination) => _destination = destination;

    /// <inheritdoc cref="HostileMailbox.RunAsync"/>
    public static async Task<(int Seen, int Fired)> RunAsync(
        HostilePop3Behavior behavior,
        IDestination destination,
        string capabilities,
        int first,
        bool persists,
        CancellationToken stop
    )
    {
        await using var mailbox = new HostilePop3Mailbox(destination);
        mailbox._server.Capabilities = capabilities;
        return await mailbox.RunAsync(behavior, first, persists, stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _destination.DisposeAsync();
        await _server.DisposeAsync();
    }

    private async Task<(int Seen, int Fired)> RunAsync(HostilePop3Behavior behavior, int first, bool persists, CancellationToken stop)
    {
        var (seen, fired) = (0, 0);
        _server.Instead = (command, honest) =>
        {
            if (!behavior.Applies(command.Split(' ')[0]) || ++seen < first || (fired > 0 && !persists))
                return null;
            byte[]? said = null;
            var answer = behavior.Answer(command, () => said = honest());
            if (answer.DiffersFrom(said))
                fired++;
            return answer;
        };
        var report = await TransferAsync(new HurriedClock(), stop);
        _server.Instead = null;
        Assert.True(report.Total.AddsUp);
        Assert.DoesNotContain(
            report.Notices.Append(report.Stopped?.Detail),
            said => said?.Contains("says:  ", StringComparison.Ordinal) == true
        );
        var words = HostileMailbox.Words(report);
        await RequireNothingLostAsync(behavior, persists, $"After {words}", stop);
        // What is left of such a message at the target stays, next to the whole one.
        var isCertain = !behavior.CannotBeKnown && !SizesAreUnproved();
        if (report.Outcome == RunOutcome.Complete && isCertain)
            await RequireAllOnceAsync("Complete", stop);

        var last = await TransferAsync(TimeProvider.System, stop);
        // What a run finds under an id that meant another message is fetched by the next one, as it says.
        if (last.ReplacedAtSource > 0)
            last = await TransferAsync(TimeProvider.System, stop);
        Assert.True(
            last.Outcome == RunOutcome.Complete,
            $"At last {HostileMailbox.Words(last)} {string.Join(' ', last.Notices)} (before: {words})"
        );
        await RequireNothingLostAsync(behavior, persists, $"At last (before: {words})", stop);
        if (isCertain)
            await RequireAllOnceAsync($"At last Complete (before: {words})", stop);
        Assert.True(
            _server.Mail.Count == 0,
            $"{_server.Mail.Count} messages stay at the server: {HostileMailbox.Words(last)} {string.Join(' ', last.Notices)} "
                + $"(before: {words})"
        );

        var again = await TransferAsync(TimeProvider.System, stop);
        Assert.True(
            again.Outcome == RunOutcome.Complete && again.Total.Delivered == 0,
            $"Then {again.Total.Delivered} delivered and {HostileMailbox.Words(again)}"
        );
        return (seen, fired);
    }

    private async Task<RunReport> TransferAsync(TimeProvider time, CancellationToken stop)
    {
        try
        {
            return await _destination.RunAsync(OpenAsync, new SourceDeletionPolicy(0), time, stop).WaitAsync(s_limit, stop);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"The run does not end: {string.Join(", ", _server.Commands.TakeLast(8))}", exception);
        }

        async Task<IMailSource> OpenAsync(IUidMap uidMap, CancellationToken token) =>
            await new Pop3Connector(
                Pop3Nights.Address(_server),
                DovecotServer.Password,
                uidMap,
                time,
                connectionTime: time
            ).OpenSourceAsync(token);
    }

    /// <summary>The report says that nothing proves all of the messages to have come, and that none of them is deleted.</summary>
    private bool SizesAreUnproved() =>
        _destination.Progress.Notices.Any(notice => notice.Contains("only estimates sizes", StringComparison.Ordinal));

    /// <summary>Each message is at its server or stored.</summary>
    private async Task RequireNothingLostAsync(HostilePop3Behavior behavior, bool persists, string when, CancellationToken stop)
    {
        // A server that gives other bytes for a message each time it is asked has deleted it by its own word.
        if (behavior.CannotBeKnown && persists)
            return;
        var stored = (await _destination.ReadAsync(stop)).GetValueOrDefault("INBOX")?.Select(mail => mail.Content).ToHashSet() ?? [];
        var lost = s_mail.Except(_server.Mail).Where(mail => !stored.Contains(mail.Text)).ToList();
        Assert.True(lost.Count == 0, $"{when}: deleted and not stored: {string.Join(", ", lost.Select(mail => mail.Uidl))}");
    }

    private async Task RequireAllOnceAsync(string when, CancellationToken stop)
    {
        var expected = s_mail.Select(mail => new StoredMail(mail.Text, FlagSet.None, s_arrival)).Concat(_destination.Residents);
        var stored = Lines((await _destination.ReadAsync(stop)).GetValueOrDefault("INBOX") ?? []);
        Assert.True(Lines(expected).SequenceEqual(stored), $"{when}, and INBOX holds [{string.Join(" | ", stored)}]");

        static IReadOnlyList<string> Lines(IEnumerable<StoredMail> mail) =>
            [.. mail.Select(message => message.ToString()).Order(StringComparer.Ordinal)];
    }
}
