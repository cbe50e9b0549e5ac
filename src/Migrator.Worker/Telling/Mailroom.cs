using Microsoft.Extensions.Logging;

namespace Migrator.Worker.Telling;

/// <summary>Sends what no store keeps for sending, and tries again for as long as this process lives: a digest, a mailbox that is late.</summary>
public sealed class Mailroom(Messenger messenger, TimeProvider time, ILogger<Mailroom> log)
{
    private readonly List<Waiting> _waiting = [];

    public async Task SendAsync(Letter letter, Recipients to, CancellationToken cancellationToken)
    {
        if (!to.IsEmpty)
            await TryAsync(new Waiting(letter, to, time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What could not be sent, once it has waited for as long as a round would.</summary>
    public async Task TryAgainAsync(CancellationToken cancellationToken)
    {
        foreach (var waiting in _waiting.Where(waiting => time.GetUtcNow() - waiting.Tried >= RoundTelling.Lease).ToList())
        {
            _waiting.Remove(waiting);
            if (time.GetUtcNow() - waiting.Letter.Date <= RoundTelling.Patience)
                await TryAsync(waiting, cancellationToken).ConfigureAwait(false);
            else
                log.GivenUp(string.Join(", ", [.. waiting.To.Mail, .. waiting.To.Webhooks]), waiting.Letter.Subject, RoundTelling.Patience.Days);
        }
    }

    private async Task TryAsync(Waiting waiting, CancellationToken cancellationToken)
    {
        var answers = await messenger.SendAsync(waiting.Letter, waiting.To, cancellationToken).ConfigureAwait(false);
        log.Answers(waiting.Letter, answers);
        var rest = waiting.To.Except(answers.Where(answer => answer.Wrong is null).Select(answer => answer.Recipient).ToHashSet(StringComparer.OrdinalIgnoreCase));
        if (!rest.IsEmpty)
            _waiting.Add(new Waiting(waiting.Letter, rest, time.GetUtcNow()));
    }

    private sealed record Waiting(Letter Letter, Recipients To, DateTimeOffset Tried);
}
