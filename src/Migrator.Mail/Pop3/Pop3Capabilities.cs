using System.Globalization;

namespace Migrator.Mail.Pop3;

/// <summary>What a server says it can do (CAPA, RFC 2449).</summary>
/// <param name="Pipelining">Takes commands before it has answered the last one.</param>
/// <param name="Uidl">Has unique ids.</param>
/// <param name="Top">Gives headers alone.</param>
/// <param name="Tls">Offers STLS.</param>
/// <param name="Mechanisms">SASL mechanisms.</param>
internal sealed record Pop3Capabilities(bool Pipelining, bool Uidl, bool Top, bool Tls, IReadOnlyList<string> Mechanisms)
{
    /// <summary>The least time between two logins (LOGIN-DELAY, RFC 2449, section 6.5).</summary>
    public TimeSpan LoginDelay { get; init; }

    // Seconds. No server needs more than a day.
    private const int MostDelay = 24 * 3600;

    /// <summary>A server without CAPA does not say: what RFC 1939 calls optional is tried, what came later is not there.</summary>
    public static readonly Pop3Capabilities Unsaid = new(Pipelining: false, Uidl: true, Top: true, Tls: true, []);

    public static Pop3Capabilities Parse(IReadOnlyList<string> lines)
    {
        var words = lines
            .Select(line => line.ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(line => line.Length > 0)
            .ToList();
        return new Pop3Capabilities(
            Says("PIPELINING"),
            Says("UIDL"),
            Says("TOP"),
            Says("STLS"),
            [.. words.Where(line => line[0] == "SASL").SelectMany(line => line.Skip(1))]
        )
        {
            LoginDelay = words
                .Where(line => line is ["LOGIN-DELAY", _, ..])
                .Select(line => int.TryParse(line[1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 0)
                .Select(seconds => TimeSpan.FromSeconds(Math.Min(seconds, MostDelay)))
                .FirstOrDefault(),
        };

        bool Says(string name) => words.Exists(line => line[0] == name);
    }
}
