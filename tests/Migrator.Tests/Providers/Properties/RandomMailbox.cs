using System.Globalization;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Providers.Properties;

/// <summary>A mailbox in which things happen at random, by the hand of its user.</summary>
/// <param name="imap">The user's session.</param>
/// <param name="flags">That the user sets.</param>
internal abstract class RandomMailbox(RawImap imap, RandomLetters letters, Random random, IReadOnlyList<string> flags) : IAsyncDisposable
{
    /// <summary>A property of so many mailboxes: the same each time, so that a failure is one of the product. The variable
    /// MIGRATOR_TEST_SEED chooses the first.</summary>
    /// <param name="holds">Given its chance, and the seed of that.</param>
    public static async Task EachAsync(int count, Func<Random, int, Task> holds)
    {
        var first = int.Parse(Environment.GetEnvironmentVariable("MIGRATOR_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);
        foreach (var seed in Enumerable.Range(first, count))
        {
            try
            {
                await holds(new Random(seed), seed);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Said here, as a fault that has not fired yet hides it.
                TestContext.Current.TestOutputHelper?.WriteLine($"MIGRATOR_TEST_SEED={seed}: {exception}");
                throw;
            }
        }
    }

    protected RawImap Imap => imap;

    protected Random Chance => random;

    /// <summary>What a copy has to bring: of each folder its messages, by the folder's name here.</summary>
    public abstract Task<IReadOnlyDictionary<string, IReadOnlyList<MailboxContent.Message>>> ShownAsync();

    public abstract Task CreateAsync();

    public async Task ChangeAsync(int times)
    {
        for (; times > 0; times--)
            await ChangeAsync();
    }

    public ValueTask DisposeAsync() => imap.DisposeAsync();

    protected abstract Task ChangeAsync();

    protected Task AppendAsync(string folder) => imap.AppendAsync(folder, letters.Next(), Flags(), letters.Date());

    protected string Flags() => string.Join(' ', flags.Where(_ => random.Next(4) == 0));

    protected Task FlagAsync(uint uid) =>
        imap.RunAsync($"UID STORE {uid} {(random.Next(2) == 0 ? '+' : '-')}FLAGS ({flags[random.Next(flags.Count)]})");

    protected T Of<T>(IReadOnlyList<T> some) => some[random.Next(some.Count)];

    /// <summary>Opens the folder.</summary>
    /// <returns>One of its messages; null where it is empty.</returns>
    protected async Task<uint?> PickAsync(string folder)
    {
        await imap.RunAsync($"SELECT {RawImap.Name(folder)}");
        var uids = (await imap.RunAsync("UID SEARCH ALL"))
            .Where(response => response.Text.StartsWith("* SEARCH", StringComparison.Ordinal))
            .SelectMany(response => response.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(2))
            .Select(uid => uint.Parse(uid, CultureInfo.InvariantCulture))
            .ToList();
        return uids.Count == 0 ? null : Of(uids);
    }
}
