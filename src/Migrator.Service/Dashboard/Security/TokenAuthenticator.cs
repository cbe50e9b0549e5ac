using System.Net;
using System.Security.Claims;

namespace Migrator.Service.Dashboard.Security;

/// <summary>Lets in anyone who has a token, and locks out anyone who guesses.</summary>
internal sealed class TokenAuthenticator(DashboardTokens tokens, Lockout lockout)
{
    /// <param name="from">Who tries.</param>
    public Admission Try(string token, IPAddress? from, string scheme)
    {
        if (lockout.IsLocked(from))
            return new Admission(null, TooMany: true);
        if (tokens.RoleOf(token) is { } role)
            return new Admission(Person(role, "token", scheme), TooMany: false);
        return new Admission(null, TooMany: false, LocksOut: lockout.Failed(from));
    }

    public static ClaimsPrincipal Person(string role, string name, string scheme, params Claim[] more) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), new Claim(ClaimTypes.Role, role), .. more], scheme));
}
