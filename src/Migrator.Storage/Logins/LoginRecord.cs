using Migrator.Core.Identity;

namespace Migrator.Storage.Logins;

/// <summary>A login as it is encrypted.</summary>
/// <param name="Secret">A refresh token, or a cache of a library that holds it.</param>
internal sealed record LoginRecord(string Server, string Client, string User, string Given, DateTimeOffset Renewed, byte[] Secret)
{
    public StoredLogin Login => new(new LoginKey(Server, Client, User, Given), Renewed);
}
