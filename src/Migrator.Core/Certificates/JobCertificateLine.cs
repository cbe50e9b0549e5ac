namespace Migrator.Core.Certificates;

/// <summary>The certificate of a mailbox, as that of its job names it.</summary>
public sealed record JobCertificateLine(string Mailbox, string? File, string? Source, string? Target, string? Verdict, string? Root);
