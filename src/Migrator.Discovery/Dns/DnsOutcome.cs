namespace Migrator.Discovery.Dns;

/// <summary>What became of a question.</summary>
internal enum DnsOutcome
{
    Answered,

    /// <summary>There is no such name (NXDOMAIN), or it has no record of the kind.</summary>
    Nothing,

    /// <summary>The server failed (SERVFAIL, REFUSED), did not answer, or answered with nonsense: nobody knows what there is.</summary>
    Failed,
}
