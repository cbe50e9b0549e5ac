using Migrator.App.Formatting;
using Migrator.App.Progress;

namespace Migrator.Cli.Output;

/// <summary>Lines for a log or a pipe: one each 5 s, and one for each folder that ends and each notice.</summary>
public sealed class PlainView(TextWriter output) : IView<RunState>
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    public TimeSpan Interval => TimeSpan.FromSeconds(1);

    public async Task ShowAsync(IAsyncEnumerable<RunState> states)
    {
        var (notices, ended, phase, next) = (0, 0, "", TimeSpan.Zero);
        await foreach (var state in states)
        {
            foreach (var notice in state.Notices.Skip(notices))
                Write(state, "Note: " + TextSanitizer.ForTerminal(notice));
            foreach (var folder in state.Ended.Skip(ended))
                Write(state, ProgressText.Ended(folder));
            (notices, ended) = (state.Notices.Count, state.Ended.Count);

            if (state.Elapsed < next && !state.Final && state.Phase == phase)
                continue;
            (phase, next) = (state.Phase, state.Elapsed + s_pause);
            var failed = state.Failed == 0 ? "" : $", {Format.Count(state.Failed)} FAILED";
            Write(
                state,
                state.Expected == 0
                    ? TextSanitizer.ForTerminal(phase)
                    : $"{TextSanitizer.ForTerminal(phase)}: {string.Join(", ", ProgressText.Parts(state))}{failed}"
            );
        }
    }

    private void Write(RunState state, string line)
    {
        output.WriteLine($"{state.Time:HH:mm:ss} {line}");
        output.Flush();
    }
}
