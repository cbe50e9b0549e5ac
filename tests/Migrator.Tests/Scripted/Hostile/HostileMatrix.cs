using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Every behavior of an IMAP server at every command of a run: in full where MIGRATOR_LONG=1, else a sample.</summary>
internal static class HostileMatrix
{
    private static readonly string[] s_appends =
    [
        AppendResultTests.MultiAppend + " NAMESPACE UNSELECT CONDSTORE",
        AppendResultTests.Pipeline + " NAMESPACE UNSELECT",
        AppendResultTests.OneByOne,
        "IMAP4rev1 LITERAL+ MULTIAPPEND NAMESPACE",
        "IMAP4rev1",
    ];

    private static readonly string[] s_sources =
    [
        "IMAP4rev1 NAMESPACE UNSELECT CHILDREN CONDSTORE",
        "IMAP4rev1 NAMESPACE UNSELECT CONDSTORE ENABLE LIST-EXTENDED LIST-STATUS",
        "IMAP4rev1",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> AtSource =>
        [.. HostileBehaviors.All.Where(behavior => behavior.AtSource).Select(behavior => behavior.Name)];

    public static TheoryData<string> AtTarget =>
        [.. HostileBehaviors.All.Where(behavior => behavior.AtTarget).Select(behavior => behavior.Name)];

    public static async Task GoThroughAsync(string name, HostileRoute route)
    {
        var behavior = HostileBehaviors.All.Single(behavior => behavior.Name == name);
        // Which of the many is sampled differs from behavior to behavior, and is the same in every run.
        var sample = new Random(name.Sum(letter => letter));
        var ways = route == HostileRoute.BackupSource ? s_sources : s_appends;
        var (one, fired) = (sample.Next(ways.Length), 0);
        foreach (var (index, capabilities) in ways.Index().OrderBy(way => (way.Index - one + ways.Length) % ways.Length))
        {
            // An honest run shows at how many commands it could be.
            var (positions, _) = await HostileMailbox.RunAsync(behavior, route, capabilities, int.MaxValue, persists: false, Stop);
            var chosen =
                Proof.IsLong
                    ? Enumerable
                        .Range(1, positions)
                        .Where(position => route == HostileRoute.BackupSource || position % ways.Length == index)
                : positions > 0 ? [1 + sample.Next(positions)]
                : [];
            foreach (var position in chosen)
                fired += await AtAsync(behavior, route, capabilities, position, Proof.IsLong || sample.Next(2) == 0);
            if (fired == 0 && positions > 0)
                fired += await AtAsync(behavior, route, capabilities, 1, both: false);
            if (fired > 0 && !Proof.IsLong)
                break;
        }
        Assert.True(fired > 0, "It has no effect at any command.");
    }

    /// <param name="both">Once, and from then on.</param>
    private static async Task<int> AtAsync(HostileBehavior behavior, HostileRoute route, string capabilities, int position, bool both)
    {
        var fired = 0;
        foreach (var persists in behavior.IsSlow || !both ? new[] { false } : [false, true])
        {
            try
            {
                fired += (await HostileMailbox.RunAsync(behavior, route, capabilities, position, persists, Stop)).Fired;
            }
            catch (Exception exception) when (!Stop.IsCancellationRequested)
            {
                var where = $"{route} ({capabilities}), at command {position}{(persists ? " and later" : "")}";
                throw new InvalidOperationException($"{where}: {exception.Message}", exception);
            }
        }
        return fired;
    }
}
