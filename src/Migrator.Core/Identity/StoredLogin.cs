namespace Migrator.Core.Identity;

/// <summary>A login in the store, without its secret.</summary>
/// <param name="Renewed">When somebody logged in, or when the server last replaced the refresh token.</param>
public sealed record StoredLogin(LoginKey Key, DateTimeOffset Renewed);
