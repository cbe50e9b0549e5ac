namespace Migrator.Mail.Connections;

/// <summary>What the mail library counts by itself.</summary>
public static class MailMeters
{
    /// <summary>Of its meters.</summary>
    public static readonly IReadOnlyList<string> Names = [MailKit.Telemetry.ImapClient.MeterName];

    /// <summary>Of an instrument that is not to be listened to: it measures from the machine's start where a connection was lost before it
    /// was closed.</summary>
    public const string Misleading = "mailkit.net.imap.client.connection.duration";

    /// <summary>From now on, what connections do is counted.</summary>
    public static void Enable() => MailKit.Telemetry.Configure();
}
