using System.Globalization;

namespace Migrator.Tests.Fuzzing;

/// <summary>Gives mutated inputs to a reader, one after the other.</summary>
/// <param name="measuresMemory">Nothing else runs in this process.</param>
internal sealed class FuzzRun(FuzzTarget target, int seed, bool measuresMemory = false)
{
    // Far more than any input takes: a reader that has not ended by then never ends.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    public long Tried { get; private set; }

    public async Task RunAsync(int inputs, CancellationToken stop)
    {
        while (inputs-- > 0)
            await NextAsync(stop);
    }

    public async Task RunAsync(TimeSpan duration, CancellationToken stop)
    {
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < duration; )
            await NextAsync(stop);
    }

    private async Task NextAsync(CancellationToken stop)
    {
        // Each input has a random generator of its own, so that the number of an input is enough to make it again.
        var random = new Random(HashCode(seed, Tried));
        var origin = random.Next(target.Inputs.Count);
        var input = new Mutator(random, target.Tokens).Mutate(target.Inputs[origin], target.Inputs);
        await TryAsync(input, origin, stop);
        Tried++;
    }

    /// <exception cref="FuzzFinding"/>
    public async Task TryAsync(byte[] input, int origin, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_limit);
        var allocated = GC.GetTotalAllocatedBytes();
        try
        {
            // On another thread: one that never ends cannot be cancelled.
            await Task.Run(() => target.ReadAsync(input, origin, limit.Token), limit.Token).WaitAsync(s_limit * 1.5, stop);
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            var what = limit.IsCancellationRequested || exception is TimeoutException ? "does not end" : "fails";
            throw Finding($"{what}: {exception}", input, origin, exception);
        }
        allocated = GC.GetTotalAllocatedBytes() - allocated;
        if (measuresMemory && allocated > target.MostAllocated)
            throw Finding($"allocates {allocated >> 20} MiB", input, origin, null);
    }

    private FuzzFinding Finding(string what, byte[] input, int origin, Exception? exception)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"fuzz-{target.Name}-{origin}-{seed}-{Tried}.bin");
        var file = Path.Combine(Path.GetTempPath(), name);
        File.WriteAllBytes(file, input);
        return new FuzzFinding($"{target.Name}, seed {seed}, input {Tried} of origin {origin} ({file}): {what}", file, exception);
    }

    // HashCode of .NET differs from process to process.
    private static int HashCode(int seed, long number) => unchecked((int)((seed * 1_000_003L) + (number * 7919)));
}
