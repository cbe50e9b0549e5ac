using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Gives others the rights at the target that they have at the source, folder by folder. Rights are only added: what somebody gave
/// at the target stays. No folder is opened: a folder that is shared with nobody costs one command.</summary>
internal sealed class AccessCopy(RunContext run, IReadOnlyList<FolderCopyState> folders, AccessRules? rules)
{
    private const int MostNotices = 20;
    private const int MostNames = 20;

    // A source may say anything: of each folder, so many entries, and in all, so many names are kept.
    private const int MostEntries = 1000;

    // Of one identifier, in a row. A server that refuses it for one folder mostly does for all, and some end a session over many refusals.
    private const int MostRefusals = 3;

    private readonly HashSet<FolderCopyState> _done = [];
    private readonly Dictionary<string, int> _refusals = [];
    private readonly SortedSet<string> _leftOut = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _given = new(StringComparer.Ordinal);
    private readonly HashSet<FolderPath> _folders = [];
    private int _notices,
        _unnamed;

    /// <summary>What fails is said, and fails nothing else: the mail is there.</summary>
    public async Task RunAsync(SessionPair sessions, CancellationToken stop)
    {
        if (rules is null)
            return;
        try
        {
            await new Retries(run.Time, run.Progress, run.Log).RunAsync(
                sessions,
                "Copying access rights",
                () => CopyAsync(sessions.Source, sessions.Target, stop),
                stop
            );
        }
        catch (MailException exception)
        {
            Notice($"Access rights were not copied: {exception.Message}");
        }
        if (_folders.Count > 0)
            run.Progress.Notice(
                $"Rights on {_folders.Count:N0} folder{(_folders.Count == 1 ? "" : "s")} of the target were given as at the source: "
                    + $"{Names(_given)}."
            );
        if (_leftOut.Count > 0)
            run.Progress.Notice(
                $"Rights of these are not copied: {Names(_leftOut)}. What denies rights never is; of groups and of anyone, "
                    + "what folders.aclIdentifiers names is."
            );
        if (_unnamed > 0)
            run.Progress.Notice($"{_unnamed:N0} further refusals of access rights are not named.");
    }

    private async Task<bool> CopyAsync(IMailSource source, IMailTarget target, CancellationToken stop)
    {
        foreach (
            var folder in folders.Where(folder =>
                folder.Mapping.Source is { Namespace: NamespaceKind.Private, Selectable: true }
                && folder.Failures.Folder is null
                && !_done.Contains(folder)
            )
        )
        {
            try
            {
                if (!await CopyAsync(folder.Mapping, source, target, stop))
                    return false;
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
            {
                Notice($"{folder.Mapping.Target}: access rights were not copied: {exception.Message}");
            }
            _done.Add(folder);
        }
        return true;
    }

    /// <returns>False where one of the servers has no access control lists.</returns>
    private async Task<bool> CopyAsync(FolderMapping mapping, IMailSource source, IMailTarget target, CancellationToken stop)
    {
        if (await source.AccessAsync(mapping.Source.Path, stop) is not { } here)
            return Lacks("source");
        if (here.Entries.Count > MostEntries)
            Notice($"{mapping.Source.Path}: rights of the first {MostEntries:N0} of {here.Entries.Count:N0} entries are copied.");
        List<AccessEntry> entries = [.. here.Entries.Take(MostEntries)];
        foreach (var entry in entries.Where(entry => rules!.IsLeftOut(entry, here)))
            Keep(_leftOut, entry.Identifier);
        List<AccessEntry> wanted = [.. entries.Select(entry => rules!.Of(entry, here)).OfType<AccessEntry>()];
        if (wanted.Count == 0)
            return true;
        if (await target.AccessAsync(mapping.Target, stop) is not { } there)
            return Lacks("target");
        foreach (var entry in wanted.Where(entry => !there.IsOwner(entry.Identifier)))
        {
            if (
                AccessRules.Missing(entry, there) is not { Length: > 0 } missing
                || _refusals.GetValueOrDefault(entry.Identifier) == MostRefusals
                || _refusals.Count == MostEntries
            )
                continue;
            try
            {
                await target.GrantAsync(mapping.Target, entry with { Rights = missing }, stop);
                _refusals.Remove(entry.Identifier);
                Keep(_given, entry.Identifier);
                _folders.Add(mapping.Target);
            }
            catch (MailException exception)
                when (exception.Reason.Scope is FailureScope.Message or FailureScope.Folder or FailureScope.Mailbox)
            {
                var refused = _refusals[entry.Identifier] = _refusals.GetValueOrDefault(entry.Identifier) + 1;
                Notice(
                    $"{mapping.Target}: {entry.Identifier} did not get the rights \"{missing}\": {exception.Message}"
                        + (refused == MostRefusals ? " It gets none on further folders in this run." : "")
                );
            }
        }
        return true;

        bool Lacks(string end)
        {
            run.Progress.Notice($"Access rights are not copied: the {end} has no access control lists (ACL, RFC 4314).");
            return false;
        }
    }

    private static void Keep(SortedSet<string> names, string name)
    {
        if (names.Count <= MostNames)
            names.Add(name);
    }

    private static string Names(SortedSet<string> names) =>
        string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? " and others" : "");

    private void Notice(string text)
    {
        if (_notices++ < MostNotices)
            run.Progress.Notice(text);
        else
            _unnamed++;
    }
}
