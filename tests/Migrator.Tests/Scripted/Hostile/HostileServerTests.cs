using Migrator.Tests.Scripted;
using Xunit;

namespace Migrator.Tests.Scripted.Hostile;

/// <summary>Whatever an IMAP server does wrong, wherever: the run ends, says "Complete" only of what is there, once and unaltered, and
/// with an honest server the next one makes the copy whole. MIGRATOR_LONG=1 goes through all positions.</summary>
public sealed class HostileServerTests
{
    private static readonly string[] s_appends =
    [
        AppendResultTests.MultiAppend + " NAMESPACE UNSELECT CONDSTORE",
        AppendResultTests.Pipeline + " NAMESPACE UNSELECT",
        AppendResultTests.OneByOne,
        "IMAP4rev1 LITERAL+ MULTIAPPEND NAMESPACE",
        "IMAP4rev1",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> AtSources =>
        [.. HostileBehaviors.All.Where(behavior => behavior.AtSource).Select(behavior => behavior.Name)];

    public static TheoryData<string> AtTargets =>
        [.. HostileBehaviors.All.Where(behavior => behavior.AtTarget).Select(behavior => behavior.Name)];

    [Theory]
    [MemberData(nameof(AtSources))]
    public Task A_source_that_misbehaves_never_makes_a_run_say_what_is_not_so(string behavior) => GoThroughAsync(behavior, atSource: true);

    [Theory]
    [MemberData(nameof(AtTargets))]
    public Task A_target_that_misbehaves_never_makes_a_run_say_what_is_not_so(string behavior) => GoThroughAsync(behavior, atSource: false);

    private static async Task GoThroughAsync(string name, bool atSource)
    {
        var behavior = HostileBehaviors.All.Single(behavior => behavior.Name == name);
        // Which of the many is sampled differs from behavior to behavior, and is the same in every run.
        var sample = new Random(name.Sum(letter => letter));
        var (one, fired) = (sample.Next(s_appends.Length), 0);
        foreach (var (index, capabilities) in s_appends.Index().OrderBy(way => (way.Index - one + s_appends.Length) % s_appends.Length))
        {
            // An honest run shows at how many commands it could be.
            var (positions, _) = await HostileMailbox.RunAsync(behavior, atSource, capabilities, int.MaxValue, persists: false, Stop);
            var chosen =
                Proof.IsLong ? Enumerable.Range(1, positions).Where(position => position % s_appends.Length == index)
                : positions > 0 ? [1 + sample.Next(positions)]
                : [];
            foreach (var position in chosen)
                fired += await AtAsync(behavior, atSource, capabilities, position, Proof.IsLong || sample.Next(2) == 0);
            if (fired == 0 && positions > 0)
                fired += await AtAsync(behavior, atSource, capabilities, 1, both: false);
            if (fired > 0 && !Proof.IsLong)
                break;
        }
        Assert.True(fired > 0, "It has no effect at any command.");
    }

    /// <param name="both">Once, and from then on.</param>
    private static async Task<int> AtAsync(HostileBehavior behavior, bool atSource, string capabilities, int position, bool both)
    {
        var fired = 0;
        foreach (var persists in behavior.IsSlow || !both ? new[] { false } : [false, true])
        {
            try
            {
                fired += (await HostileMailbox.RunAsync(behavior, atSource, capabilities, position, persists, Stop)).Fired;
            }
            catch (Exception exception) when (!Stop.IsCancellationRequested)
            {
                var where = $"{(atSource ? "Source" : "Target")} ({capabilities}), at command {position}{(persists ? " and later" : "")}";
                throw new InvalidOperationException($"{where}: {exception.Message}", exception);
            }
        }
        return fired;
    }
}
