namespace Migrator.Identity.Tokens;

/// <param name="Life">From when it was asked for.</param>
internal sealed record AccessToken(string Value, TimeSpan Life);
