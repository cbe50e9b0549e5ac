using System.Globalization;
using System.Net;

namespace Migrator.Core.Jobs;

/// <summary>Names a mailbox so that two ways to write it come to the same: host names in any case, with a dot at the end or in punycode;
/// the usual port of IMAP or POP3, with TLS or without; login names in any case.</summary>
/// <remarks>Most servers take login names in any case. Where one does not, two people whose names differ in case alone are taken for one
/// and refused, which the job can overrule; the other way round, their mail would be merged. Another port is another server: behind
/// tunnels, one host name stands for several. Checkpoints and archives keep <see cref="MailServer.Account"/>, which is more literal: what
/// lies there must still be found.</remarks>
public static class MailboxIdentity
{
    private static readonly IdnMapping s_idn = new();

    public static string Of(MailServer server) =>
        $"{server.User.ToLowerInvariant()}@{Host(server.Host)}{(IsUsual(server) ? "" : $":{server.Port}")}";

    /// <summary>The mailbox in an archive.</summary>
    public static string Of(BackupJob job)
    {
        var location = job.Archive.Location.TrimEnd('/', Path.DirectorySeparatorChar);
        var place = job.Archive.IsAzure ? location.ToLowerInvariant() : location;
        var mailbox = job.Mailbox == job.Source.Account ? Of(job.Source) : job.Mailbox;
        return $"{job.Archive.ConnectionString}\n{place}\n{mailbox}";
    }

    private static bool IsUsual(MailServer server) =>
        server.Protocol == MailProtocol.Pop3 ? server.Port is 995 or 110 : server.Port is 993 or 143;

    private static string Host(string host)
    {
        if (IPAddress.TryParse(host, out var address))
            return address.ToString();
        try
        {
            return s_idn.GetAscii(host.TrimEnd('.')).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            // No name of the DNS.
            return host.ToLowerInvariant();
        }
    }
}
