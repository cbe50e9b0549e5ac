using Migrator.App.Formatting;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>What a run would do in folders, as text: the same of a migration and of a backup.</summary>
internal sealed class ForecastText(IAnsiConsole console)
{
    private const int MostFolders = 5;

    public void Line(string text) => console.WriteLine(TextSanitizer.ForTerminal(text));

    public void Say(Tone tone, params IEnumerable<string> texts)
    {
        foreach (var text in texts)
        {
            if (tone != Tone.Plain)
                console.Markup(tone == Tone.Note ? "[yellow]Note:[/] " : "[red]Problem:[/] ");
            Line(text);
        }
    }

    /// <param name="target">Title of the column of target folders; null for none.</param>
    /// <param name="coming">Title of the column of what is new.</param>
    public void Table(IReadOnlyList<FolderForecast> folders, string? target, string coming, IReadOnlyList<MailFolder> excluded)
    {
        List<string[]> rows =
        [
            .. folders.Select(folder =>
                (string[])
                    [
                        folder.Source.ToString(),
                        target is null ? "" : $"{folder.Target}{(folder.Exists ? "" : " (new)")}",
                        .. Figures(folder),
                    ]
            ),
            .. excluded.Select(folder =>
                (string[])
                    [
                        folder.Path.ToString(),
                        target is null ? "" : "excluded",
                        folder.State is { } state ? Format.Count(state.Count) : "?",
                        "",
                        target is null ? "excluded" : "",
                        "",
                    ]
            ),
        ];
        if (rows.Count == 0)
            return;
        console.WriteLine();
        new SummaryWriter(console).Table(
            [
                new("Folder", Least: 16),
                new(target ?? "", Least: 16),
                new("Messages", Right: true),
                new("Size", Right: true, Rank: 2),
                new(coming, Right: true),
                new("Size", Right: true, Rank: 1),
            ],
            rows
        );
        console.WriteLine();
    }

    private static IReadOnlyList<string> Figures(FolderForecast folder) =>
        folder.Failure is not null
            ? ["?", "?", "?", "?"]
            :
            [
                Format.Count(folder.Listed),
                Format.Size(folder.Bytes),
                Format.Count(folder.ToCopy.Messages),
                Format.Size(folder.ToCopy.Bytes),
            ];

    public void Totals(IReadOnlyList<FolderForecast> folders, IReadOnlyList<MailFolder> excluded, string copied, string coming)
    {
        var (there, fresh) = (PreflightJson.Sum(folders, folder => folder.Copied), PreflightJson.Sum(folders, folder => folder.ToCopy));
        Line(
            $"{Format.Count(folders.Count, "folder")}, {Format.Count(folders.Sum(folder => folder.Listed), "message")} "
                + $"({Format.Size(folders.Sum(folder => folder.Bytes))}): "
                + $"{Words(there)} {copied}, {Words(fresh)} {coming}."
        );
        if (folders.Sum(folder => folder.FailedBefore) is > 0 and var failed)
            Line($"{Format.Count(failed, "message")} could not be copied by an earlier run; a run tries again.");
        if (folders.Sum(folder => folder.MayBeThere) is > 0 and var maybe)
            Line(
                $"Up to {Format.Count(maybe)} of the messages {coming} may already be there. "
                    + "A run compares their content and does not copy them again."
            );
        if (folders.Sum(folder => folder.RemovedAtTarget) is > 0 and var removed)
            Line(
                $"{Format.Count(removed, "message was", "messages were")} copied earlier and removed from the target since. "
                    + "A run does not copy them again."
            );
        if (folders.Sum(folder => (long)folder.Flags.Count) is > 0 and var flags)
            Line($"{Format.Count(flags, "message has", "messages have")} other flags at the source now. A run carries them over.");
        if (folders.Sum(folder => folder.Differing) is > 0 and var differing)
            Line($"{Format.Count(differing, "message differs", "messages differ")} at the target, as earlier runs reported.");
        if (folders.Sum(folder => folder.Skipped) is > 0 and var skipped)
            Line($"{Format.Count(skipped, "message is", "messages are")} left out by rule.");
        if (folders.Sum(folder => folder.UnknownSizes) is > 0 and var unsized)
            Line($"The source gives no valid size for {Format.Count(unsized, "message")}: the sizes here are minimums.");
        if (excluded.Count > 0)
            Line($"Excluded by rules: {Format.Count(excluded.Count, "folder")}{Held(excluded)}.");
    }

    /// <param name="follow">Null where the job does not follow the source.</param>
    public void Follow(FollowForecast? follow)
    {
        if (follow is null)
            return;
        foreach (var rename in follow.Renames)
            Line($"Follow: {rename.From} would be renamed to {rename.To} at the target.");
        if (follow.Moves > 0)
            Line(
                $"Follow: {Format.Count(follow.Moves, "message")} to copy seem to be moved. Where the content is the same, "
                    + "the copy at the target is moved."
            );
        foreach (var deletion in follow.Deletions.Where(deletion => deletion.Held is null))
            Line(
                $"Follow: {Format.Count(deletion.Uids.Count, "copy", "copies")} of deleted messages in {deletion.Target} would be "
                    + $"{DisplayText.Of(follow.Mode)}."
            );
        foreach (var deletion in follow.Deletions.Where(deletion => deletion.Held is not null))
            Say(Tone.Problem, $"{deletion.Held} They would stay. If they are meant to be deleted, run with --allow-deletions.");
        if (follow.Kept > 0)
            Line($"Follow: {Format.Count(follow.Kept, "copy stays", "copies stay")} although the messages are gone: changed there.");
        if (follow.Problem is { } problem)
            Say(Tone.Problem, $"{problem.Detail} [{problem.Code}] {problem.Hint}");
    }

    /// <returns>Empty where the source does not say it of all of them.</returns>
    private static string Held(IReadOnlyList<MailFolder> excluded) =>
        excluded.Any(folder => folder.State is null)
            ? ""
            : $", {Format.Count(excluded.Sum(folder => (long)folder.State!.Value.Count), "message")}";

    /// <param name="end">When they let a run be complete; null where there are none.</param>
    public void DailyLimits(DateTimeOffset? end)
    {
        if (end is { } last)
            Line($"Daily limits let a run that begins now be complete by about {Format.Moment(last)}; it waits where it has to.");
    }

    public void TooLarge(IReadOnlyList<FolderForecast> folders)
    {
        var large = folders.Where(folder => folder.TooLarge.Messages > 0).ToList();
        if (large.Count == 0)
            return;
        Say(Tone.Problem, $"{Words(PreflightJson.Sum(large, folder => folder.TooLarge))} too large to copy:");
        foreach (var folder in large.Take(MostFolders))
        {
            var more = folder.TooLarge.Messages - folder.FirstTooLarge.Count;
            var named = string.Join(", ", folder.FirstTooLarge.Select(message => $"UID {message.Uid} ({Format.Size(message.Size)})"));
            Line($"  {folder.Source}: {named}{(more > 0 ? $" and {Format.Count(more)} more" : "")}");
        }
        if (large.Count > MostFolders)
            Line($"  and {Format.Count(large.Count - MostFolders, "more folder")}");
    }

    /// <param name="stored">Where the copies are: "target", "archive".</param>
    public void SourceDeletionPolicy(RemovalForecast? removal, string stored)
    {
        if (removal is null)
            return;
        Line(
            $"Deletion at the source after {Format.Count(removal.AfterDays, "day")}: "
                + $"a run would delete {Format.Count(removal.Due, "message")}, each only after its copy in the {stored} has been read back."
        );
        if (removal.TooYoung > 0)
            Line(
                $"  {Format.Count(removal.TooYoung, "message")} not due yet"
                    + $"{(removal.NextDue is { } next ? $", the first on {Format.Moment(next)}" : "")}."
            );
        if (removal.NotStored > 0)
            Line($"  {Format.Count(removal.NotStored, "message")} would stay on the server, because the {stored} would not have them.");
    }

    public void Failures(IReadOnlyList<FolderForecast> folders) =>
        Say(
            Tone.Problem,
            folders
                .Select(folder => folder.Failure)
                .OfType<Failure>()
                .Select(failure => $"{failure.Detail} [{failure.Code}] {failure.Hint}")
        );

    public void Verdict(bool leavesMessages) =>
        console.MarkupLine(
            leavesMessages ? "[red]A run would not be complete.[/] Fix the problems above first." : "[green]Ready to run.[/]"
        );

    private static string Words(MailAmount amount) => $"{Format.Count(amount.Messages, "message")} ({Format.Size(amount.Bytes)})";
}
