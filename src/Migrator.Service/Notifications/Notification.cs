using Migrator.Core.Migrations;

namespace Migrator.Service.Notifications;

/// <summary>What is sent: as a mail, and as the body of a webhook.</summary>
/// <param name="Id">The same each time this is sent: anyone who gets it twice can tell.</param>
/// <param name="Date">When it happened.</param>
/// <param name="Json">UTF-8; in the shape of docs/notifications.md.</param>
public sealed record Notification(string Id, string Subject, DateTimeOffset Date, NotificationContent Page, byte[] Json);

/// <summary>What a mail says, however it is shown.</summary>
/// <param name="Good">Whether there is nothing to be done.</param>
/// <param name="Facts">In the order in which they are read.</param>
/// <param name="Link">To where there is more; null where nothing is known.</param>
public sealed record NotificationContent(
    string Title,
    bool Good,
    IReadOnlyList<(string Name, string Value)> Facts,
    IReadOnlyList<NotificationTable> Tables,
    Uri? Link
);

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
