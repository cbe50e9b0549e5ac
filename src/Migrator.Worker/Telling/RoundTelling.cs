using Microsoft.Extensions.Logging;
using Migrator.Core.Jobs;
using Migrator.Core.Rounds;
using Migrator.Worker.Jobs;

namespace Migrator.Worker.Telling;

/// <summary>Tells of each round that is over, by the rules of settings and job.</summary>
public sealed class RoundTelling(IRoundStore store, JobCatalogue catalogue, NotifySettings settings, Messenger messenger, ILogger<RoundTelling> log)
{
    /// <summary>For how long a round is this worker's to tell; where that failed, it is told again after so long. Longer than telling may
    /// take.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);

    /// <summary>For how long after its end it is tried to tell a round.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(3);

    // Of rounds that could not be told to everybody: who was reached, so that they are not told again with the rest.
    private readonly Dictionary<long, HashSet<string>> _reached = [];

    /// <summary>All that wait now.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        // Before the job files are read, it is not known who is to be told.
        if (!catalogue.WasRead)
            return;
        while (await store.ClaimTellingAsync(Lease, cancellationToken).ConfigureAwait(false) is { } round)
        {
            if (await TellAsync(round, cancellationToken).ConfigureAwait(false))
            {
                // Also while going down: it was told.
                await store.ToldAsync(round.Round, CancellationToken.None).ConfigureAwait(false);
                _reached.Remove(round.Round);
            }
        }
    }

    private async Task<bool> TellAsync(RoundStatus round, CancellationToken cancellationToken)
    {
        var occasion = round.Runs.Complete == round.Runs.All ? NotifyOn.Success : NotifyOn.Failure;
        var reached = _reached.GetValueOrDefault(round.Round) ?? [];
        var to = Recipients.Of(settings, catalogue.Find(round.Job)?.Notify, occasion).Except(reached);
        if (to.IsEmpty)
            return true;
        var letter = RoundLetter.Of(round, await store.RunsOfAsync(round.Round, cancellationToken).ConfigureAwait(false), settings.Url);
        if (await store.NowAsync(cancellationToken).ConfigureAwait(false) - letter.Date > Patience)
        {
            foreach (var who in to.Mail.Concat(to.Webhooks.Select(webhook => $"webhook {webhook}")))
                log.GivenUp(who, letter.Subject, Patience.Days);
            return true;
        }
        var answers = await messenger.SendAsync(letter, to, cancellationToken).ConfigureAwait(false);
        log.Answers(letter, answers);
        reached.UnionWith(answers.Where(answer => answer.Wrong is null).Select(answer => answer.Recipient));
        _reached[round.Round] = reached;
        return answers.All(answer => answer.Wrong is null);
    }
}
