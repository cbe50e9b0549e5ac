namespace Migrator.Mail.Connecting;

/// <summary>What the mail library counts by itself: connections and commands.</summary>
public static class MailMeters
{
    /// <summary>Of its meters.</summary>
    public static readonly IReadOnlyList<string> Names = [MailKit.Telemetry.ImapClient.MeterName, MailKit.Telemetry.Pop3Client.MeterName, MailKit.Telemetry.Socket.MeterName];

    /// <summary>From now on, connections that are opened are counted.</summary>
    public static void Enable() => MailKit.Telemetry.Configure();
}
