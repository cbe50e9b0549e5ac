using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using Migrator.Core.Discovery;
using Migrator.Core.Jobs;

namespace Migrator.Discovery.Autoconfig;

/// <summary>Reads the file by which Thunderbird is configured (config-v1.1.xml). Anyone who can answer for the domain may have written
/// it.</summary>
internal static partial class AutoconfigReader
{
    /// <summary>Bytes, and characters: the longest in Mozilla's database has some 6,000.</summary>
    public const int Longest = 64 * 1024;

    private const int MostServers = 20,
        LongestUser = 320;

    public static AutoconfigAnswer Read(Stream file, MailboxAddress address)
    {
        XElement? root;
        try
        {
            // No entities, no other files: nothing that grows, and nothing that reads from elsewhere.
            using var reader = XmlReader.Create(
                file,
                new XmlReaderSettings
                {
                    DtdProcessing = DtdProcessing.Prohibit,
                    XmlResolver = null,
                    MaxCharactersInDocument = Longest,
                    MaxCharactersFromEntities = 1,
                    IgnoreComments = true,
                    IgnoreProcessingInstructions = true,
                }
            );
            root = XDocument.Load(reader).Root;
        }
        catch (Exception exception) when (exception is XmlException or ArgumentException)
        {
            // XmlReader throws the latter, too, at a declaration that is longer than what it reads at once.
            return AutoconfigAnswer.Refused("it cannot be read as XML");
        }
        if (root is not { Name.LocalName: "clientConfig" })
            return AutoconfigAnswer.Refused("it is not a file for mail programs");
        List<AutoconfigServer> servers =
        [
            .. root.Elements()
                .Where(provider => provider.Name.LocalName == "emailProvider")
                .SelectMany(provider => provider.Elements())
                .Where(server => server.Name.LocalName == "incomingServer")
                .Take(MostServers)
                .Select(server => Server(server, address))
                .OfType<AutoconfigServer>(),
        ];
        return servers.Count > 0 ? AutoconfigAnswer.Of(servers) : AutoconfigAnswer.Refused("the file names no server that can be used");
    }

    /// <returns>Null for one that cannot be used, as the file is written for programs that know more protocols, too.</returns>
    private static AutoconfigServer? Server(XElement server, MailboxAddress address)
    {
        MailProtocol? protocol = server.Attribute("type")?.Value.Trim().ToLowerInvariant() switch
        {
            "imap" => MailProtocol.Imap,
            "pop3" => MailProtocol.Pop3,
            _ => null,
        };
        TlsMode? tls = Text("socketType")?.ToUpperInvariant() switch
        {
            "SSL" => TlsMode.Implicit,
            "STARTTLS" => TlsMode.StartTls,
            "PLAIN" => TlsMode.None,
            _ => null,
        };
        var host = Filled("hostname") is { } named ? MailboxAddress.ToAscii(named) : null;
        var user = Filled("username");
        var methods = server.Elements().Where(element => element.Name.LocalName == "authentication").Select(Trimmed).ToList();
        return
            protocol is null
            || tls is null
            || host is null
            || user is not { Length: > 0 and <= LongestUser }
            || user.Any(char.IsControl)
            || !ushort.TryParse(Text("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port == 0
            ? null
            : new AutoconfigServer(
                protocol.Value,
                host,
                port,
                tls.Value,
                user,
                NeedsToken: methods.Count > 0 && methods.TrueForAll(method => method.Equals("OAuth2", StringComparison.OrdinalIgnoreCase))
            );

        string? Text(string name) =>
            server.Elements().FirstOrDefault(element => element.Name.LocalName == name) is { } one ? Trimmed(one) : null;

        // What is still in percent signs is a variable that only Thunderbird knows.
        string? Filled(string name) =>
            Text(name) is { } text && Variable().Replace(text, match => Value(match.Value)) is var filled && !Other().IsMatch(text)
                ? filled
                : null;

        string Value(string variable) =>
            variable switch
            {
                "%EMAILADDRESS%" => address.Text,
                "%EMAILLOCALPART%" => address.LocalPart,
                _ => address.Domain,
            };
    }

    private static string Trimmed(XElement element) => element.Value.Trim();

    [GeneratedRegex("%EMAILADDRESS%|%EMAILLOCALPART%|%EMAILDOMAIN%")]
    private static partial Regex Variable();

    [GeneratedRegex("%(?!EMAILADDRESS%|EMAILLOCALPART%|EMAILDOMAIN%)[A-Z]+%")]
    private static partial Regex Other();
}
