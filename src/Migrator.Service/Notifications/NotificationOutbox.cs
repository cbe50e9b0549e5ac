using Microsoft.Extensions.Logging;
using Migrator.Core.JobRuns;

namespace Migrator.Service.Notifications;

/// <summary>Sends letters; who has one already is kept in the store, so that no worker sends it to them again when another cannot be
/// reached.</summary>
public sealed class NotificationOutbox(
    NotificationSender messenger,
    INotificationLedger ledger,
    TimeProvider time,
    ILogger<NotificationOutbox> log
)
{
    /// <summary>For how long something is this worker's to tell; where that failed, it is sent again after so long. Longer than telling may
    /// take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>For how long it is tried.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    /// <summary>Since when letters are tried that not everybody has.</summary>
    private readonly Dictionary<string, DateTimeOffset> _waiting = [];

    /// <returns>Whether nothing is left to be done: everybody has it, or it was tried for long enough.</returns>
    public async Task<bool> SendAsync(Notification notification, Recipients to, CancellationToken cancellationToken)
    {
        Forget();
        var since = _waiting.GetValueOrDefault(notification.Id, time.GetUtcNow());
        // Only asked for, not kept from anybody: the letter is this worker's.
        var without = (
            await ledger.TakeAsync([.. to.All.Select(who => Key(notification, who))], TimeSpan.Zero, cancellationToken)
        ).ToHashSet(StringComparer.Ordinal);
        var answers = await messenger.SendAsync(notification, to.Only(who => without.Contains(Key(notification, who))), cancellationToken);
        foreach (var answer in answers)
            log.DeliveryResult(answer, notification);
        await ledger.DoneAsync(
            [.. answers.Where(answer => answer.Wrong is null).Select(answer => Key(notification, answer.Recipient))],
            CancellationToken.None
        );
        var wrong = answers.Where(answer => answer.Wrong is not null).Select(answer => answer.Who).ToList();
        if (wrong.Count > 0 && time.GetUtcNow() - since < Patience)
        {
            _waiting[notification.Id] = since;
            return false;
        }
        if (wrong.Count > 0)
            log.GivenUp(string.Join(", ", wrong), notification.Subject, Patience.Days);
        _waiting.Remove(notification.Id);
        return true;
    }

    /// <summary>Another worker may have sent it, or it is no longer true.</summary>
    private void Forget()
    {
        foreach (var (id, _) in _waiting.Where(waiting => time.GetUtcNow() - waiting.Value > Patience + Patience).ToList())
            _waiting.Remove(id);
    }

    private static string Key(Notification notification, string recipient) =>
        $"told:{notification.Id}:{NotificationFormat.Hash([recipient])}";
}
