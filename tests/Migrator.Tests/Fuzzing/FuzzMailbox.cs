using Migrator.Core.Failures;
using Migrator.Core.Mail;

namespace Migrator.Tests.Fuzzing;

/// <summary>Calls everything that a source has.</summary>
internal static class FuzzMailbox
{
    private const int MostFolders = 8;

    public static async Task ReadAsync(IMailSource source, CancellationToken stop)
    {
        var folders = await source.ListFoldersAsync(stop);
        Unique(folders.Select(folder => folder.Path), "folder");
        foreach (var folder in folders.Where(folder => folder.Selectable).Take(MostFolders))
        {
            try
            {
                await ReadAsync(source, folder.Path, stop);
            }
            catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder)
            {
                // Another folder may be read.
            }
        }
        await source.ShortfallAsync(stop);
    }

    private static async Task ReadAsync(IMailSource source, FolderPath folder, CancellationToken stop)
    {
        await source.OpenAsync(folder, stop);
        var uids = await source.ListUidsAsync(1, stop);
        await source.ListUidsAsync(3, stop);
        if (!uids.SequenceEqual(uids.Distinct().Order()))
            throw new InvalidOperationException("UIDs do not ascend.");
        var summaries = await source.FetchSummariesAsync(uids, stop);
        Unique(summaries.Select(summary => summary.Uid), "summary");
        Expected(summaries.Select(summary => summary.Uid), uids);
        Expected((await source.FetchFlagsAsync(uids, 0, stop)).Select(flags => flags.Uid), uids);
        Expected((await source.FetchFlagsAsync(uids, 2, stop)).Select(flags => flags.Uid), uids);
        Expected((await source.SizesAsync(uids, stop)).Keys, uids);
        if (source.HasLabels)
            Expected((await source.FetchLabelsAsync(uids, stop)).Select(message => message.Uid), uids);
        await source.FetchAsync(uids, new FuzzSink(uids), stop);
        Expected((await source.FetchSubjectsAsync(uids, stop)).Keys, uids);
    }

    private static void Unique<T>(IEnumerable<T> items, string what)
    {
        var seen = new HashSet<T>();
        foreach (var item in items)
        {
            if (!seen.Add(item))
                throw new InvalidOperationException($"The same {what} twice: {item}");
        }
    }

    private static void Expected(IEnumerable<Uid> said, IReadOnlyList<Uid> asked)
    {
        if (said.Except(asked).ToList() is { Count: > 0 } others)
            throw new InvalidOperationException($"Of UIDs that were not asked for: {string.Join(", ", others)}");
    }
}
