namespace Migrator.Core.Providers;

/// <summary>Names of folders at the top that hold calendars, contacts and the like, in one language.</summary>
/// <param name="Calendar">A mailbox in this language has this one,</param>
/// <param name="Contacts">this one,</param>
/// <param name="Tasks">and this one. A mailbox that lacks one of them is in another language, where the same word may be a folder of
/// mail.</param>
/// <param name="Others">Those that it may have besides.</param>
public sealed record FoldersWithoutMail(string Calendar, string Contacts, string Tasks, params IReadOnlyList<string> Others)
{
    /// <param name="atTop">The names of a mailbox's folders at the top.</param>
    /// <returns>Those of them that hold no mail; what is below them holds none either.</returns>
    public IEnumerable<string> In(IReadOnlySet<string> atTop) =>
        atTop.Contains(Calendar) && atTop.Contains(Contacts) && atTop.Contains(Tasks)
            ? Others.Where(atTop.Contains).Concat([Calendar, Contacts, Tasks])
            : [];
}
