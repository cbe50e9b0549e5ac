using Migrator.App.Formatting;
using Migrator.App.Output;
using Migrator.Core.Backups;
using Migrator.Core.Mail;
using Migrator.Core.Migrations;

namespace Migrator.Cli.Output;

/// <summary>What a run would do, for a program (docs/output.md).</summary>
public static class PreflightJson
{
    /// <param name="end">When a run that begins now is complete, as far as daily limits hold it up; null where none does.</param>
    /// <param name="plan">Where it was written; null for a check.</param>
    public static JsonLine Line(Preflight preflight, DateTimeOffset? end, ReportPaths? plan = null)
    {
        var line = new JsonLine(plan is null ? "check" : "plan")
        {
            { "job", preflight.Job },
            { "source", preflight.Source },
            { "target", preflight.Target },
            { "sourceServer", preflight.SourceServer },
            { "targetServer", preflight.TargetServer },
            { "folders", preflight.Folders.Select(Folder) },
            { "excluded", preflight.Plan.Excluded.Select(folder => folder.Path).ToList() },
            { "total", Total(preflight.Folders) },
            { "sourceProvider", preflight.Providers.Source.Name },
            { "targetProvider", preflight.Providers.Target.Name },
            { "maxSize", preflight.Traits.MaxSize },
            { "maxBatch", preflight.Traits.MaxBatch },
            { "leavesMessages", preflight.LeavesMessages },
            { "completeBy", end },
            { "notices", preflight.Notices },
            { "problems", preflight.Plan.Obstacles },
        };
        if (preflight.Quotas is { } quotas)
            line.Add("quotas", quotas.Select(Quota));
        else
            line.Add("quotas", (string?)null);
        if (preflight.Follow is { } follow)
            line.Add("follow", Follow(follow));
        else
            line.Add("follow", (string?)null);
        if (plan is not null)
        {
            line.Add("jsonFile", plan.Json);
            line.Add("htmlFile", plan.Html);
        }
        return WithRemoval(line, preflight.SourceDeletionPolicy);
    }

    private static JsonFields Follow(FollowForecast follow) =>
        new()
        {
            { "renames", follow.Renames.Select(rename => new JsonFields { { "from", rename.From }, { "to", rename.To } }) },
            { "moves", (long?)follow.Moves },
            {
                "deletions",
                follow.Deletions.Select(deletion => new JsonFields
                {
                    { "source", deletion.Source },
                    { "target", deletion.Target },
                    { "messages", (long?)deletion.Uids.Count },
                    { "held", deletion.Held },
                })
            },
            { "kept", (long?)follow.Kept },
            { "problem", follow.Problem },
        };

    /// <inheritdoc cref="Line(Preflight, DateTimeOffset?, ReportPaths?)"/>
    public static JsonLine Line(BackupPreflight preflight, DateTimeOffset? end) =>
        WithRemoval(
            new JsonLine("check")
            {
                { "job", preflight.Transfer.Name },
                { "source", preflight.Transfer.Source },
                { "target", preflight.Transfer.Target },
                { "exists", preflight.Archive is not null },
                { "encrypted", preflight.Archive?.Format.Encrypted },
                { "snapshots", preflight.Snapshots },
                { "lastSnapshot", preflight.Last?.Time },
                { "inUse", preflight.InUse },
                { "folders", preflight.Folders.Select(Folder) },
                { "excluded", preflight.Excluded.Select(folder => folder.Path).ToList() },
                { "total", Total(preflight.Folders) },
                { "leavesMessages", preflight.LeavesMessages },
                { "completeBy", end },
                { "notices", preflight.Notices },
                { "problems", preflight.Problems },
            },
            preflight.SourceDeletionPolicy
        );

    private static JsonFields Folder(FolderForecast folder) =>
        new()
        {
            { "source", folder.Source },
            { "target", folder.Target },
            { "exists", folder.Exists },
            { "messages", folder.Failure is null ? folder.Listed : default(long?) },
            { "bytes", folder.Failure is null ? folder.Bytes : default(long?) },
            { "copied", Amount(folder.Copied) },
            { "toCopy", Amount(folder.ToCopy) },
            { "mayBeThere", (long?)folder.MayBeThere },
            { "failedBefore", (long?)folder.FailedBefore },
            { "unknownSizes", (long?)folder.UnknownSizes },
            { "removedAtTarget", (long?)folder.RemovedAtTarget },
            { "skipped", (long?)folder.Skipped },
            { "flags", (long?)folder.Flags.Count },
            { "differing", (long?)folder.Differing },
            { "tooLarge", Amount(folder.TooLarge) },
            { "firstTooLarge", folder.FirstTooLarge.Select(Large) },
            { "maxSize", folder.MaxSize },
            { "failure", folder.Failure },
        };

    private static JsonFields Large(LargeMessage message) => new() { { "uid", (Uid?)message.Uid }, { "size", (long?)message.Size } };

    private static JsonFields Total(IReadOnlyList<FolderForecast> folders) =>
        new()
        {
            { "messages", (long?)folders.Sum(folder => folder.Listed) },
            { "copied", Amount(Sum(folders, folder => folder.Copied)) },
            { "toCopy", Amount(Sum(folders, folder => folder.ToCopy)) },
            { "mayBeThere", (long?)folders.Sum(folder => folder.MayBeThere) },
            { "tooLarge", Amount(Sum(folders, folder => folder.TooLarge)) },
        };

    internal static MailAmount Sum(IEnumerable<FolderForecast> folders, Func<FolderForecast, MailAmount> amount) =>
        folders.Aggregate(default(MailAmount), (sum, folder) => sum + amount(folder));

    private static JsonFields Amount(MailAmount amount) =>
        new() { { "messages", (long?)amount.Messages }, { "bytes", (long?)amount.Bytes } };

    private static JsonFields Quota(QuotaForecast quota)
    {
        var fields = new JsonFields
        {
            { "root", quota.Quota.Root },
            { "verdict", quota.Verdict },
            { "coming", Amount(quota.Coming) },
        };
        Add("storage", quota.Quota.Storage);
        Add("messages", quota.Quota.Messages);
        return fields;

        void Add(string name, QuotaUse? use)
        {
            if (use is { } known)
                fields.Add(name, new JsonFields { { "used", (long?)known.Used }, { "limit", (long?)known.Limit } });
            else
                fields.Add(name, (string?)null);
        }
    }

    private static JsonLine WithRemoval(JsonLine line, RemovalForecast? removal)
    {
        if (removal is null)
            line.Add("removal", (string?)null);
        else
            line.Add(
                "removal",
                new JsonFields
                {
                    { "afterDays", removal.AfterDays },
                    { "due", (long?)removal.Due },
                    { "tooYoung", (long?)removal.TooYoung },
                    { "nextDue", removal.NextDue },
                    { "notStored", (long?)removal.NotStored },
                }
            );
        return line;
    }
}
