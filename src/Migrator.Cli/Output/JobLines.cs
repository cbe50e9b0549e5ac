using Migrator.App.Formatting;
using Migrator.App.Progress;

namespace Migrator.Cli.Output;

/// <summary>A job of many mailboxes for a log or a pipe: a line each 10 s, and one for each mailbox that is not OK.</summary>
public sealed class JobLines(TextWriter output) : IView<JobState>
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    public async Task ShowAsync(IAsyncEnumerable<JobState> states)
    {
        var (reported, next) = (0, s_pause);
        await foreach (var state in states)
        {
            foreach (var mailbox in state.Wrong.Skip(reported))
                Write(
                    state,
                    $"{mailbox.Mailbox}: "
                        + $"{DisplayText.Of(mailbox.Outcome, state.Task)}{(JobText.Why(mailbox) is { Length: > 0 } why ? $": {why}" : "")}"
                );
            reported = state.Wrong.Count;
            if (state.Final || state.Elapsed < next)
                continue;
            next = state.Elapsed + s_pause;
            Write(state, string.Join(", ", JobText.Mailboxes(state).Concat(JobText.Messages(state))));
        }
    }

    private void Write(JobState state, string line)
    {
        output.WriteLine($"{state.Time:HH:mm:ss} {TextSanitizer.ForTerminal(line)}");
        output.Flush();
    }
}
