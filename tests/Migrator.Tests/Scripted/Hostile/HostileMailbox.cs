using Migrator.Core.Jobs;
using Migrator.Core.Mail;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Fuzzing;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>A small mailbox of a scripted server that is brought to a destination, while one of the two misbehaves.</summary>
internal sealed class HostileMailbox : IAsyncDisposable
{
    // Far more than any run takes, with limits of time that are a fiftieth.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private static readonly Func<StoredMail, string> s_content = message => message.Content;
    private static readonly Func<StoredMail, string> s_attributes = message => message.ToString();

    private readonly ScriptedImap _source = new();
    private readonly IDestination _destination;

    private HostileMailbox(IDestination destination)
    {
        _destination = destination;
        _source.Inbox.Fill(3);
        _source.Inbox.Messages[1].Flags.Add("\\Seen");
        _source.Inbox.Messages[2].Flags.UnionWith(["\\Flagged", "$later"]);
        _source.Inbox.Add(ScriptedFolder.Letter(4), ["\\Answered", "\\Draft", "\\Seen", "Junk"], "\"29-Feb-2000 23:59:59 -1130\"");
        _source.Inbox.Add(ScriptedFolder.Letter(5), [], "\" 1-Jan-1950 00:00:00 +1400\"");
        _source.Folders["Work"] = new ScriptedFolder();
        _source.Folders["Work"].Fill(3, first: 20);
        // Twins stay two, with the flags and the date of each.
        _source.Folders["Work"].Add(ScriptedFolder.Letter(20), ["\\Flagged"], "\"31-Dec-2150 23:00:00 +0000\"");
        _source.Folders["Entw&APw-rfe"] = new ScriptedFolder();
        _source.Folders["Entw&APw-rfe"].Fill(1, first: 40);
        _source.Folders["Entw&APw-rfe"].Messages[0].Flags.Add("\\Draft");
    }

    /// <summary>Runs once with a server that misbehaves, then with honest ones.</summary>
    /// <param name="capabilities">Of the target of a copy; of the source of a backup.</param>
    /// <param name="first">The first command, of those that it applies to, at which it misbehaves; from 1.</param>
    /// <param name="persists">Also at all later ones.</param>
    /// <returns>How many commands it applies to there were, and at how many of them the answer was another one.</returns>
    public static async Task<(int Seen, int Fired)> RunAsync(
        HostileBehavior behavior,
        HostileRoute route,
        string capabilities,
        int first,
        bool persists,
        CancellationToken stop
    )
    {
        var target = route == HostileRoute.BackupSource ? null : new ImapDestination();
        await using var mailbox = new HostileMailbox(target as IDestination ?? new ArchiveDestination());
        (target?.Server ?? mailbox._source).Capabilities = capabilities;
        var server = route == HostileRoute.CopyTarget ? target!.Server : mailbox._source;
        return await mailbox.RunAsync(behavior, server, first, persists, stop);
    }

    /// <summary>By folder.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<StoredMail>> Content(ScriptedImap server) =>
        server.Folders.ToDictionary(
            folder => folder.Key,
            IReadOnlyList<StoredMail> (folder) => [.. folder.Value.Messages.Select(StoredMail.Of)]
        );

    public async ValueTask DisposeAsync()
    {
        await _destination.DisposeAsync();
        await _source.DisposeAsync();
    }

    private async Task<(int Seen, int Fired)> RunAsync(
        HostileBehavior behavior,
        ScriptedImap server,
        int first,
        bool persists,
        CancellationToken stop
    )
    {
        var (seen, fired) = (0, 0);
        server.Instead = (command, honest) =>
        {
            if (!behavior.Applies(command) || ++seen < first || (fired > 0 && !persists))
                return null;
            byte[]? said = null;
            var answer = behavior.Answer(command, () => said = honest());
            // Where there is nothing to change, the next command will do.
            if (answer.DiffersFrom(said))
                fired++;
            return answer;
        };
        var report = await TransferAsync(new HurriedClock(), stop);
        server.Instead = null;
        Assert.True(report.Total.AddsUp);
        var before = await ProblemAsync(s_content, stop);
        if (report.Outcome == RunOutcome.Complete && !behavior.CannotBeKnown && !CameShort())
        {
            Assert.True(before is null, $"Complete, and {before}");
            if (!behavior.LiesAboutAttributes)
                await RequireAttributesAsync([.. _destination.Named(report)], "Complete", stop);
        }

        var last = await TransferAsync(TimeProvider.System, stop);
        if (last.Outcome == RunOutcome.Complete)
        {
            var (words, left) = ($"At last Complete (before: {Words(report)})", await ProblemAsync(s_content, stop));
            Assert.True(
                left is null
                    // Under the UID of one message, it sent another one each time.
                    || (behavior.CannotBeKnown && persists)
                    || (
                        left == before && (behavior.CannotBeKnown || behavior.Lasting is not null || report.Outcome == RunOutcome.Complete)
                    ),
                $"{words}, and {left}"
            );
            if (left is null && !(behavior.CannotBeKnown && persists))
                await RequireAttributesAsync(await CorrectAsync(behavior, report, stop), words, stop);
            var again = await TransferAsync(TimeProvider.System, stop);
            Assert.True(
                again.Outcome == RunOutcome.Complete && again.Total.Delivered == 0,
                $"{words}, then {again.Total.Delivered} delivered and {Words(again)}"
            );
        }
        else
            Assert.True(
                last.Differences.Any(difference => difference.Kind == behavior.Lasting),
                $"At last {Words(last)} (before: {Words(report)})."
            );
        return (seen, fired);
    }

    /// <summary>What the server said of flags and dates was consistent, and false. Flags are corrected once the server says that they have
    /// changed; a date is never said to have changed, and `verify` names it.</summary>
    /// <returns>What names other flags and dates to the user.</returns>
    private async Task<IReadOnlyList<string>> CorrectAsync(HostileBehavior behavior, RunReport report, CancellationToken stop)
    {
        var named = _destination.Named(report).ToList();
        if (!behavior.LiesAboutAttributes || await ProblemAsync(s_attributes, stop) is null)
            return named;
        lock (_source.Guard)
        {
            foreach (var folder in _source.Folders.Values)
                folder.Messages.ForEach(message => message.ModSeq = ++folder.ModSeq);
        }
        Assert.Equal(RunOutcome.Complete, (await TransferAsync(TimeProvider.System, stop)).Outcome);
        if (!_destination.Named(report).Any())
            Assert.Null(await ProblemAsync(message => $"{message.Content}({message.Flags})", stop));
        var verified = await _destination.VerifyAsync(OpenSource(TimeProvider.System), stop);
        return [.. named, .. verified.Select(difference => difference.ToString())];
    }

    private async Task RequireAttributesAsync(IReadOnlyList<string> named, string when, CancellationToken stop)
    {
        if (named.Count == 0 && await ProblemAsync(s_attributes, stop) is { } problem)
            Assert.Fail($"{when}, and {problem}");
    }

    private Func<IUidMap, CancellationToken, Task<IMailSource>> OpenSource(TimeProvider time)
    {
        var source = new ImapConnector(Harness.Server(_source.Port, "ann", null), DovecotServer.Password, time);
        return (_, stop) => source.OpenSourceAsync(stop);
    }

    private async Task<RunReport> TransferAsync(TimeProvider time, CancellationToken stop)
    {
        try
        {
            return await _destination.RunAsync(OpenSource(time), SourceDeletionPolicy.Never, time, stop).WaitAsync(s_limit, stop);
        }
        catch (TimeoutException exception)
        {
            var last = _source.Commands.TakeLast(8).Select(command => $"{command.Name} {command.Arguments}");
            throw new TimeoutException(
                $"The run does not end. After {_source.Commands.Count} commands at the source: {string.Join(", ", last)}",
                exception
            );
        }
    }

    /// <summary>What is missing, doubled or altered at the destination; null for nothing.</summary>
    /// <param name="seen">What of a message counts.</param>
    private async Task<string?> ProblemAsync(Func<StoredMail, string> seen, CancellationToken stop)
    {
        var stored = await _destination.ReadAsync(stop);
        var expected = Content(_source)
            .ToDictionary(
                folder => folder.Key,
                folder => Lines(folder.Key == "INBOX" ? folder.Value.Concat(_destination.Residents) : folder.Value)
            );
        var actual = stored.ToDictionary(folder => folder.Key, folder => Lines(folder.Value));
        foreach (var (folder, messages) in expected)
        {
            if (!actual.TryGetValue(folder, out var found) || !found.SequenceEqual(messages))
                return $"{folder} holds [{string.Join(" | ", found ?? [])}], not [{string.Join(" | ", messages)}]";
        }
        return actual.Keys.Except(expected.Keys).FirstOrDefault(name => actual[name].Count > 0) is { } other
            ? $"{other} holds {actual[other].Count}"
            : null;

        IReadOnlyList<string> Lines(IEnumerable<StoredMail> mail) => [.. mail.Select(seen).Order(StringComparer.Ordinal)];
    }

    /// <summary>The report says that messages came shorter than they were announced: with that, the source's word counts.</summary>
    private bool CameShort() => _destination.Progress.Notices.Any(notice => notice.Contains("arrived shorter", StringComparison.Ordinal));

    public static string Words(RunReport report)
    {
        var details = new[] { report.Stopped?.Detail }
            .Concat(report.Problems.Select(problem => problem.Detail))
            .Concat(report.Folders.Select(folder => folder.Failure?.Detail))
            .Concat(report.Failures.Select(failure => failure.Failure.Detail))
            .Concat(report.Differences.Select(difference => difference.ToString()))
            .OfType<string>();
        return $"{report.Outcome}: {string.Join("; ", details.Take(5))}";
    }
}
