namespace Migrator.Core.Identity;

/// <summary>Keeps refresh tokens, encrypted, for all processes that use them.</summary>
/// <exception cref="Failures.MigratorException">Any method: the store cannot be used, or its key is another one.</exception>
public interface ILoginStore
{
    Task<IReadOnlyList<StoredLogin>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Reads a login, and replaces it. Calls for one login run one after the other, over all processes: many servers accept each
    /// refresh token once, and revoke all of a login where two processes use the same one.</summary>
    /// <param name="change">Gets the secret, or null where nobody has logged in. Returns what replaces it, or null where nothing
    /// does.</param>
    Task<T> ChangeAsync<T>(LoginKey key, Func<byte[]?, Task<(byte[]? Replacement, T Result)>> change, CancellationToken cancellationToken);

    /// <summary>Stores a login in place of any earlier one, also of one that cannot be decrypted any more.</summary>
    /// <param name="secret">Null to find out only whether it could be stored.</param>
    Task PutAsync(LoginKey key, byte[]? secret, CancellationToken cancellationToken);

    /// <summary>Deletes all logins, also those that cannot be decrypted any more.</summary>
    /// <returns>How many there were.</returns>
    Task<int> RemoveAllAsync(CancellationToken cancellationToken);

    /// <returns>Whether it was there.</returns>
    Task<bool> RemoveAsync(LoginKey key, CancellationToken cancellationToken);
}
