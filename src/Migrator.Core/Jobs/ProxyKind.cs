namespace Migrator.Core.Jobs;

public enum ProxyKind
{
    /// <summary>SOCKS version 5 (RFC 1928).</summary>
    Socks5,

    /// <summary>CONNECT (RFC 9110, section 9.3.6).</summary>
    Http,
}
