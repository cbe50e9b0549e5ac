namespace Migrator.Service.Notifications;

/// <summary>What is sent: as a mail, and as the body of a webhook.</summary>
/// <param name="Id">The same each time this is sent: anyone who gets it twice can tell.</param>
/// <param name="Date">When it happened.</param>
/// <param name="Json">UTF-8; in the shape of docs/notifications.md.</param>
public sealed record Notification(string Id, string Subject, DateTimeOffset Date, NotificationContent Page, byte[] Json);
