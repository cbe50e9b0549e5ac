namespace Migrator.Core.Auditing;

/// <summary>What is to be written into the trail. Texts may come from anybody: the trail makes them fit.</summary>
/// <param name="What">What it was done to: job, mailbox, archive, …</param>
/// <param name="Outcome">One of <see cref="AuditOutcome"/>.</param>
/// <param name="Of">The sequence of the line that says that it began; null where there is none.</param>
public sealed record AuditEntry(AuditEvent Event, AuditActor Who, AuditSubject What, string Outcome, string? Detail = null, long? Of = null)
{
    public AuditCut? Cut { get; init; }
}
