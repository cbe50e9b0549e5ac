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

    [LoggerMessage(3001, LogLevel.Information, "Told {Who}: {Subject}")]
    public static partial void Notified(this ILogger log, string who, string subject);

    [LoggerMessage(3002, LogLevel.Warning, "Not told {Who}: {Subject}: {Detail} It is tried again")]
    public static partial void NotNotified(this ILogger log, string who, string subject, string detail);

    [LoggerMessage(3003, LogLevel.Error, "Given up telling {Who}: {Subject}; it was tried for {Days} days")]
    public static partial void GivenUp(this ILogger log, string who, string subject, int days);

    [LoggerMessage(3004, LogLevel.Error, "People cannot be told while the store of rounds does not answer: {Detail} It is tried again")]
    public static partial void NotificationsWait(this ILogger log, string detail);

    [LoggerMessage(3005, LogLevel.Error, "Telling people failed by a fault in Migrator")]
    public static partial void NotifyFailed(this ILogger log, Exception exception);
}
