using Migrator.Core.Failures;
using Migrator.Core.Folders;
using Migrator.Core.Mail;

namespace Migrator.Core.Migrations;

/// <summary>Gives others the rights at the target that they have at the source, folder by folder. Rights are only added: what somebody gave
/// at the target stays. No folder is opened: a folder that is shared with nobody costs one command.</summary>
internal sealed class AccessCopy(RunContext run, IReadOnlyList<FolderCopyState> folders, AccessRules? rules)
{
    private const int MostNotices = 20;

    // Of one identifier, in a row. A server that refuses it for one folder mostly does for all, and some end a session over many refusals.
    private const int MostRefusals = 3;

    private readonly HashSet<FolderCopyState> _done = [];
    private readonly Dictionary<string, int> _refusals = [];
    private readonly SortedSet<string> _leftOut = new(StringComparer.Ordinal);
    private int _given,
        _folders,
        _notices,
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
        if (_given > 0)
            run.Progress.Notice(
                $"{_given:N0} user{(_given == 1 ? "" : "s")} or group{(_given == 1 ? "" : "s")} got rights on "
                    + $"{_folders:N0} folder{(_folders == 1 ? "" : "s")} of the target, as at the source."
            );
        if (_leftOut.Count > 0)
            run.Progress.Notice(
                "Rights of these are not copied: "
                    + string.Join(", ", _leftOut.Take(MostNotices))
                    + (_leftOut.Count > MostNotices ? " and others" : "")
                    + ". What denies rights never is; of groups and of anyone, what folders.aclIdentifiers names is."
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
        _leftOut.UnionWith(here.Entries.Where(entry => rules!.IsLeftOut(entry, here)).Select(entry => entry.Identifier));
        List<AccessEntry> wanted = [.. here.Entries.Select(entry => rules!.Of(entry, here)).OfType<AccessEntry>()];
        if (wanted.Count == 0)
            return true;
        if (await target.AccessAsync(mapping.Target, stop) is not { } there)
            return Lacks("target");
        var before = _given;
        foreach (var entry in wanted.Where(entry => !there.IsOwner(entry.Identifier)))
        {
            if (
                AccessRules.Missing(entry, there) is not { Length: > 0 } missing
                || _refusals.GetValueOrDefault(entry.Identifier) == MostRefusals
            )
                continue;
            try
            {
                await target.GrantAsync(mapping.Target, entry with { Rights = missing }, stop);
                _refusals.Remove(entry.Identifier);
                _given++;
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
        if (_given > before)
            _folders++;
        return true;

        bool Lacks(string end)
        {
            run.Progress.Notice($"Access rights are not copied: the {end} has no access control lists (ACL, RFC 4314).");
            return false;
        }
    }

    private void Notice(string text)
    {
        if (_notices++ < MostNotices)
            run.Progress.Notice(text);
        else
            _unnamed++;
    }
}
