namespace Migrator.Discovery.Finding;

/// <summary>The domain that a host which receives mail belongs to.</summary>
internal static class ExchangerDomain
{
    // Under a country's code, these stand before the name that somebody has registered: co.uk, com.au, ne.jp.
    private const int LongestCategory = 3;

    /// <returns>Null where none is certain to be registered by one holder: the name autoconfig.co.uk is for anyone to have.</returns>
    public static string? Of(string host)
    {
        var labels = host.ToLowerInvariant().Split('.');
        var count = labels is [.., { Length: <= LongestCategory }, { Length: 2 }] ? 3 : 2;
        return labels.Length > count ? string.Join('.', labels[^count..]) : null;
    }
}
