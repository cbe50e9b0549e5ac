using Microsoft.Extensions.Logging;

namespace Migrator.Service.Notifications;

/// <summary>What is logged of telling people. Event ids are stable.</summary>
internal static partial class NotificationLog
{
    public static void DeliveryResult(this ILogger log, DeliveryResult answer, Notification notification)
    {
        if (answer.Wrong is { } wrong)
            log.NotNotified(answer.Who, notification.Subject, wrong);
        else
            log.Notified(answer.Who, notification.Subject);
    }

    [LoggerMessage(3001, LogLevel.Information, "Notified {Who}: {Subject}")]
    public static partial void Notified(this ILogger log, string who, string subject);

    [LoggerMessage(3002, LogLevel.Warning, "Could not notify {Who}: {Subject}: {Detail} Retrying")]
    public static partial void NotNotified(this ILogger log, string who, string subject, string detail);

    [LoggerMessage(3003, LogLevel.Error, "Giving up on notifying {Who} after {Days} days: {Subject}")]
    public static partial void GivenUp(this ILogger log, string who, string subject, int days);

    [LoggerMessage(3004, LogLevel.Error, "Cannot send notifications: the run database is unavailable: {Detail} Retrying")]
    public static partial void NotificationsWait(this ILogger log, string detail);

    [LoggerMessage(3005, LogLevel.Error, "Notifying failed because of an internal error in Migrator")]
    public static partial void NotifyFailed(this ILogger log, Exception exception);
}
