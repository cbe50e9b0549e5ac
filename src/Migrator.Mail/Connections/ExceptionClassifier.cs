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

    public static string Innermost(Exception exception)
    {
        while (exception.InnerException is { } inner)
            exception = inner;
        return exception.Message.TrimEnd('.');
    }
}
