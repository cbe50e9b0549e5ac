using Migrator.Core.Jobs;
using Npgsql;

namespace Migrator.Storage.Postgres;

/// <summary>Who may answer as the database. The library's own default takes TLS where the server offers it and believes any certificate, so
/// that whoever answers gets the password.</summary>
internal static class PostgresTrust
{
    private const string Mode = "SSL Mode";
    private const string Gss = "GSS Encryption Mode";

    /// <summary>What to do about a certificate that is refused.</summary>
    public const string Untrusted =
        "Name the host in the connection string as the certificate does. Where the certificate is not from a public authority, "
        + "give the file with its authority's (PEM) as Root Certificate=FILE.";

    /// <summary>What to do about a server without TLS.</summary>
    public const string NoTls =
        "Turn TLS on at the server (ssl = on, ssl_cert_file, ssl_key_file). If nobody can eavesdrop or answer in its place, "
        + "set SSL Mode=Disable in the connection string.";

    /// <exception cref="ArgumentException">A host is an address to listen on, which leads nowhere.</exception>
    public static void Check(NpgsqlConnectionStringBuilder builder)
    {
        if (
            Remote(builder)
                .FirstOrDefault(host =>
                    System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var address)
                    && (address.Equals(System.Net.IPAddress.Any) || address.Equals(System.Net.IPAddress.IPv6Any))
                ) is
            { } none
        )
            throw new ArgumentException(
                $"the host {none} in the connection string of the database is not the address of a server. Give its name."
            );
    }

    /// <summary>Where the connection string says nothing of TLS and a host is not this machine, the certificate has to be valid for the
    /// host. What it says is the administrator's decision.</summary>
    public static void Settle(NpgsqlConnectionStringBuilder builder)
    {
        if (Remote(builder).Count == 0 || Says(builder, Mode))
            return;
        builder.SslMode = SslMode.VerifyFull;
        // The library tries Kerberos first, and needs no certificate then.
        if (!Says(builder, Gss))
            builder.GssEncryptionMode = GssEncryptionMode.Disable;
    }

    /// <summary>What the connection string sends where nobody proved who answers; null for nothing.</summary>
    public static string? InClear(NpgsqlConnectionStringBuilder builder)
    {
        var remote = Remote(builder);
        if (remote.Count == 0)
            return null;
        var hosts = string.Join(", ", remote);
        var said = $"\"{Mode}={builder.SslMode}\" in the connection string of the database";
        var remedy = $"{Mode}=VerifyFull there, and Root Certificate=FILE where the certificate is not from a public authority";
        return builder.SslMode switch
        {
            SslMode.VerifyFull => null,
            SslMode.VerifyCA when builder.RootCertificate is { Length: > 0 } => null,
            SslMode.VerifyCA => $"Anyone who answers as {hosts} with any certificate of a public authority gets the password and all "
                + $"stored data ({said}). Set {remedy}.",
            SslMode.Require => $"Anyone who answers as {hosts} gets the password and all stored data: no certificate is checked ({said}). "
                + $"Set {remedy}.",
            _ => Core.Jobs.InClear.Line($"The password of the database and all stored data may go ({said})", hosts, remedy),
        };
    }

    /// <summary>Whether a word stands in the connection string, by whichever of its names.</summary>
    private static bool Says(NpgsqlConnectionStringBuilder builder, string word) =>
        builder.Keys.Cast<string>().Contains(word, StringComparer.OrdinalIgnoreCase);

    /// <summary>The hosts that are neither this machine nor a socket in its file system.</summary>
    private static List<string> Remote(NpgsqlConnectionStringBuilder builder) =>
        [
            .. (builder.Host ?? "")
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                .Where(host => host[0] is not ('/' or '@'))
                .Select(WithoutPort)
                .Where(host => !Loopback.Is(host))
                .Distinct(),
        ];

    private static string WithoutPort(string host)
    {
        var port = host.LastIndexOf(':');
        // An IPv6 address without brackets has no port behind it.
        return port < 0 || (host.IndexOf(':') != port && host[port - 1] != ']') ? host : host[..port];
    }
}
