namespace Migrator.Core.Jobs;

public enum TlsMode
{
    /// <summary>TLS from the first byte, usually on port 993, POP3 on 995 (RFC 8314).</summary>
    Implicit,

    /// <summary>TLS by STARTTLS (STLS in POP3, RFC 2595), usually on port 143, POP3 on 110; no login without it.</summary>
    StartTls,

    /// <summary>No protection: anyone who listens on the way reads password and mail.</summary>
    None,
}
