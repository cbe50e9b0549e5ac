using Migrator.Core.Migrations;

namespace Migrator.Service.Notifications;

/// <param name="Rows">As many as are shown; each as long as <paramref name="Columns"/>.</param>
/// <param name="All">How many there are.</param>
public sealed record NotificationTable(string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, int All)
{
    /// <summary>A mail is read, not searched: the attachment and the dashboard have the rest.</summary>
    public const int MostRows = 50;

    public static NotificationTable Of<T>(
        string title,
        IReadOnlyList<string> columns,
        IReadOnlyCollection<T> all,
        Func<T, IReadOnlyList<string>> row
    ) => new(title, columns, [.. all.Take(MostRows).Select(row)], all.Count);
}
