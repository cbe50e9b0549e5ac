using Microsoft.Extensions.Logging;
using Migrator.Core.Failures;

namespace Migrator.Core.Auditing;

/// <summary>Puts on record what somebody does: before it is done, and how it ended.</summary>
public sealed class Auditor(IAuditTrail trail, AuditActor who, ILogger<Auditor> log)
{
    /// <summary>For acts of somebody else.</summary>
    public Auditor As(AuditActor actor) => new(trail, actor, log);

    /// <summary>Does something that changes something. What cannot be put on record is not done.</summary>
    /// <param name="end">How it ended, and what there is to say of it.</param>
    /// <exception cref="StorageException"><see cref="Reason.AuditUnwritable"/>: it was not done. Else what <paramref name="act"/>
    /// throws.</exception>
    public async Task<T> ActAsync<T>(AuditEvent @event, AuditSubject what, Func<Task<T>> act, Func<T, (string Outcome, string? Detail)> end)
    {
        var begun = new AuditEntry(@event, who, what, AuditOutcome.Begun);
        long sequence;
        try
        {
            sequence = (await AppendAsync(begun)).Sequence;
        }
        catch (StorageException exception)
        {
            NotAudited(begun, exception);
            throw new StorageException(
                exception.Reason,
                $"Nothing was done, because it cannot be recorded. {exception.Message}",
                exception
            );
        }
        T result;
        try
        {
            result = await act();
        }
        catch (Exception exception)
        {
            await TryAsync(
                begun with
                {
                    Of = sequence,
                    Outcome = exception is OperationCanceledException ? AuditOutcome.Stopped : AuditOutcome.Failed,
                    Detail = exception.Message,
                }
            );
            throw;
        }
        var (outcome, detail) = end(result);
        await TryAsync(begun with { Of = sequence, Outcome = outcome, Detail = detail });
        return result;
    }

    /// <inheritdoc cref="ActAsync{T}"/>
    public Task ActAsync(AuditEvent @event, AuditSubject what, Func<Task> act) =>
        ActAsync(
            @event,
            what,
            async () =>
            {
                await act();
                return true;
            },
            _ => (AuditOutcome.Done, null)
        );

    /// <summary>Puts on record what has happened already, or what happens whether or not it can be put on record. Where it cannot, the log
    /// says so, and what it was.</summary>
    public Task NoteAsync(AuditEvent @event, AuditSubject what, string outcome, string? detail = null) =>
        TryAsync(new AuditEntry(@event, who, what, outcome, detail));

    private async Task TryAsync(AuditEntry entry)
    {
        try
        {
            await AppendAsync(entry);
        }
        catch (StorageException exception)
        {
            NotAudited(entry, exception);
        }
    }

    private async Task<AuditReceipt> AppendAsync(AuditEntry entry)
    {
        // Not with the act's token: that somebody stops it belongs on record too.
        var receipt = await trail.AppendAsync(entry, CancellationToken.None);
        log.Audited(receipt.Sequence, entry.Event.Name, entry.Who.Kind, entry.Who.Name, entry.Outcome, receipt.Hash);
        return receipt;
    }

    private void NotAudited(AuditEntry entry, StorageException exception) =>
        log.NotAudited(
            entry.Event.Name,
            entry.Who.Kind,
            entry.Who.Name,
            entry.Who.Address ?? entry.Who.Host ?? "",
            entry.Outcome,
            string.Join(", ", entry.What.Select(part => $"{part.Key} {part.Value}")),
            exception.Message
        );
}
