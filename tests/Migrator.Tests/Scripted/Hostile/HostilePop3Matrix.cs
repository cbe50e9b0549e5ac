using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Every behavior of a POP3 server at every command of a run that deletes what it has stored: in full where MIGRATOR_LONG=1,
/// else a sample.</summary>
internal static class HostilePop3Matrix
{
    private static readonly string[] s_capabilities =
    [
        "USER,UIDL,TOP,PIPELINING",
        "USER,UIDL,TOP",
        "SASL PLAIN,UIDL,PIPELINING",
        "USER,TOP",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Behaviors => [.. HostilePop3Behaviors.All.Select(behavior => behavior.Name)];

    public static async Task GoThroughAsync(string name, Func<IDestination> destination)
    {
        var behavior = HostilePop3Behaviors.All.Single(behavior => behavior.Name == name);
        var sample = new Random(name.Sum(letter => letter));
        var (one, fired) = (sample.Next(s_capabilities.Length), 0);
        foreach (var capabilities in s_capabilities.Skip(one).Concat(s_capabilities.Take(one)))
        {
            var (positions, _) = await HostilePop3Mailbox.RunAsync(behavior, destination(), capabilities, int.MaxValue, false, Stop);
            var chosen =
                Proof.IsLong ? Enumerable.Range(1, positions)
                : positions > 0 ? [1 + sample.Next(positions)]
                : [];
            foreach (var position in chosen)
                fired += await AtAsync(behavior, destination, capabilities, position, both: Proof.IsLong || sample.Next(2) == 0);
            if (fired == 0 && positions > 0)
                fired += await AtAsync(behavior, destination, capabilities, 1, both: true);
            if (fired > 0 && !Proof.IsLong)
                break;
        }
        Assert.True(fired > 0, "It has no effect at any command.");
    }

    /// <param name="both">Once, and from then on.</param>
    private static async Task<int> AtAsync(
        HostilePop3Behavior behavior,
        Func<IDestination> destination,
        string capabilities,
        int position,
        bool both
    )
    {
        var fired = 0;
        foreach (var persists in behavior.IsSlow || !both ? new[] { false } : [false, true])
        {
            try
            {
                fired += (await HostilePop3Mailbox.RunAsync(behavior, destination(), capabilities, position, persists, Stop)).Fired;
            }
            catch (Exception exception) when (!Stop.IsCancellationRequested)
            {
                var where = $"({capabilities}), at command {position}{(persists ? " and later" : "")}";
                throw new InvalidOperationException($"{where}: {exception.Message}", exception);
            }
        }
        return fired;
    }
}
