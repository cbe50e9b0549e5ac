using System.Net;

namespace Migrator.Service.Dashboard.Security;

/// <summary>The one way in with a token: who comes in, who is refused and who is locked out is recorded.</summary>
internal sealed class LoginDoor(TokenAuthenticator door, LoginAudit audit)
{
    /// <inheritdoc cref="TokenAuthenticator.Try"/>
    public async Task<Admission> TryAsync(string token, IPAddress? from, string scheme)
    {
        var (admission, way) = (door.Try(token, from, scheme), scheme == DashboardSchemes.Bearer ? "bearer" : "token");
        switch (admission)
        {
            case { Person: { } person } when scheme == DashboardSchemes.Bearer:
                await audit.ProgramEnteredAsync(person, from);
                break;
            case { Person: { } person }:
                await audit.EnteredAsync(
                    person.Identity!.Name!,
                    person.FindFirst(System.Security.Claims.ClaimTypes.Role)?.Value,
                    from,
                    way
                );
                break;
            case { TooMany: true }:
                audit.StillLockedOut();
                break;
            default:
                await audit.RefusedAsync(null, from, way, "wrong token");
                if (admission.LocksOut)
                    await audit.LockedOutAsync(from, way);
                break;
        }
        return admission;
    }
}
