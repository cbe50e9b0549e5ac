using Migrator.Core.Archives;

namespace Migrator.Tests.Archives;

/// <summary>What a machine has seen of archives.</summary>
internal sealed class SeenMemory : IArchiveMemory
{
    private readonly Dictionary<string, SeenSnapshot> _seen = [];
    private SeenKey? _key;

    public Task<SeenSnapshot?> LastAsync(Guid archive, string mailbox, CancellationToken cancellationToken) =>
        Task.FromResult(_seen.GetValueOrDefault(mailbox));

    public Task<IReadOnlyDictionary<string, SeenSnapshot>> AllAsync(Guid archive, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, SeenSnapshot>>(_seen);

    public Task ForgetAsync(Guid archive, string mailbox, CancellationToken cancellationToken)
    {
        _seen.Remove(mailbox);
        return Task.CompletedTask;
    }

    public Task SawAsync(Guid archive, string mailbox, SeenSnapshot snapshot, CancellationToken cancellationToken)
    {
        _seen[mailbox] = snapshot;
        return Task.CompletedTask;
    }

    public Task<SeenKey?> KeyAsync(Guid archive, CancellationToken cancellationToken) => Task.FromResult(_key);

    public Task SawKeyAsync(Guid archive, SeenKey key, CancellationToken cancellationToken)
    {
        _key = key;
        return Task.CompletedTask;
    }
}
