using System.Net;

namespace Migrator.Service.Dashboard.Security;

/// <summary>The one way in with a token: who comes in, who is refused and who is locked out is on record.</summary>
internal sealed class LoginDoor(TokenDoor door, LoginAudit audit)
{
    /// <inheritdoc cref="TokenDoor.Try"/>
    public async Task<Admission> TryAsync(string token, IPAddress? from, string scheme)
    {
        var (admission, way) = (door.Try(token, from, scheme), scheme == DashboardSchemes.Bearer ? "bearer" : "token");
        switch (admission)
        {
            case { Person: { } person } when scheme == DashboardSchemes.Bearer:
                await audit.ProgramEnteredAsync(person, from).ConfigureAwait(false);
                break;
            case { Person: { } person }:
                await audit.EnteredAsync(person.Identity!.Name!, person.FindFirst(System.Security.Claims.ClaimTypes.Role)?.Value, from, way).ConfigureAwait(false);
                break;
            case { TooMany: true }:
                audit.StillLockedOut();
                break;
            default:
                await audit.RefusedAsync(null, from, way, "wrong token").ConfigureAwait(false);
                if (admission.LocksOut)
                    await audit.LockedOutAsync(from, way).ConfigureAwait(false);
                break;
        }
        return admission;
    }
}
