using Migrator.App.Formatting;
using Migrator.Core.Backups;
using Spectre.Console;

namespace Migrator.Cli.Output;

/// <summary>Shows what a run of a backup would do.</summary>
public static class BackupPreflightView
{
    public static void Write(IAnsiConsole console, BackupPreflight preflight, DateTimeOffset? end)
    {
        var (transfer, text) = (preflight.Transfer, new ForecastText(console));
        var opened = preflight.Archive is null ? "Logged in to the source." : "Logged in to the source and opened the archive.";
        text.Line($"Job {transfer.Name}: {transfer.Source} -> {transfer.Target}. {opened} No changes were made.");
        text.Table(preflight.Folders, null, "To store", preflight.Excluded);
        text.Totals(preflight.Folders, preflight.Excluded, copied: "in the last snapshot", coming: "to store");
        if (preflight.Archive is { } archive)
            text.Line(
                $"Archive: {(archive.Format.Encrypted ? "encrypted" : "not encrypted")}; "
                    + $"{Format.Count(preflight.Snapshots, "snapshot")} of this mailbox"
                    + (preflight.Last is { } last ? $", the last on {Format.Moment(last.Time)}." : ".")
            );
        if (preflight.InUse is { } inUse)
            text.Say(Tone.Note, $"{inUse} A run would wait for it.");
        text.DailyLimits(end);
        text.TooLarge(preflight.Folders);
        text.SourceDeletionPolicy(preflight.SourceDeletionPolicy, "archive");
        text.Failures(preflight.Folders);
        text.Say(Tone.Note, preflight.Notices);
        text.Say(Tone.Problem, preflight.Problems);
        if (preflight.Archive is null)
            text.Say(
                Tone.Problem,
                $"There is no archive in {transfer.Target}. Create it with \"migrator archive init\" and this job file."
            );
        else
            text.Verdict(preflight.LeavesMessages);
    }
}
