using Migrator.Core.Certificates;
using Migrator.Core.Failures;
using Migrator.Core.Mail;
using Migrator.Core.Progress;

namespace Migrator.Core.Migrations;

/// <summary>Reads the target of a migration again, and compares it with what the certificate says of it. Mail that came later does not
/// matter.</summary>
/// <param name="name">Of the certificate's file.</param>
/// <param name="found">Given each difference.</param>
public sealed class CertificateComparison(CertifiedTarget certified, string name, RunProgress progress, Action<CertificateProblem> found)
{
    /// <returns>How many messages were compared.</returns>
    /// <exception cref="MailException">The server could not be reached, or was lost.</exception>
    public async Task<long> RunAsync(IMailSource target, CancellationToken stop)
    {
        var (compared, page, folder) = (0L, new List<(Uid Uid, CertifiedContent Read)>(), (FolderPath?)null);
        var reading = (Reading?)null;
        foreach (var (path, uid, read) in certified.Messages())
        {
            if (path != folder || page.Count == FolderReading.Page)
                await EndPageAsync();
            if (path != folder)
                (folder, reading) = (path, await OpenAsync(target, path, stop));
            page.Add((uid, read));
        }
        await EndPageAsync();
        return compared;

        async Task EndPageAsync()
        {
            if (reading is not null && page.Count > 0)
            {
                await CompareAsync(reading, target, folder!, page, stop);
                compared += page.Count;
            }
            page.Clear();
        }
    }

    private sealed record Reading(FolderReading Folder, UidSet Listed, Dictionary<Uid, ReadMessage> Read);

    /// <returns>Null where nothing of the folder can be compared.</returns>
    private async Task<Reading?> OpenAsync(IMailSource target, FolderPath folder, CancellationToken stop)
    {
        var read = new Dictionary<Uid, ReadMessage>();
        var reading = new FolderReading(progress.Add(folder, folder, 0), message => read[message.Uid] = message);
        try
        {
            var listed = await reading.OpenAsync(target, folder, stop);
            if (certified.Folders.TryGetValue(folder, out var validity) && validity.IsKnown && validity != reading.UidValidity)
            {
                Report($"{folder}: the server has renumbered or recreated the folder since (UIDVALIDITY {reading.UidValidity})");
                return null;
            }
            return new Reading(reading, listed, read);
        }
        catch (MailException exception) when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder)
        {
            Report($"{folder}: cannot be read: {exception.Message}");
            return null;
        }
    }

    private async Task CompareAsync(
        Reading reading,
        IMailSource target,
        FolderPath folder,
        List<(Uid Uid, CertifiedContent Read)> page,
        CancellationToken stop
    )
    {
        reading.Read.Clear();
        await reading.Folder.ReadPageAsync(target, [.. page.Select(message => message.Uid).Where(reading.Listed.Contains)], stop);
        foreach (var (uid, expected) in page)
        {
            if (!reading.Read.TryGetValue(uid, out var actual))
            {
                Report($"{folder} {uid}: the message is no longer there");
                continue;
            }
            var differs = new List<string>();
            if (actual.Content != expected.Content)
                differs.Add("content");
            if (expected.Flags is { } flags && flags != actual.Flags)
                differs.Add($"flags ({flags} then, {actual.Flags} now)");
            if (expected.Date is { } date && date.ToUnixTimeSeconds() != actual.Date.ToUnixTimeSeconds())
                differs.Add("date");
            if (differs.Count > 0)
                Report($"{folder} {uid}: changed since: {string.Join(", ", differs)}");
        }
    }

    private void Report(string detail) => found(new CertificateProblem(CertificateProblem.TargetChanged, name, detail));
}
