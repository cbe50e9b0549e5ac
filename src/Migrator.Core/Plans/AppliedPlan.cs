using Migrator.Core.Mail;

namespace Migrator.Core.Plans;

/// <summary>A plan that a run carries out.</summary>
/// <param name="Percent">0 to 100: how many of the messages of a folder may have arrived or gone since the plan was made. With 0, none;
/// with more, <see cref="AtLeast"/> are always accepted.</param>
public sealed record AppliedPlan(MailboxPlan Plan, int Percent)
{
    public const int DefaultPercent = 5;

    public const int AtLeast = 10;

    private readonly Dictionary<FolderPath, PlannedFolder> _folders = Plan.Folders.ToDictionary(folder => folder.Source);

    /// <returns>Null for a folder that is not in the plan.</returns>
    public PlannedFolder? Find(FolderPath source) => _folders.GetValueOrDefault(source);

    /// <returns>Empty where none was planned.</returns>
    public UidSet DeletionsOf(FolderPath source, FolderPath target, UidValidity targetUidValidity) =>
        Plan.Deletions.FirstOrDefault(deletion =>
            deletion.Source == source && deletion.Target == target && deletion.TargetUidValidity == targetUidValidity
        )?.Uids
        ?? UidSet.Empty;

    /// <param name="folder">As planned.</param>
    /// <param name="arrived">Messages that would be delivered and are not planned.</param>
    /// <param name="gone">Messages that are planned and no longer at the source.</param>
    /// <returns>Why the folder is not what the plan was made of; null where it is, or nearly.</returns>
    public string? Drift(PlannedFolder folder, long arrived, long gone)
    {
        var most = Percent == 0 ? 0 : Math.Max(AtLeast, folder.Messages * Percent / 100);
        return arrived + gone > most
            ? $"{folder.Source}: since the plan was made, {arrived:N0} {(arrived == 1 ? "message has" : "messages have")} arrived and "
                + $"{gone:N0} planned {(gone == 1 ? "message has" : "messages have")} gone; at most {most:N0} are accepted "
                + $"({Percent} % of {folder.Messages:N0}{(most == AtLeast ? $", but at least {AtLeast}" : "")})."
            : null;
    }
}
