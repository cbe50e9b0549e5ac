using System.Text;
using Migrator.Core.Checkpoints;
using Migrator.Core.Migrations;
using Migrator.Core.Reports;
using Migrator.Mail.Imap;
using Migrator.Tests.Fuzzing;
using Migrator.Tests.Migrations;
using Migrator.Tests.Recovery;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>A small mailbox that is copied between two scripted servers, one of which misbehaves.</summary>
internal sealed class HostileMailbox : IAsyncDisposable
{
    // Far more than any run takes, with limits of time that are a fiftieth.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private static readonly byte[] s_stranger = ScriptedFolder.Letter(1000);

    private readonly ScriptedImap _source = new();
    private readonly ScriptedImap _target = new();
    private readonly Harness _harness;
    private readonly Dictionary<string, IReadOnlyList<string>> _expected;

    private HostileMailbox()
    {
        _harness = new Harness(_source, _target);
        _source.Inbox.Fill(5);
        _source.Inbox.Messages[1].Flags.Add("\\Seen");
        _source.Inbox.Messages[2].Flags.UnionWith(["\\Flagged", "$later"]);
        _source.Folders["Work"] = new ScriptedFolder();
        _source.Folders["Work"].Fill(3, first: 20);
        // Twins stay two.
        _source.Folders["Work"].Add(ScriptedFolder.Letter(20));
        _source.Folders["Entw&APw-rfe"] = new ScriptedFolder();
        _source.Folders["Entw&APw-rfe"].Fill(1, first: 40);
        _target.Inbox.Add(s_stranger, ["\\Flagged"]);
        _expected = Content(_source);
    }

    /// <summary>Copies once with a server that misbehaves, then with honest ones.</summary>
    /// <param name="first">The first command, of those that it applies to, at which it misbehaves; from 1.</param>
    /// <param name="persists">Also at all later ones.</param>
    /// <returns>How many commands it applies to there were, and at how many of them the answer was another one.</returns>
    public static async Task<(int Seen, int Fired)> RunAsync(
        HostileBehavior behavior,
        bool atSource,
        string capabilities,
        int first,
        bool persists,
        CancellationToken stop
    )
    {
        await using var mailbox = new HostileMailbox();
        mailbox._target.Capabilities = capabilities;
        return await mailbox.RunAsync(behavior, atSource, first, persists, stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _harness.DisposeAsync();
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    private async Task<(int Seen, int Fired)> RunAsync(
        HostileBehavior behavior,
        bool atSource,
        int first,
        bool persists,
        CancellationToken stop
    )
    {
        var (server, seen, fired) = (atSource ? _source : _target, 0, 0);
        server.Instead = (command, honest) =>
        {
            if (!behavior.Applies(command) || ++seen < first || (fired > 0 && !persists))
                return null;
            byte[]? said = null;
            var answer = behavior.Answer(command, () => said = honest());
            // Where there is nothing to change, the next command will do.
            if (answer.HangsUp || answer.FallsSilent || answer.Piece < answer.Bytes.Length || said?.SequenceEqual(answer.Bytes) != true)
                fired++;
            return answer;
        };
        var report = await CopyAsync(new HurriedClock(), stop);
        server.Instead = null;
        Assert.True(report.Total.AddsUp);
        if (report.Outcome == RunOutcome.Complete && !behavior.CannotBeKnown && !CameShort())
            Assert.True(Problem() is not { } problem, $"Complete, and {Problem()}");
        var before = Problem();
        var last = await CopyAsync(TimeProvider.System, stop);
        if (last.Outcome == RunOutcome.Complete)
            Assert.True(
                Problem() is not { } left
                    || (
                        left == before && (behavior.CannotBeKnown || behavior.Lasting is not null || report.Outcome == RunOutcome.Complete)
                    ),
                $"At last Complete (before: {Words(report)}), and {Problem()}"
            );
        else
            Assert.True(
                last.Differences.Any(difference => difference.Kind == behavior.Lasting),
                $"At last {Words(last)} (before: {Words(report)})."
            );
        return (seen, fired);
    }

    private async Task<RunReport> CopyAsync(TimeProvider time, CancellationToken stop)
    {
        var source = new ImapConnector(_harness.Job.Source, DovecotServer.Password, time);
        var target = new ImapConnector(_harness.Job.Target, DovecotServer.Password, time);
        var endpoints = new MailboxEndpoints((_, stop) => source.OpenSourceAsync(stop), target.OpenTargetAsync);
        try
        {
            return await _harness.RunAsync(stop, new ImmediateClock(), endpoints).WaitAsync(s_limit, stop);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"The run does not end. After {_source.Commands.Count} and {_target.Commands.Count} commands: {Last(_source)} | "
                    + Last(_target),
                exception
            );
        }

        static string Last(ScriptedImap server) =>
            string.Join(", ", server.Commands.TakeLast(8).Select(command => $"{command.Name} {command.Arguments}"));
    }

    /// <summary>What is missing, doubled or altered at the target; null for nothing.</summary>
    private string? Problem()
    {
        lock (_target.Guard)
        {
            var actual = Content(_target);
            foreach (var (folder, messages) in _expected)
            {
                var expected = folder == "INBOX" ? messages.Append(Line(s_stranger)).Order(StringComparer.Ordinal).ToList() : messages;
                if (!actual.TryGetValue(folder, out var found) || !found.SequenceEqual(expected))
                    return $"{folder} holds [{string.Join(" | ", found ?? [])}], not [{string.Join(" | ", expected)}]";
            }
            return actual.Keys.Except(_expected.Keys).FirstOrDefault(name => actual[name].Count > 0) is { } other
                ? $"{other} holds {actual[other].Count}"
                : null;
        }
    }

    /// <summary>The report says that messages came shorter than they were announced: with that, the source's word counts.</summary>
    private bool CameShort() => _harness.Progress.Notices.Any(notice => notice.Contains("arrived shorter", StringComparison.Ordinal));

    private static Dictionary<string, IReadOnlyList<string>> Content(ScriptedImap server) =>
        server.Folders.ToDictionary(
            folder => folder.Key,
            IReadOnlyList<string> (folder) =>
                [.. folder.Value.Messages.Select(message => Line(message.Content)).Order(StringComparer.Ordinal)]
        );

    private static string Line(byte[] content) => Encoding.Latin1.GetString(content).ReplaceLineEndings(" ");

    private static string Words(RunReport report)
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
