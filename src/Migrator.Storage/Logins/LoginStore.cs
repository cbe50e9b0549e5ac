using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Migrator.Core.Identity;
using Migrator.Storage.Postgres;

namespace Migrator.Storage.Logins;

/// <inheritdoc/>
/// <remarks>Where logins are and which key they have is found out when the first one is needed: most jobs have none.</remarks>
public sealed class LoginStore : ILoginStore
{
    private readonly Lazy<ILoginTable> _table;
    private readonly Lazy<LoginCipher> _cipher;
    private readonly TimeProvider _time;

    private LoginStore(Func<ILoginTable> table, Func<byte[]> key, TimeProvider time)
    {
        // An error is not kept: what is missing may be there the next time.
        _table = new Lazy<ILoginTable>(table, LazyThreadSafetyMode.PublicationOnly);
        _cipher = new Lazy<LoginCipher>(() => new LoginCipher(key()), LazyThreadSafetyMode.PublicationOnly);
        _time = time;
    }

    /// <param name="database">Shared by all workers; null for files of one machine.</param>
    /// <param name="directory">For files; made with the first login.</param>
    /// <param name="key">What logins are encrypted with.</param>
    public static LoginStore Create(Func<PostgresDatabase?> database, string directory, Func<byte[]> key, TimeProvider time) =>
        new(() => database() is { } shared ? new PostgresLogins(shared) : new LoginFolder(directory), key, time);

    public async Task<IReadOnlyList<StoredLogin>> ListAsync(CancellationToken cancellationToken) =>
        [
            .. (await _table.Value.ListAsync(cancellationToken))
                .Select(row => Read(row.Id, row.Content).Login)
                .OrderBy(login => login.Key.User, StringComparer.Ordinal)
                .ThenBy(login => login.Key.Server, StringComparer.Ordinal),
        ];

    public Task<T> ChangeAsync<T>(
        LoginKey key,
        Func<byte[]?, Task<(byte[]? Replacement, T Result)>> change,
        CancellationToken cancellationToken
    )
    {
        var id = Id(key);
        return _table.Value.ChangeAsync(
            id,
            async content =>
            {
                // Before a token is used up whose successor could not be kept.
                _ = _cipher.Value;
                var (replacement, result) = await change(content is null ? null : Read(id, content).Secret);
                return (replacement is null ? null : Encrypt(id, key, replacement), result);
            },
            cancellationToken
        );
    }

    public Task PutAsync(LoginKey key, byte[]? secret, CancellationToken cancellationToken)
    {
        var id = Id(key);
        return _table.Value.ChangeAsync(
            id,
            earlier =>
            {
                _ = _cipher.Value;
                return Task.FromResult((secret is null ? null : Encrypt(id, key, secret), true));
            },
            cancellationToken
        );
    }

    public Task<bool> RemoveAsync(LoginKey key, CancellationToken cancellationToken) =>
        _table.Value.RemoveAsync(Id(key), cancellationToken);

    public async Task<int> RemoveAllAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var (id, _) in await _table.Value.ListAsync(cancellationToken))
            count += await _table.Value.RemoveAsync(id, cancellationToken) ? 1 : 0;
        return count;
    }

    private byte[] Encrypt(string id, LoginKey key, byte[] secret)
    {
        var record = new LoginRecord(key.Server, key.Client, key.User, key.Given, _time.GetUtcNow(), secret);
        return _cipher.Value.Encrypt(id, JsonSerializer.SerializeToUtf8Bytes(record, LoginJson.Default.LoginRecord));
    }

    private LoginRecord Read(string id, byte[] content) =>
        JsonSerializer.Deserialize(_cipher.Value.Decrypt(id, content, $"a login in {_table.Value.Name}"), LoginJson.Default.LoginRecord)!;

    private static string Id(LoginKey key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', key.Server, key.Client, key.User, key.Given))));
}
