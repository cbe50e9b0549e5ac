using Microsoft.Extensions.Logging;

namespace Migrator.Worker.Telling;

/// <summary>Sends letters, and knows of those that could not be sent to everybody who has them already.</summary>
public sealed class Mailroom(Messenger messenger, TimeProvider time, ILogger<Mailroom> log)
{
    /// <summary>For how long something is this worker's to tell; where that failed, it is told again after so long. Longer than telling may
    /// take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>For how long it is tried.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    private readonly Dictionary<string, Waiting> _waiting = [];

    /// <returns>Whether nothing is left to be done: everybody has it, or it was tried for long enough.</returns>
    public async Task<bool> SendAsync(Letter letter, Recipients to, CancellationToken cancellationToken)
    {
        Forget();
        var waiting = _waiting.GetValueOrDefault(letter.Id) ?? new Waiting(time.GetUtcNow(), new HashSet<string>(StringComparer.OrdinalIgnoreCase));
        var answers = await messenger.SendAsync(letter, to.Except(waiting.Reached), cancellationToken).ConfigureAwait(false);
        foreach (var answer in answers)
            log.Answer(answer, letter);
        waiting.Reached.UnionWith(answers.Where(answer => answer.Wrong is null).Select(answer => answer.Recipient));
        var wrong = answers.Where(answer => answer.Wrong is not null).Select(answer => answer.Who).ToList();
        if (wrong.Count > 0 && time.GetUtcNow() - waiting.Since < Patience)
        {
            _waiting[letter.Id] = waiting;
            return false;
        }
        if (wrong.Count > 0)
            log.GivenUp(string.Join(", ", wrong), letter.Subject, Patience.Days);
        _waiting.Remove(letter.Id);
        return true;
    }

    /// <summary>Another worker may have told it, or it is no longer true.</summary>
    private void Forget()
    {
        foreach (var (id, _) in _waiting.Where(waiting => time.GetUtcNow() - waiting.Value.Since > Patience + Patience).ToList())
            _waiting.Remove(id);
    }

    private sealed record Waiting(DateTimeOffset Since, HashSet<string> Reached);
}
