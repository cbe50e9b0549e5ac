namespace Migrator.Service.Notifications;

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
