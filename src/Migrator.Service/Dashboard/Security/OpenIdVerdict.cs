namespace Migrator.Service.Dashboard.Security;

/// <param name="Role">Null where the person may not even look.</param>
/// <param name="User">The person, by the claim that identifies them.</param>
/// <param name="Why">Why not; null where the person is allowed in.</param>
internal sealed record OpenIdVerdict(string? Role, string User, string? Why);
