namespace Migrator.Core.Jobs;

/// <summary>Says what would cross a network unencrypted, to whom, and what to set against it: a line for people, or null where nothing
/// does.</summary>
public static class InClear
{
    /// <param name="setting">Where its TLS is set, for people.</param>
    public static string? Of(MailServer server, string setting)
    {
        if (server.Tls != TlsMode.None || server.StaysLocal)
            return null;
        // Auto takes what the server offers, and anyone who is in between can make that the password itself.
        var sends =
            server.User.Length > 0 && server.Auth is AuthMethod.Auto or AuthMethod.Login or AuthMethod.Plain
                ? "The password and all mail go"
                : "All mail goes";
        return Line(sends, $"{server.Host}:{server.Port}", $"{setting} to \"implicit\" or \"starttls\"");
    }

    /// <summary>Of the proxy that a server is reached through: its protocols have no TLS of this kind.</summary>
    public static string? OfProxy(MailServer server) =>
        server.Proxy is { User.Length: > 0 } proxy && !Loopback.Is(proxy.Host)
            ? Line(
                "The password for the proxy goes",
                $"{proxy.Host}:{proxy.Port}",
                "\"proxy\" to one on this machine or in a trusted network"
            )
            : null;

    /// <param name="what">What is sent there, with its verb: "The token goes".</param>
    /// <param name="remedy">What to set.</param>
    public static string? Of(Uri address, string what, string remedy) =>
        address.Scheme == Uri.UriSchemeHttp && !Loopback.Is(address.Host) ? Line(what, address.Authority, remedy) : null;

    /// <inheritdoc cref="Of(Uri, string, string)"/>
    /// <param name="whom">Who gets it: a host.</param>
    public static string Line(string what, string whom, string remedy) =>
        $"{what} unencrypted to {whom} and can be read in transit. Set {remedy}.";
}
