namespace Migrator.Discovery.Dns;

/// <param name="Detail">A sentence's end for people, such as "there is no such name"; empty where it was answered.</param>
internal sealed record DnsAnswer<T>(DnsOutcome Outcome, IReadOnlyList<T> Records, string Detail);
