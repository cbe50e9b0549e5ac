using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication.ExtendedProtection;

namespace Migrator.Mail.Connections;

/// <summary>What a login can be bound to, of a TLS connection.</summary>
internal static class ChannelBindings
{
    // A header of eight numbers of 32 bits stands before the data, which begins with the name of its kind (as on Windows, on every system).
    private const int Header = 32;

    private const int Kind = 11; // "tls-unique:"

    /// <summary><c>tls-unique</c> (RFC 5929): in TLS 1.2 alone, as TLS 1.3 does not have it. Mail servers know it, and
    /// <c>tls-exporter</c>, which .NET does not have; not <c>tls-server-end-point</c>.</summary>
    /// <returns>Null where this system has none.</returns>
    public static byte[]? Unique(SslStream stream)
    {
        if (stream.SslProtocol != System.Security.Authentication.SslProtocols.Tls12)
            return null;
        try
        {
            using var binding = stream.TransportContext.GetChannelBinding(ChannelBindingKind.Unique);
            if (binding is null || binding.IsInvalid || binding.Size <= Header + Kind)
                return null;
            var bytes = new byte[binding.Size - Header - Kind];
            Marshal.Copy(binding.DangerousGetHandle() + Header + Kind, bytes, 0, bytes.Length);
            return bytes;
        }
        catch (Exception exception) when (exception is NotSupportedException or PlatformNotSupportedException)
        {
            return null;
        }
    }
}
