using System.Text.RegularExpressions;

namespace Migrator.Mail.Connections;

/// <summary>Tells when a server lacks a certificate of this side, or does not accept it. In TLS 1.3, it says so after the handshake is over
/// for this side.</summary>
internal static partial class ClientCertificateRefusal
{
    /// <summary>An alert of TLS about a certificate can only be about that of this side: it is the server that sends it.</summary>
    public static bool Is(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (Alert().IsMatch(exception.Message))
                return true;
        }
        return false;
    }

    /// <summary>What a server says to a login.</summary>
    public static bool Is(string text) => Words().IsMatch(text);

    // "decrypt error" is the answer to a certificate whose authority has the name of the right one.
    [GeneratedRegex(
        @"\balert (?:bad certificate|unsupported certificate|certificate (?:revoked|expired|unknown|required)|unknown ca|decrypt error)\b",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Alert();

    [GeneratedRegex(
        @"\bclient\b.*\bcertificate\b|\bcertificate\b.*\b(?:required|missing|not (?:present|valid|accepted))",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex Words();
}
