using System.Net;
using System.Text;
using System.Text.Encodings.Web;

namespace Migrator.Core.Redaction;

/// <summary>The ways in which a secret may be written.</summary>
internal static class SecretForms
{
    private static readonly HashSet<string> s_keys = new(StringComparer.OrdinalIgnoreCase)
    {
        "password",
        "pwd",
        "passfile",
        "accountkey",
        "sharedaccesskey",
        "sharedaccesssignature",
        "sig",
        "token",
        "access_token",
        "key",
        "code",
        "secret",
        "apikey",
        "api_key",
        "client_secret",
    };

    public static IEnumerable<string> Of(string secret) => Parts(secret).SelectMany(part => Written(part)).Distinct(StringComparer.Ordinal);

    /// <summary>The whole, and what in it is secret by itself: in a connection string, an address or a signature for shared
    /// access.</summary>
    private static IEnumerable<string> Parts(string secret)
    {
        yield return secret;
        foreach (var (key, value) in Pairs(secret))
        {
            if (!s_keys.Contains(key))
                continue;
            yield return value;
            yield return Uri.UnescapeDataString(value);
            // A signature for shared access has its own pairs.
            foreach (var (inner, signature) in Pairs(value).Where(pair => s_keys.Contains(pair.Key)))
                yield return signature;
        }
        if (!Uri.TryCreate(secret, UriKind.Absolute, out var address) || address.IsFile)
            yield break;
        // The secret of a webhook is often its path, which some libraries write without the host. The path of a database is its name.
        if (address.Scheme is "http" or "https" && address.PathAndQuery.Length > 1)
        {
            yield return address.PathAndQuery;
            // As it was typed: the other one may be escaped.
            if (
                secret.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0
                && secret.IndexOf('/', scheme + 3) is var path and >= 0
            )
                yield return secret[path..];
        }
        if (address.UserInfo.IndexOf(':') is var colon and >= 0)
        {
            yield return address.UserInfo[(colon + 1)..];
            yield return Uri.UnescapeDataString(address.UserInfo[(colon + 1)..]);
        }
    }

    // Each by itself: a password in a connection string may hold what is between the pairs of an address.
    private static IEnumerable<(string Key, string Value)> Pairs(string text) =>
        Pairs(text, ';').Concat(Pairs(text[(text.IndexOf('?') + 1)..], '&'));

    private static IEnumerable<(string Key, string Value)> Pairs(string text, char between) =>
        from pair in text.Split(between)
        let sign = pair.IndexOf('=')
        where sign > 0
        select (pair[..sign].Trim(), pair[(sign + 1)..].Trim().Trim('"', '\''));

    private static IEnumerable<string> Written(string secret)
    {
        yield return secret;
        yield return Uri.EscapeDataString(secret);
        yield return WebUtility.UrlEncode(secret);
        yield return WebUtility.HtmlEncode(secret);
        yield return HtmlEncoder.Default.Encode(secret);
        yield return JavaScriptEncoder.Default.Encode(secret);
        yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        // As IMAP quotes it.
        yield return secret.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        foreach (var form in Base64(secret))
            yield return form;
    }

    /// <summary>Alone, and as part of something longer, such as the user name and password of SASL PLAIN: there it may begin at any of
    /// three places in a group of four, and what its ends share with their neighbours is left out.</summary>
    private static IEnumerable<string> Base64(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return Convert.ToBase64String(bytes);
        for (var before = 0; before < 3; before++)
        {
            var text = Convert.ToBase64String([.. new byte[before], .. bytes]);
            var first = ((before * 8) + 5) / 6;
            var last = (before + bytes.Length) * 8 / 6;
            if (last > first)
                yield return text[first..last];
        }
    }
}
