using System.Security.Claims;

namespace Migrator.Service.Dashboard.Security;

/// <param name="Person">Null where the token is wrong.</param>
/// <param name="TooMany">So many were wrong that this one was not examined.</param>
/// <param name="LocksOut">This one was wrong, and one too many: those that follow are not examined.</param>
internal sealed record Admission(ClaimsPrincipal? Person, bool TooMany, bool LocksOut = false);
