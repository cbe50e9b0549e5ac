using Migrator.Core.Failures;

namespace Migrator.Storage.Logins;

/// <summary>Keeps encrypted logins by their ids.</summary>
/// <exception cref="MailException">Any method: it cannot be used.</exception>
internal interface ILoginTable
{
    /// <summary>Where it is, for errors.</summary>
    string Name { get; }

    Task<IReadOnlyList<(string Id, byte[] Content)>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Calls for one id run one after the other, over all processes.</summary>
    Task<T> ChangeAsync<T>(string id, Func<byte[]?, Task<(byte[]? Replacement, T Result)>> change, CancellationToken cancellationToken);

    Task<bool> RemoveAsync(string id, CancellationToken cancellationToken);
}
