using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;
using Migrator.Core.Failures;

namespace Migrator.Mail.Connections;

/// <summary>Which exceptions are a server's or the network's doing, whatever the protocol.</summary>
internal static class ExceptionClassifier
{
    /// <summary>Whether an exception comes from the server or the network, and not from a fault of our own.</summary>
    public static bool IsMail(Exception exception) =>
        exception
            is MailException
                or ImapCommandException
                or ImapProtocolException
                or SmtpCommandException
                or SmtpProtocolException
                or ServiceNotConnectedException
                or ServiceNotAuthenticatedException
                or FolderNotFoundException
                or FolderNotOpenException
                or IOException
                or SocketException
                or TimeoutException
                or ObjectDisposedException;

    /// <summary>The same of a call of MailKit's IMAP client, which throws more than it says.</summary>
    public static bool IsServers(Exception exception) => IsMail(exception) || IsUnreadable(exception);

    /// <summary>Whether MailKit throws this where it reads what no server should say. What it takes the connection to be at then,
    /// nobody knows.</summary>
    public static bool IsUnreadable(Exception exception) =>
        exception is FormatException or ArgumentException or InvalidCastException or OverflowException or IndexOutOfRangeException;

    public static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;
        return exception.Message.TrimEnd('.');
    }
}
