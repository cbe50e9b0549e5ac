namespace Migrator.Core.Archives;

/// <summary>Remembers nothing.</summary>
public sealed class NoArchiveMemory : IArchiveMemory
{
    public static readonly NoArchiveMemory Instance = new();

    public Task<SeenSnapshot?> LastAsync(Guid archive, string mailbox, CancellationToken cancellationToken) =>
        Task.FromResult<SeenSnapshot?>(null);

    public Task<IReadOnlyDictionary<string, SeenSnapshot>> AllAsync(Guid archive, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, SeenSnapshot>>(new Dictionary<string, SeenSnapshot>());

    public Task SawAsync(Guid archive, string mailbox, SeenSnapshot snapshot, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ForgetAsync(Guid archive, string mailbox, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<SeenKey?> KeyAsync(Guid archive, CancellationToken cancellationToken) => Task.FromResult<SeenKey?>(null);

    public Task SawKeyAsync(Guid archive, SeenKey key, CancellationToken cancellationToken) => Task.CompletedTask;
}
