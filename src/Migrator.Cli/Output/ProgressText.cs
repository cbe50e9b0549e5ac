using Migrator.App.Formatting;
using Migrator.App.Progress;
using Migrator.Core.Progress;

namespace Migrator.Cli.Output;

/// <summary>The words for a run in progress.</summary>
public static class ProgressText
{
    /// <summary>"20,123 of 44,123 messages (45%)", "1.4 GiB", "412/s", …; failures are left out.</summary>
    public static IEnumerable<string> Parts(RunState state)
    {
        yield return $"{Format.Count(state.Done)} of {Format.Count(state.Expected, "message")} "
            + $"({Format.Percent(state.Done, state.Expected)}%)";
        yield return Format.Size(state.Bytes);
        yield return Format.PerSecond(state.MessagesPerSecond);
        yield return Format.Size(state.BytesPerSecond) + "/s";
        if (state.Done < state.Expected && state.Eta is { } eta)
            yield return $"about {Format.Duration(eta)} left";
    }

    /// <summary>"Done: INBOX: 12,345 found = 12,000 new + 345 already there".</summary>
    public static string Ended(FolderStatus folder)
    {
        var name = TextSanitizer.ForTerminal(folder.Source.ToString());
        if (folder.Target is null)
            return $"Left out by rule: {name}";
        var renamed = folder.Target == folder.Source ? "" : $" -> {TextSanitizer.ForTerminal(folder.Target.ToString())}";
        var word =
            folder.Phase == FolderPhase.Failed ? "FAILED"
            : folder.Counts.Failed > 0 ? "Incomplete"
            : "Done";
        return $"{word}: {name}{renamed}: {CountsLine.Of(folder.Counts)}";
    }
}
