using Migrator.Core.Migrations;

namespace Migrator.Core.Archives;

/// <summary>Chooses what a restore test reads.</summary>
internal static class TestChoice
{
    private const int MostFailed = 100;

    /// <summary>Half of the mailboxes are those whose last proof is oldest, so that each has its turn; the others are random, so that
    /// nobody can know which are not examined tonight. Those whose last test failed are always among them.</summary>
    public static IReadOnlyList<string> Mailboxes(IReadOnlyDictionary<string, Proof> proofs, int count, Random random)
    {
        var shuffled = proofs.ToArray();
        random.Shuffle(shuffled);
        var failed = shuffled
            .Where(mailbox => mailbox.Value.FailedAt is not null)
            .OrderBy(mailbox => mailbox.Value.FailedAt)
            .Take(MostFailed)
            .Select(mailbox => mailbox.Key)
            .ToList();
        var turn = shuffled
            .OrderBy(mailbox => mailbox.Value.At ?? DateTimeOffset.MinValue)
            .Select(mailbox => mailbox.Key)
            .Except(failed)
            .Take((count + 1) / 2)
            .ToList();
        var others = shuffled.Select(mailbox => mailbox.Key).Except(failed).Except(turn).Take(count - turn.Count);
        return [.. failed, .. turn, .. others];
    }

    /// <summary>Of so many messages, the places of a sample, ascending.</summary>
    public static IReadOnlyList<long> Messages(long all, int count, Random random)
    {
        var chosen = new SortedSet<long>();
        // Of nearly all, those that are left out are chosen: else the last ones would be hard to hit.
        var (draw, inverse) = all - count < count ? (Math.Max(all - count, 0), true) : (count, false);
        while (chosen.Count < draw)
            chosen.Add(random.NextInt64(all));
        return inverse ? [.. Places().Where(place => !chosen.Contains(place))] : [.. chosen];

        IEnumerable<long> Places()
        {
            for (var place = 0L; place < all; place++)
                yield return place;
        }
    }
}
